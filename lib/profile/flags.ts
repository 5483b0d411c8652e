/**
 * The flags of the command line: one table, which the parser, the help and the
 * shell completions read.
 *
 * @module
 */

/** A flag of the command line. */
export interface FlagSpec {
  /** Long name, without dashes. */
  name: string;
  /** Other spellings, without dashes, a short one first. */
  aliases?: readonly string[];
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
    value: "TOKEN",
    env: "RPAI_TOKEN",
    help: "static bearer token; other users see it: prefer the variable",
  },
  { name: "no-color", env: "NO_COLOR", help: "no colours" },
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
    help: "force passthrough mode when the provider cannot be read",
  },
  {
    name: "bedrock",
    help: "force Bedrock mode when the provider cannot be read",
  },
  { name: "relay", help: "carry the gateway's credential in a loopback relay" },
  { name: "no-relay", help: "no relay, even if the profile asks for one" },
  {
    name: "claude-config-dir",
    value: "DIR",
    help: "run against this CLAUDE_CONFIG_DIR; never written into",
  },
  { name: "print-settings", help: "print what a launch would do, then exit" },
  {
    name: "quiet",
    aliases: ["q"],
    help: "no notes on overridden settings, nor on how to resume",
  },
] as const satisfies readonly FlagSpec[];

/** Flags of commands that need a token. */
export const TOKEN_FLAGS = [
  {
    name: "auth-mode",
    value: "MODE",
    env: "RPAI_AUTH_MODE",
    help: "device, rpk, client_credentials, token or none",
  },
  {
    name: "client-id",
    value: "ID",
    env: "RPAI_CLIENT_ID",
    help: "client of auth_mode client_credentials",
  },
  {
    name: "client-secret-file",
    value: "PATH",
    env: "RPAI_CLIENT_SECRET_FILE",
    help: "file with its secret (default: the value of RPAI_CLIENT_SECRET)",
  },
] as const satisfies readonly FlagSpec[];

/** Flags with which a launch names the login whose token `auth token` prints. */
export const LOGIN_FLAGS = [
  {
    name: "issuer",
    value: "URL",
    help: "print the token of this login, whatever the profile says",
  },
  { name: "audience", value: "AUDIENCE", help: "its audience" },
  { name: "organization", value: "NAME", help: "its organization" },
  { name: "credentials", value: "PATH", help: "the file it is in" },
  { name: "rpk", value: "PATH", help: "the rpk that has it" },
] as const satisfies readonly FlagSpec[];

/** Flags of single commands. */
const OTHER_FLAGS = [
  {
    name: "timeout",
    value: "DURATION",
    help: "longest wait for an answer of the gateway (default 5s)",
  },
  { name: "ai-gateway-url", value: "URL", help: "URL of the AI gateway" },
  { name: "description", value: "TEXT", help: "what the profile is for" },
  { name: "from", value: "NAME", help: "profile to copy" },
  { name: "version", help: "show the version" },
  { name: "with-login", help: "sign in first, at an embedded issuer" },
  {
    name: "no-browser",
    help: "open no browser, only show the address and the code",
  },
  { name: "all", help: "forget all logins and minted tokens" },
  {
    name: "refresh-within",
    value: "DURATION",
    help: "shortest lifetime left: 90, 90s, 5m, 1h (default 60s)",
  },
  {
    name: "name-contains",
    value: "TEXT",
    help: "only providers with this in their name",
  },
  {
    name: "probe",
    help:
      "launch Claude Code against an embedded gateway, and see what arrives",
  },
] as const satisfies readonly FlagSpec[];

const TABLE = [
  ...GLOBAL_FLAGS,
  ...LAUNCH_FLAGS,
  ...TOKEN_FLAGS,
  ...LOGIN_FLAGS,
  ...OTHER_FLAGS,
] as const;

/** Every flag; the parser asks the command which it takes. */
export const ALL_FLAGS: readonly FlagSpec[] = TABLE;

type Row = typeof TABLE[number];

/** Flags that were given, by long name. Not merged with the environment. */
export type Flags = {
  [Each in Row as Each["name"]]?: Each extends { value: string } ? string
    : boolean;
};

/** The flags of these names. */
export function flagsNamed(...names: (keyof Flags)[]): FlagSpec[] {
  return names.map((name) => ALL_FLAGS.find((flag) => flag.name === name)!);
}

/** How a flag can be typed, its long name first. */
export function spellings({ name, aliases = [] }: FlagSpec): string[] {
  return [name, ...aliases].map((each) =>
    each.length === 1 ? `-${each}` : `--${each}`
  );
}

/** The flag that is spelled so, dashes included. */
export function findFlag(spelling: string): FlagSpec | undefined {
  return ALL_FLAGS.find((flag) => spellings(flag).includes(spelling));
}
