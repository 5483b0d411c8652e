/**
 * The tables of commands and flags, which the parser, the help and the shell
 * completions read.
 *
 * @module
 */

import type { Command } from "./args.ts";

/** A flag of the command line. */
export interface FlagSpec {
  /** Long name, without dashes. */
  name: string;
  /** Other spellings, long and short, without dashes. */
  aliases: readonly string[];
  /** What its value is called in the help; absent for a switch. */
  value?: string;
  /** The environment variable it is bound to. */
  env?: string;
  /** One line of help. */
  help: string;
}

/** Flags that work with every command. */
export const GLOBAL_FLAGS = [
  {
    name: "format",
    aliases: ["o"],
    value: "FORMAT",
    env: "RPAI_FORMAT",
    help: "output format: table, wide, json, yaml, markdown",
  },
  {
    name: "rpai-config",
    aliases: ["c", "config"],
    value: "PATH",
    env: "RPAI_CONFIG",
    help: "config file (default ~/.rpai/config)",
  },
  {
    name: "rpai-endpoint",
    aliases: ["s", "endpoint"],
    value: "URL",
    help: "AI gateway URL for this invocation",
  },
  {
    name: "rpai-profile",
    aliases: ["p", "profile"],
    value: "NAME",
    env: "RPAI_PROFILE",
    help: "profile of the config file",
  },
  {
    name: "token",
    aliases: [],
    value: "TOKEN",
    env: "RPAI_TOKEN",
    help: "static bearer token; prefer the variable: argv is public",
  },
  {
    name: "no-color",
    aliases: [],
    env: "NO_COLOR",
    help: "no colours",
  },
  {
    name: "rpai-verbose",
    aliases: ["v", "verbose"],
    env: "RPAI_VERBOSE",
    help: "debug log on stderr, secrets redacted",
  },
  { name: "help", aliases: ["h"], help: "show help" },
] as const satisfies readonly FlagSpec[];

/** Flags of a launch. */
export const LAUNCH_FLAGS = [
  {
    name: "llmprovider",
    aliases: ["L"],
    value: "NAME",
    help: "provider to route through (anthropic or bedrock)",
  },
  {
    name: "model",
    aliases: ["m"],
    value: "ID",
    help: "model id, '?' to choose; omit to let Claude Code pick",
  },
  {
    name: "passthrough",
    aliases: [],
    help: "force passthrough mode when the provider cannot be read",
  },
  {
    name: "bedrock",
    aliases: [],
    help: "force Bedrock mode when the provider cannot be read",
  },
  {
    name: "relay",
    aliases: [],
    help: "carry the gateway's credential in a loopback relay",
  },
  {
    name: "no-relay",
    aliases: [],
    help: "no relay, whatever the profile says",
  },
  {
    name: "claude-config-dir",
    aliases: [],
    value: "DIR",
    help: "run against this CLAUDE_CONFIG_DIR; never written into",
  },
  {
    name: "print-settings",
    aliases: [],
    help: "print what a launch would do, then exit",
  },
  {
    name: "quiet",
    aliases: ["q"],
    help: "no notes on settings that the launch overrides",
  },
] as const satisfies readonly FlagSpec[];

/** Flags of whatever needs a token from `client_credentials`. */
export const CLIENT_FLAGS = [
  {
    name: "client-id",
    aliases: [],
    value: "ID",
    env: "RPAI_CLIENT_ID",
    help: "client of auth_mode client_credentials",
  },
  {
    name: "client-secret-file",
    aliases: [],
    value: "PATH",
    env: "RPAI_CLIENT_SECRET_FILE",
    help: "file with its secret, which else is RPAI_CLIENT_SECRET",
  },
] as const satisfies readonly FlagSpec[];

const VERSION_FLAG: FlagSpec = {
  name: "version",
  aliases: [],
  help: "show the version",
};
const WITH_LOGIN_FLAG: FlagSpec = {
  name: "with-login",
  aliases: [],
  help: "sign in first, at an embedded issuer",
};
const NO_BROWSER_FLAG: FlagSpec = {
  name: "no-browser",
  aliases: [],
  help: "only show the address and the code",
};
const ALL_FLAG: FlagSpec = {
  name: "all",
  aliases: [],
  help: "every login and minted token",
};
const REFRESH_WITHIN_FLAG: FlagSpec = {
  name: "refresh-within",
  aliases: [],
  value: "DURATION",
  help: "least time it must be valid: 90, 90s, 5m, 1h (default 60s)",
};

/** Flags of `profile add`. */
export const PROFILE_FLAGS = [
  {
    name: "ai-gateway-url",
    aliases: [],
    value: "URL",
    help: "URL of the AI gateway",
  },
  {
    name: "auth-mode",
    aliases: [],
    value: "MODE",
    help: "device, rpk, client_credentials, token or none",
  },
  {
    name: "llm-provider",
    aliases: [],
    value: "NAME",
    help: "default of --llmprovider",
  },
  {
    name: "description",
    aliases: [],
    value: "TEXT",
    help: "what the profile is for",
  },
  {
    name: "from",
    aliases: [],
    value: "NAME",
    help: "copy this profile first",
  },
] as const satisfies readonly FlagSpec[];

const PROBE_FLAG: FlagSpec = {
  name: "probe",
  aliases: [],
  help: "launch Claude Code against an embedded gateway, and see what arrives",
};

