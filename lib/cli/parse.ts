/**
 * The command line: the pure function from arguments to a {@linkcode Command}.
 *
 * @module
 */

import type { ParseOptions } from "@std/cli/parse-args";
import type { Command } from "./command.ts";
import { CliError } from "../base/errors.ts";
import { findCommand, isGroup, unexpected } from "./find_command.ts";
import {
  commandName,
  COMMANDS,
  type CommandSpec,
  unaliased,
} from "./command_table.ts";
import { ALL_FLAGS, type FlagSpec, GLOBAL_FLAGS } from "./flag_table.ts";
import type { Flags } from "../profile/flags.ts";

/** The result of `parseArgs` of `@std/cli`. */
export interface ParsedArgs {
  /** Words that are not flags. */
  _: (string | number)[];
  /** What came after the first `--`. */
  "--"?: string[];
  /** Flags by name. */
  [flag: string]: unknown;
}

function noValue(flag: FlagSpec): CliError {
  return new CliError("usage", `no value for --${flag.name}`, {
    hint: `give it one: --${flag.name}=${flag.value}`,
    argument: `--${flag.name}`,
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
  // Spelled closer to --profile, but meant as --llmprovider.
  const meant = flag === "--provider" ? "--llmprovider" : flag;
  throw new CliError("usage", `unknown flag ${flag}`, {
    hint: meant === flag
      ? `Claude Code's own flags go after --: ai-claude -- ${flag}`
      : undefined,
    suggest: { word: meant, among: known, show: "likely" },
    argument: flag,
  });
}

/**
 * Splits `-ojson` into `-o json`, which `rpk` and most programs understand and
 * `parseArgs` does not. Arguments after `--` stay as they are.
 *
 * @throws {CliError} `usage` when a flag stands where a value should
 *
 * @example
 * ```ts
 * import { splitShortFlags } from "./parse.ts";
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
    // `parseArgs` would read a token that begins with a dash as a flag.
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
 * import { toCommand } from "./parse.ts";
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
 * @throws {CliError} `usage`
 */
export function toCommand(parsed: ParsedArgs): Command {
  if (!Array.isArray(parsed._)) rejectUnknown("--_", "_");
  const given = parsed._.map(String);
  const asksHelp = given[0] === "help";
  const [first, ...others] = asksHelp ? given.slice(1) : given;
  const words = first === undefined ? [] : [...unaliased(first), ...others];
  const claudeArgs = parsed["--"] ?? [];
  if (parsed.version === true) {
    if (given.length > 0) throw unexpected(given[0], COMMANDS[0], given);
    const flags = checkFlags(parsed, COMMANDS[0]);
    return { kind: "version", flags, asFlag: true };
  }
  const { spec, rest } = findCommand(words);
  const flags = checkFlags(parsed, spec);
  if (asksHelp || parsed.help === true) {
    const topic = isGroup(words) ? words : spec.words;
    if (
      rest.length > 0 && topic !== words && (asksHelp || topic.length === 0)
    ) {
      const hint = asksHelp ? "see `ai-claude help`" : undefined;
      throw unexpected(rest[0], spec, words, hint);
    }
    return { kind: "help", flags, topic };
  }
  const names = spec.names ?? [];
  if (rest.length > names.length && !names.at(-1)?.endsWith("...")) {
    throw unexpected(rest[names.length], spec, words);
  }
  if (rest.length < names.filter((name) => !name.startsWith("[")).length) {
    throw new CliError(
      "usage",
      `\`${commandName(spec)}\` needs ${names.slice(rest.length).join(" ")}`,
      { hint: `${commandName(spec)} ${names.join(" ")}` },
    );
  }
  if (spec.kind === "complete") {
    return { kind: "complete", flags, shell: rest[0], line: claudeArgs };
  }
  if (spec.kind === "profile" || spec.kind === "provider") {
    if (claudeArgs.length > 0) throw unexpected(claudeArgs[0], spec, words);
    return { kind: spec.kind, flags, action: spec.words[1], names: rest };
  }
  if (spec.kind === "launch" || spec.kind === "run-shim") {
    return { kind: spec.kind, flags, claudeArgs };
  }
  if (claudeArgs.length > 0) throw unexpected(claudeArgs[0], spec, words);
  switch (spec.kind) {
    case "doctor":
      return { kind: "doctor", flags, ...rest.length > 0 && { shim: rest[0] } };
    case "shim":
      return { kind: "shim", flags, path: rest[0] };
    case "completions":
      return { kind: "completions", flags, shell: rest[0] };
    case "help":
      return { kind: "help", flags, topic: [] };
    default:
      return { kind: spec.kind, flags };
  }
}

/** Flags that cannot be used together, with a hint. */
const EXCLUSIVE = [
  [
    "passthrough",
    "bedrock",
    "give one of them; neither is needed when the provider is readable",
  ],
  ["relay", "no-relay", "give one of them, or none to do as the profile says"],
] as const;

/** The flags that were given; throws on one that the command does not take. */
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
    if (!allowed.some(({ name }) => name === flag.name)) {
      throw new CliError(
        "usage",
        `--${flag.name} does not belong to \`${commandName(spec)}\``,
        { hint: `see \`${commandName(spec)} --help\`` },
      );
    }
    // These two select a command.
    if (flag.name !== "help" && flag.name !== "version") {
      flags[flag.name] = value;
    }
  }
  for (const [one, other, hint] of EXCLUSIVE) {
    if (flags[one] && flags[other]) {
      throw new CliError(
        "usage",
        `--${one} and --${other} cannot be used together`,
        { hint },
      );
    }
  }
  return flags as Flags;
}
