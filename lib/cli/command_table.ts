/**
 * The table of commands, which the parser, the help and the shell completions
 * read.
 *
 * @module
 */

import type { Command } from "./command.ts";
import {
  ALL_FLAG,
  AUTH_MODE_FLAG,
  DOCTOR_FLAGS,
  type FlagSpec,
  LAUNCH_FLAGS,
  LOGIN_FLAGS,
  MODEL_FLAG,
  NAME_CONTAINS_FLAG,
  NO_BROWSER_FLAG,
  PROBE_FLAG,
  PROFILE_FLAGS,
  REFRESH_WITHIN_FLAG,
  SHIM_FLAGS,
  TIMEOUT_FLAG,
  TOKEN_FLAGS,
  VERSION_FLAG,
  WITH_LOGIN_FLAG,
} from "./flag_table.ts";

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

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    words: [],
    kind: "launch",
    flags: [...LAUNCH_FLAGS, TIMEOUT_FLAG, ...TOKEN_FLAGS, VERSION_FLAG],
    help: "launch Claude Code through the gateway",
  },
  {
    words: ["run", "claude"],
    kind: "launch",
    flags: [...LAUNCH_FLAGS, TIMEOUT_FLAG, ...TOKEN_FLAGS],
    help: "the same, spelled as in `rpk ai`",
  },
  {
    words: ["demo"],
    kind: "demo",
    flags: [WITH_LOGIN_FLAG],
    help: "all three modes against an embedded gateway on loopback",
  },
  {
    words: ["doctor"],
    kind: "doctor",
    names: ["[SHIM]"],
    flags: [PROBE_FLAG, ...DOCTOR_FLAGS, TIMEOUT_FLAG, ...TOKEN_FLAGS],
    help: "find what would stop a launch, and how to fix it",
  },
  {
    words: ["auth", "login"],
    kind: "auth-login",
    flags: [NO_BROWSER_FLAG, AUTH_MODE_FLAG],
    help: "sign in through the browser",
  },
  {
    words: ["auth", "logout"],
    kind: "auth-logout",
    flags: [ALL_FLAG],
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
    flags: [REFRESH_WITHIN_FLAG, ...TOKEN_FLAGS, ...LOGIN_FLAGS],
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
    flags: [AUTH_MODE_FLAG],
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
    flags: [NAME_CONTAINS_FLAG, TIMEOUT_FLAG, ...TOKEN_FLAGS],
    help: "list the gateway's providers, and how Claude Code can use each",
  },
  {
    words: ["provider", "get"],
    kind: "provider",
    names: ["NAME"],
    flags: [TIMEOUT_FLAG, ...TOKEN_FLAGS],
    help: "show a provider: its mode, models, region and URL",
  },
  {
    words: ["provider", "models"],
    kind: "provider",
    names: ["[NAME]"],
    flags: [TIMEOUT_FLAG, ...TOKEN_FLAGS],
    help: "list the models that a provider allows",
  },
  {
    words: ["provider", "check"],
    kind: "provider",
    names: ["[NAME]"],
    flags: [MODEL_FLAG, TIMEOUT_FLAG, ...TOKEN_FLAGS],
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

/** Called by the completion scripts, so not listed. */
export const COMPLETE_COMMAND: CommandSpec = {
  words: ["__complete"],
  kind: "complete",
  names: ["SHELL"],
  flags: [],
  help: "complete the command line after --",
};

/** Called by a shim, so not listed. */
export const RUN_SHIM_COMMAND: CommandSpec = {
  words: ["__shim"],
  kind: "run-shim",
  flags: SHIM_FLAGS,
  help: "launch Claude Code with the arguments after --",
};

/** Other spellings of a command or a group, as its first word. */
export const ALIASES: Readonly<Record<string, readonly string[]>> = {
  env: ["profile"],
  environment: ["profile"],
  "llm-provider": ["provider"],
  "llm-providers": ["provider"],
  llm: ["provider"],
  lp: ["provider"],
  models: ["provider", "models"],
  login: ["auth", "login"],
  logout: ["auth", "logout"],
  status: ["auth", "status"],
  completion: ["completions"],
};

/** The words that an alias stands for; any other word as it is. */
export function unaliased(word: string): readonly string[] {
  return Object.hasOwn(ALIASES, word) ? ALIASES[word] : [word];
}

/** How a command is typed. */
export function commandName(spec: CommandSpec): string {
  return ["ai-claude", ...spec.words].join(" ");
}
