/**
 * The command line: one table of commands, one table of flags, and the pure
 * function from arguments to a {@linkcode Command}.
 *
 * @module
 */

import type { ParseOptions } from "@std/cli/parse-args";
import { CliError } from "./errors.ts";

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
    help: "model id; omit to let Claude Code pick",
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
    help: "file with its secret (else env RPAI_CLIENT_SECRET)",
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

const MODEL_FLAG: FlagSpec = LAUNCH_FLAGS[1];

const ALL_FLAGS: readonly FlagSpec[] = [
  ...GLOBAL_FLAGS,
  ...LAUNCH_FLAGS,
  ...CLIENT_FLAGS,
  ...PROFILE_FLAGS,
  VERSION_FLAG,
  WITH_LOGIN_FLAG,
  NO_BROWSER_FLAG,
  ALL_FLAG,
  REFRESH_WITHIN_FLAG,
];

/** A command as the help and the parser know it. */
export interface CommandSpec {
  /** The words that select it; none for the launch. */
  words: readonly string[];
  /** Which command that is. */
  kind: Command["kind"];
  /** Words that follow, `[NAME]` when they may be left out. */
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
  { words: ["version"], kind: "version", flags: [], help: "show the version" },
  { words: ["help"], kind: "help", flags: [], help: "show help" },
];

/** Other spellings of a command's first word. */
const WORD_ALIASES: Readonly<Record<string, string>> = { env: "profile" };

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
  /** `--claude-config-dir` */
  "claude-config-dir"?: string;
  /** `--print-settings` */
  "print-settings"?: boolean;
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

/** What the user asked for. */
export type Command =
  | { kind: "launch"; flags: Flags; claudeArgs: string[] }
  | { kind: "demo"; flags: Flags }
  | { kind: "auth-login"; flags: Flags }
  | { kind: "auth-logout"; flags: Flags }
  | { kind: "auth-status"; flags: Flags }
  | { kind: "auth-token"; flags: Flags }
  | { kind: "profile"; flags: Flags; action: string; names: string[] }
  | { kind: "version"; flags: Flags }
  | { kind: "help"; flags: Flags; topic: CommandSpec };

/** What `parseArgs` of `@std/cli` made of the arguments. */
export interface ParsedArgs {
  /** Words that are not flags. */
  _: (string | number)[];
  /** What came after the first `--`. */
  "--"?: string[];
  /** Flags by name. */
  [flag: string]: unknown;
}

const HELP_HINT = "run `ai-claude --help` for the flags";

function noValue(flag: FlagSpec): CliError {
  return new CliError("usage", `no value for --${flag.name}`, {
    hint: `give it one: --${flag.name}=${flag.value}`,
  });
}

function takesNoValue(flag: string): CliError {
  return new CliError("usage", `${flag} takes no value`, {
    hint: `give ${flag} alone, or leave it out`,
  });
}

/** Rejects a flag that does not exist, without repeating its value. */
function rejectUnknown(arg: string, key?: string): true {
  if (key === undefined) return true; // a word, checked later
  const flag = arg.split("=")[0];
  if (ALL_FLAGS.some(({ name }) => `--${name}` === flag)) {
    throw takesNoValue(flag);
  }
  const known = ALL_FLAGS.flatMap((spec) =>
    [spec.name, ...spec.aliases].filter((name) => name.length > 1)
  ).map((name) => `--${name}`);
  throw new CliError("usage", `unknown flag ${flag}`, {
    hint: `Claude Code's own flags go after --: ai-claude -- ${flag}`,
    suggest: { word: flag, among: known, show: "likely" },
  });
}

/**
 * Splits `-ojson` into `-o json`, which `rpk` and most programs understand and
 * `parseArgs` does not. Arguments after `--` stay as they are.
 *
 * @throws {CliError} `usage` for a flag followed by a flag and not by its value
 *
 * @example
 * ```ts
 * import { splitShortFlags } from "./args.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   splitShortFlags(["-ojson", "-v", "--", "-ojson"]),
 *   ["-o", "json", "-v", "--", "-ojson"],
 * );
 * ```
 */
export function splitShortFlags(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  const own = end === -1 ? argv : argv.slice(0, end);
  const valued = ALL_FLAGS.filter(({ value }) => value !== undefined);
  const withValue = valued.flatMap(({ aliases }) => aliases);
  own.forEach((arg, index) => {
    const flag = valued.find(({ name, aliases }) =>
      [name, ...aliases].some((one) =>
        arg === (one.length === 1 ? `-${one}` : `--${one}`)
      )
    );
    // Before `parseArgs` takes a token that begins with a dash for a flag.
    if (flag !== undefined && own[index + 1]?.startsWith("-")) {
      throw noValue(flag);
    }
  });
  return [
    ...own.flatMap((arg) =>
      /^-[A-Za-z][^=]/.test(arg) && withValue.includes(arg[1])
        ? [arg.slice(0, 2), arg.slice(2)]
        : [arg]
    ),
    ...argv.slice(own.length),
  ];
}

