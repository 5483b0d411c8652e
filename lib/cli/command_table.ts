/**
 * The table of commands, which the parser, the help and the shell completions
 * read.
 *
 * @module
 */

import {
  type Flags,
  flagsNamed,
  type FlagSpec,
  LAUNCH_FLAGS,
  LOGIN_FLAGS,
  TOKEN_FLAGS,
} from "../profile/flags.ts";
import type { Command } from "./command.ts";

/** A command as the help and the parser know it. */
export interface CommandSpec {
  /** The words that select it; none for the launch. */
  words: readonly string[];
  /** Which command that is. */
  kind: Command["kind"];
  /**
   * Words that follow: `[NAME]` may be left out, `a|b` is a choice, the last may
   * be many: `NAME...`.
   */
  names?: readonly string[];
  /** Flags besides the global ones. */
  flags: readonly FlagSpec[];
  /** One line of help. */
  help: string;
}

/** Flags of commands that ask the gateway. */
const GATEWAY_FLAGS = [...flagsNamed("timeout"), ...TOKEN_FLAGS];

/** Launch flags that a shim can carry. */
const SHIM_FLAGS = [
  ...LAUNCH_FLAGS.filter(({ name }) => name !== "print-settings"),
  ...GATEWAY_FLAGS,
];

/** A flag as `profile add` has it: for the profile, and without its variable. */
function inProfile(name: keyof Flags, help: string): FlagSpec {
  return { ...flagsNamed(name)[0], env: undefined, help };
}

/** Flags of `profile add`: one for each key, and `--from`. */
const PROFILE_FLAGS = [
  ...flagsNamed("ai-gateway-url"),
  inProfile("auth-mode", "device, rpk, client_credentials, token or none"),
  inProfile("llmprovider", "provider of launches that name none"),
  inProfile("model", "model of launches that name none"),
  inProfile("relay", "launch with the relay"),
  inProfile("no-relay", "launch without the relay"),
  inProfile("quiet", "launch as with --quiet"),
  ...flagsNamed("description"),
  inProfile("issuer", "sign-in server (default Redpanda Cloud)"),
  inProfile("client-id", "public client there, with which people sign in"),
  inProfile("audience", "audience of its tokens"),
  inProfile("organization", "which login, when there are several"),
  ...flagsNamed("from"),
];

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    words: [],
    kind: "launch",
    flags: [...LAUNCH_FLAGS, ...GATEWAY_FLAGS, ...flagsNamed("version")],
    help: "launch Claude Code through the gateway",
  },
  {
    words: ["run", "claude"],
    kind: "launch",
    flags: [...LAUNCH_FLAGS, ...GATEWAY_FLAGS],
    help: "the same, spelled as in `rpk ai`",
  },
  {
    words: ["demo"],
    kind: "demo",
    flags: flagsNamed("with-login"),
    help: "all three modes against an embedded gateway on loopback",
  },
  {
    words: ["doctor"],
    kind: "doctor",
    names: ["[SHIM]"],
    flags: [
      ...flagsNamed("probe"),
      ...SHIM_FLAGS.filter(({ name }) => name !== "quiet"),
    ],
    help: "find what would stop a launch, and how to fix it",
  },
  {
    words: ["auth", "login"],
    kind: "auth-login",
    flags: flagsNamed("no-browser", "auth-mode"),
    help: "sign in through the browser",
  },
  {
    words: ["auth", "logout"],
    kind: "auth-logout",
    flags: flagsNamed("all"),
    help: "forget the profile's login",
  },
  {
    words: ["auth", "status"],
    kind: "auth-status",
    flags: TOKEN_FLAGS,
    help: "who is signed in; exit code 0 or 3",
  },
  {
    words: ["auth", "token"],
    kind: "auth-token",
    flags: [...flagsNamed("refresh-within"), ...TOKEN_FLAGS, ...LOGIN_FLAGS],
    help: "print a gateway token that is valid now",
  },
  {
    words: ["profile", "list"],
    kind: "profile",
    flags: [],
    help: "list the profiles",
  },
  {
    words: ["profile", "show"],
    kind: "profile",
    names: ["[NAME]"],
    flags: flagsNamed("auth-mode"),
    help: "show the values in force, and where each comes from",
  },
  {
    words: ["profile", "use"],
    kind: "profile",
    names: ["NAME"],
    flags: [],
    help: "make a profile the current one",
  },
  {
    words: ["profile", "add"],
    kind: "profile",
    names: ["NAME"],
    flags: PROFILE_FLAGS,
    help: "add a profile",
  },
  {
    words: ["profile", "set"],
    kind: "profile",
    names: ["NAME", "KEY=VALUE..."],
    flags: [],
    help: "change what `profile show` lists of a profile; KEY= removes a key",
  },
  {
    words: ["profile", "delete"],
    kind: "profile",
    names: ["NAME"],
    flags: [],
    help: "delete a profile",
  },
  {
    words: ["profile", "rename"],
    kind: "profile",
    names: ["OLD", "NEW"],
    flags: [],
    help: "rename a profile",
  },
  {
    words: ["provider", "list"],
    kind: "provider",
    flags: [...flagsNamed("name-contains"), ...GATEWAY_FLAGS],
    help: "list the gateway's providers, and how Claude Code can use each",
  },
  {
    words: ["provider", "get"],
    kind: "provider",
    names: ["NAME"],
    flags: GATEWAY_FLAGS,
    help: "show a provider: its mode, models, region and URL",
  },
  {
    words: ["provider", "models"],
    kind: "provider",
    names: ["[NAME]"],
    flags: GATEWAY_FLAGS,
    help: "list the models that a provider allows",
  },
  {
    words: ["provider", "check"],
    kind: "provider",
    names: ["[NAME]"],
    flags: [...flagsNamed("model"), ...GATEWAY_FLAGS],
    help: 'send a model the word "ping" for an answer of one token, and say ' +
      "whether it came",
  },
  {
    words: ["shim"],
    kind: "shim",
    names: ["PATH"],
    flags: SHIM_FLAGS,
    help: "write a `claude` for editors, SDKs and scripts, through the gateway",
  },
  {
    words: ["completions"],
    kind: "completions",
    names: ["bash|zsh|fish"],
    flags: [],
    help: "print a shell's completion script",
  },
  { words: ["version"], kind: "version", flags: [], help: "show the version" },
  { words: ["help"], kind: "help", flags: [], help: "show help" },
];

/** Called by the completion scripts and by shims, so not listed. */
export const HIDDEN_COMMANDS: readonly CommandSpec[] = [
  {
    words: ["__complete"],
    kind: "complete",
    names: ["SHELL"],
    flags: [],
    help: "complete the command line after --",
  },
  {
    words: ["__shim"],
    kind: "run-shim",
    flags: SHIM_FLAGS,
    help: "launch Claude Code with the arguments after --",
  },
];

/** Other first words for a command or a group. */
export const ALIASES: Readonly<Record<string, readonly string[]>> = {
  profile: ["env", "environment"],
  provider: ["llm-provider", "llm-providers", "llm", "lp"],
  "provider models": ["models"],
  "auth login": ["login"],
  "auth logout": ["logout"],
  "auth status": ["status"],
  completions: ["completion"],
};

/** The words that an alias stands for; any other word as it is. */
export function unaliased(word: string): readonly string[] {
  const found = Object.entries(ALIASES)
    .find(([, aliases]) => aliases.includes(word));
  return found === undefined ? [word] : found[0].split(" ");
}

/** How a command is typed. */
export function commandName(spec: CommandSpec): string {
  return ["ai-claude", ...spec.words].join(" ");
}