/** Flags of a launch that an examination of one has a use for. */
const DOCTOR_FLAGS: readonly FlagSpec[] = LAUNCH_FLAGS.filter(({ name }) =>
  name !== "print-settings" && name !== "quiet"
);

const MODEL_FLAG: FlagSpec = LAUNCH_FLAGS[1];

/** Every flag. */
export const ALL_FLAGS: readonly FlagSpec[] = [
  ...GLOBAL_FLAGS,
  ...LAUNCH_FLAGS,
  ...CLIENT_FLAGS,
  ...PROFILE_FLAGS,
  VERSION_FLAG,
  WITH_LOGIN_FLAG,
  NO_BROWSER_FLAG,
  ALL_FLAG,
  REFRESH_WITHIN_FLAG,
  PROBE_FLAG,
];

/** A command as the help and the parser know it. */
export interface CommandSpec {
  /** The words that select it; none for the launch. */
  words: readonly string[];
  /** Which command that is. */
  kind: Command["kind"];
  /** Words that follow: `[NAME]` may be left out, `a|b` is a choice. */
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
    flags: [...LAUNCH_FLAGS, ...CLIENT_FLAGS, VERSION_FLAG],
    help: "launch Claude Code through the gateway",
  },
  {
    words: ["run", "claude"],
    kind: "launch",
    flags: [...LAUNCH_FLAGS, ...CLIENT_FLAGS],
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
    flags: [PROBE_FLAG, ...DOCTOR_FLAGS, ...CLIENT_FLAGS],
    help: "what keeps this machine from a launch, and what to do",
  },
  {
    words: ["auth", "login"],
    kind: "auth-login",
    flags: [NO_BROWSER_FLAG],
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
    flags: CLIENT_FLAGS,
    help: "who is signed in; exit code 0 or 3",
  },
  {
    words: ["auth", "token"],
    kind: "auth-token",
    flags: [REFRESH_WITHIN_FLAG, ...CLIENT_FLAGS],
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
    flags: [],
    help: "show what is in force, and where each value comes from",
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
    flags: [...PROFILE_FLAGS, MODEL_FLAG],
    help: "add a profile",
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
    flags: CLIENT_FLAGS,
    help: "list the gateway's providers, and what each does for Claude Code",
  },
  {
    words: ["provider", "get"],
    kind: "provider",
    names: ["NAME"],
    flags: CLIENT_FLAGS,
    help: "show a provider: its mode, models, region and URL",
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

/** What completion scripts call; not for people, so in no list. */
export const COMPLETE_COMMAND: CommandSpec = {
  words: ["__complete"],
  kind: "complete",
  names: ["SHELL"],
  flags: [],
  help: "complete the command line behind --",
};

/** Other spellings of a command's first word. */
export const WORD_ALIASES: Readonly<Record<string, string>> = {
  env: "profile",
  "llm-provider": "provider",
  llm: "provider",
  lp: "provider",
};

/** A first word in its own spelling. */
export function unaliased(word: string): string {
  return Object.hasOwn(WORD_ALIASES, word) ? WORD_ALIASES[word] : word;
}

/** Flags that were given, by long name. Not merged with the environment. */
export interface Flags {
  /** `--format` */
  format?: string;
  /** `--rpai-config` */
  "rpai-config"?: string;
  /** `--rpai-endpoint` */
  "rpai-endpoint"?: string;
  /** `--rpai-profile` */
  "rpai-profile"?: string;
  /** `--token` */
  token?: string;
  /** `--no-color` */
  "no-color"?: boolean;
  /** `--rpai-verbose` */
  "rpai-verbose"?: boolean;
  /** `--llmprovider` */
  llmprovider?: string;
  /** `--model` */
  model?: string;
  /** `--passthrough` */
  passthrough?: boolean;
  /** `--bedrock` */
  bedrock?: boolean;
  /** `--relay` */
  relay?: boolean;
  /** `--no-relay` */
  "no-relay"?: boolean;
  /** `--claude-config-dir` */
  "claude-config-dir"?: string;
  /** `--print-settings` */
  "print-settings"?: boolean;
  /** `--quiet` */
  quiet?: boolean;
  /** `--probe` */
  probe?: boolean;
  /** `--client-id` */
  "client-id"?: string;
  /** `--client-secret-file` */
  "client-secret-file"?: string;
  /** `--with-login` */
  "with-login"?: boolean;
  /** `--no-browser` */
  "no-browser"?: boolean;
  /** `--all` */
  all?: boolean;
  /** `--refresh-within` */
  "refresh-within"?: string;
  /** `--ai-gateway-url` */
  "ai-gateway-url"?: string;
  /** `--auth-mode` */
  "auth-mode"?: string;
  /** `--llm-provider` */
  "llm-provider"?: string;
  /** `--description` */
  description?: string;
  /** `--from` */
  from?: string;
}

/** `--client-id` and `--client-secret-file`. */
export function clientFlags(
  flags: Flags,
): { id?: string; secretFile?: string } {
  return {
    id: flags["client-id"],
    secretFile: flags["client-secret-file"],
  };
}

/** How a command is typed. */
export function commandName(spec: CommandSpec): string {
  return ["ai-claude", ...spec.words].join(" ");
}