/** How `main.ts` calls `parseArgs`. */
export const PARSE_OPTIONS = {
  "--": true,
  string: [
    "_",
    ...ALL_FLAGS.filter((flag) => flag.value !== undefined).map((flag) =>
      flag.name
    ),
  ],
  boolean: ALL_FLAGS.filter((flag) => flag.value === undefined).map((flag) =>
    flag.name
  ),
  alias: Object.fromEntries(
    ALL_FLAGS.filter((flag) => flag.aliases.length > 0).map(
      (flag) => [flag.name, flag.aliases],
    ),
  ),
  unknown: rejectUnknown,
} satisfies ParseOptions;

/**
 * Turns parsed arguments into a command.
 *
 * @example
 * ```ts
 * import { toCommand } from "./args.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const command = toCommand({ _: [], model: "opus", "--": ["-p", "hi"] });
 * assertEquals(command, {
 *   kind: "launch",
 *   flags: { model: "opus" },
 *   claudeArgs: ["-p", "hi"],
 * });
 * ```
 *
 * @throws {CliError} `usage` for whatever is not a command of this program.
 */
export function toCommand(parsed: ParsedArgs): Command {
  if (!Array.isArray(parsed._)) rejectUnknown("--_", "_");
  const [first, ...others] = parsed._.map(String);
  const words = first === undefined
    ? []
    : [WORD_ALIASES[first] ?? first, ...others];
  const claudeArgs = parsed["--"] ?? [];
  if (parsed.version === true) {
    if (words.length > 0) throw unexpected(words[0], words);
    return { kind: "version", flags: {} };
  }
  if (words[0] === "help") {
    const { spec, rest } = findCommand(words.slice(1));
    if (rest.length > 0) throw unexpected(rest[0], rest);
    return { kind: "help", flags: {}, topic: spec };
  }
  const { spec, rest } = findCommand(words);
  const flags = checkFlags(parsed, spec);
  if (parsed.help === true) return { kind: "help", flags, topic: spec };
  const names = spec.names ?? [];
  if (rest.length > names.length) {
    throw unexpected(rest[names.length], words);
  }
  if (rest.length < names.filter((name) => !name.startsWith("[")).length) {
    throw new CliError(
      "usage",
      `\`${commandName(spec)}\` needs ${names.slice(rest.length).join(" ")}`,
      { hint: `${commandName(spec)} ${names.join(" ")}` },
    );
  }
  if (spec.kind === "profile") {
    if (claudeArgs.length > 0) throw unexpected(claudeArgs[0], words);
    return { kind: "profile", flags, action: spec.words[1], names: rest };
  }
  if (spec.kind === "launch") {
    if (flags.passthrough && flags.bedrock) {
      throw new CliError(
        "usage",
        "--passthrough and --bedrock exclude each other",
        {
          hint:
            "give one of them; neither is needed when the provider is readable",
        },
      );
    }
    return { kind: "launch", flags, claudeArgs };
  }
  if (claudeArgs.length > 0) throw unexpected(claudeArgs[0], words);
  return spec.kind === "help"
    ? { kind: "help", flags, topic: COMMANDS[0] }
    : { kind: spec.kind, flags };
}

/** The longest command that the words begin with, and the words left over. */
function findCommand(words: string[]): { spec: CommandSpec; rest: string[] } {
  const matches = COMMANDS.filter((spec) =>
    spec.words.every((word, index) => words[index] === word)
  );
  const spec = matches.reduce((best, next) =>
    next.words.length > best.words.length ? next : best
  );
  return { spec, rest: words.slice(spec.words.length) };
}

/** Keeps the flags that were given, rejecting empty and misplaced ones. */
function checkFlags(parsed: ParsedArgs, spec: CommandSpec): Flags {
  const flags: Record<string, unknown> = {};
  for (const flag of ALL_FLAGS) {
    const value = parsed[flag.name];
    if (value === undefined || value === false) continue;
    if (flag.value === undefined && value !== true) {
      throw takesNoValue(`--${flag.name}`);
    }
    if (flag.value !== undefined && value === "") {
      throw noValue(flag);
    }
    const allowed: readonly FlagSpec[] = [...GLOBAL_FLAGS, ...spec.flags];
    if (!allowed.includes(flag)) {
      throw new CliError(
        "usage",
        `--${flag.name} does not belong to \`${commandName(spec)}\``,
        { hint: `see \`${commandName(spec)} --help\`` },
      );
    }
    if (flag.name !== "help") flags[flag.name] = value;
  }
  return flags as Flags;
}

/** How a command is typed. */
export function commandName(spec: CommandSpec): string {
  return ["ai-claude", ...spec.words].join(" ");
}

function unexpected(word: string, words: string[]): CliError {
  const names = COMMANDS.filter((spec) => spec.words.length > 0)
    .map((spec) => spec.words.join(" "));
  const started = names.filter((name) =>
    name.startsWith(`${words[0]} `) && !`${words.join(" ")} `.startsWith(name)
  );
  return new CliError("usage", `unexpected argument "${word}"`, {
    hint: started.length > 0
      ? `${started.map((name) => `ai-claude ${name}`).join(", ")}; ${HELP_HINT}`
      : `arguments for Claude Code go after --: ai-claude -- ${word}`,
    suggest: { word: words.join(" "), among: names, show: "likely" },
  });
}
