/**
 * The table of flags, which the parser, the help and the shell completions read.
 *
 * @module
 */

/** A flag of the command line. */
export interface FlagSpec {
  /** Long name, without dashes. */
  name: string;
  /** Other spellings, long and short, without dashes. */
  aliases: readonly string[];
  /** Name of its value in the help; absent for a switch. */
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
    aliases: ["p", "profile", "rpai-environment", "environment"],
    value: "NAME",
    env: "RPAI_PROFILE",
    help: "profile of the config file",
  },
  {
    name: "token",
    aliases: [],
    value: "TOKEN",
    env: "RPAI_TOKEN",
    help: "static bearer token; other users see it: prefer the variable",
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

/** `--timeout` of commands that ask the gateway */
export const TIMEOUT_FLAG: FlagSpec = {
  name: "timeout",
  aliases: [],
  value: "DURATION",
  help: "longest wait for an answer of the gateway (default 5s)",
};

/** Flags of a launch. */
export const LAUNCH_FLAGS = [
  {
    name: "llmprovider",
    aliases: ["L", "llm-provider"],
    value: "NAME",
    help: "provider to route through (anthropic or bedrock)",
  },
  {
    name: "model",
    aliases: ["m"],
    value: "ID",
    help: "model id; in a launch '?' to choose, none to let Claude Code pick",
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
    help: "no relay, even if the profile asks for one",
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
    help: "no notes on overridden settings, nor on how to resume",
  },
] as const satisfies readonly FlagSpec[];

/** `--auth-mode` */
export const AUTH_MODE_FLAG = {
  name: "auth-mode",
  aliases: [],
  value: "MODE",
  env: "RPAI_AUTH_MODE",
  help: "device, rpk, client_credentials, token or none",
} as const satisfies FlagSpec;

/** Flags of commands that need a token. */
export const TOKEN_FLAGS = [
  AUTH_MODE_FLAG,
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
    help: "file with its secret (default: the value of RPAI_CLIENT_SECRET)",
  },
] as const satisfies readonly FlagSpec[];

/** `--version` */
export const VERSION_FLAG: FlagSpec = {
  name: "version",
  aliases: [],
  help: "show the version",
};
/** `--with-login` of `demo` */
export const WITH_LOGIN_FLAG: FlagSpec = {
  name: "with-login",
  aliases: [],
  help: "sign in first, at an embedded issuer",
};
/** `--no-browser` of `auth login` */
export const NO_BROWSER_FLAG: FlagSpec = {
  name: "no-browser",
  aliases: [],
  help: "open no browser, only show the address and the code",
};
/** `--all` of `auth logout` */
export const ALL_FLAG: FlagSpec = {
  name: "all",
  aliases: [],
  help: "forget all logins and minted tokens",
};
/** `--refresh-within` of `auth token` */
export const REFRESH_WITHIN_FLAG: FlagSpec = {
  name: "refresh-within",
  aliases: [],
  value: "DURATION",
  help: "shortest lifetime left: 90, 90s, 5m, 1h (default 60s)",
};

/** Flags with which a launch names the login whose token `auth token` prints. */
export const LOGIN_FLAGS = [
  {
    name: "issuer",
    aliases: [],
    value: "URL",
    help: "print the token of this login, whatever the profile says",
  },
  {
    name: "audience",
    aliases: [],
    value: "AUDIENCE",
    help: "its audience",
  },
  {
    name: "organization",
    aliases: [],
    value: "NAME",
    help: "its organization",
  },
  {
    name: "credentials",
    aliases: [],
    value: "PATH",
    help: "the file it is in",
  },
  {
    name: "rpk",
    aliases: [],
    value: "PATH",
    help: "the rpk that has it",
  },
] as const satisfies readonly FlagSpec[];

/** Flags of `profile add`: one for each key, and `--from`. */
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
    help: AUTH_MODE_FLAG.help,
  },
  {
    name: "llmprovider",
    aliases: LAUNCH_FLAGS[0].aliases,
    value: "NAME",
    help: "provider of launches that name none",
  },
  {
    name: "model",
    aliases: ["m"],
    value: "ID",
    help: "model of launches that name none",
  },
  { name: "relay", aliases: [], help: "launch with the relay" },
  { name: "no-relay", aliases: [], help: "launch without the relay" },
  { name: "quiet", aliases: ["q"], help: "launch as with --quiet" },
  {
    name: "description",
    aliases: [],
    value: "TEXT",
    help: "what the profile is for",
  },
  {
    name: "issuer",
    aliases: [],
    value: "URL",
    help: "sign-in server (default Redpanda Cloud)",
  },
  {
    name: "client-id",
    aliases: [],
    value: "ID",
    help: "public client there, with which people sign in",
  },
  {
    name: "audience",
    aliases: [],
    value: "AUDIENCE",
    help: "audience of its tokens",
  },
  {
    name: "organization",
    aliases: [],
    value: "NAME",
    help: "which login, when there are several",
  },
  {
    name: "from",
    aliases: [],
    value: "NAME",
    help: "profile to copy",
  },
] as const satisfies readonly FlagSpec[];

/** `--probe` of `doctor` */
export const PROBE_FLAG: FlagSpec = {
  name: "probe",
  aliases: [],
  help: "launch Claude Code against an embedded gateway, and see what arrives",
};

/** `--name-contains` of `provider list` */
export const NAME_CONTAINS_FLAG: FlagSpec = {
  name: "name-contains",
  aliases: [],
  value: "TEXT",
  help: "only providers with this in their name",
};

/** Launch flags that a shim can carry. */
export const SHIM_FLAGS: readonly FlagSpec[] = [
  ...LAUNCH_FLAGS.filter(({ name }) => name !== "print-settings"),
  TIMEOUT_FLAG,
  ...TOKEN_FLAGS,
];

/** Launch flags that the doctor takes into account. */
export const DOCTOR_FLAGS: readonly FlagSpec[] = LAUNCH_FLAGS.filter((
  { name },
) => name !== "print-settings" && name !== "quiet");

/** `--model`, which `provider check` takes too */
export const MODEL_FLAG: FlagSpec = LAUNCH_FLAGS[1];

/** Every flag, each name once: the parser asks the command which it takes. */
export const ALL_FLAGS: readonly FlagSpec[] = [
  ...GLOBAL_FLAGS,
  ...LAUNCH_FLAGS,
  TIMEOUT_FLAG,
  ...TOKEN_FLAGS,
  ...LOGIN_FLAGS,
  ...PROFILE_FLAGS,
  VERSION_FLAG,
  WITH_LOGIN_FLAG,
  NO_BROWSER_FLAG,
  ALL_FLAG,
  REFRESH_WITHIN_FLAG,
  NAME_CONTAINS_FLAG,
  PROBE_FLAG,
].filter((flag, index, all: FlagSpec[]) =>
  all.findIndex(({ name }) => name === flag.name) === index
);
