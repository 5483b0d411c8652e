/**
 * The command line: the pure function from arguments to a {@linkcode Command}.
 *
 * @module
 */

import type { parseArgs, ParseOptions } from "@std/cli/parse-args";
import type { Command } from "./command.ts";
import { CliError } from "../base/errors.ts";
import { findCommand, isGroup, unexpected } from "./find_command.ts";
import {
  commandName,
  COMMANDS,
  type CommandSpec,
  unaliased,
} from "./command_table.ts";
import {
  ALL_FLAGS,
  findFlag,
  type Flags,
  type FlagSpec,
  GLOBAL_FLAGS,
  spellings,
} from "../profile/flags.ts";

/** The result of `parseArgs`: words, what came after `--`, and flags by name. */
type ParsedArgs = Record<string, unknown> & {
  _: (string | number)[];
  "--"?: string[];
};

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
  // `--no-color=x` comes as a flag `color`.
  if (findFlag(flag) !== undefined) throw takesNoValue(flag);
  // Spelled closer to --profile, but meant as --llmprovider.
  const meant = flag === "--provider" ? "--llmprovider" : flag;
  throw new CliError("usage", `unknown flag ${flag}`, {
    hint: meant === flag
      ? `Claude Code's own flags go after --: ai-claude -- ${flag}`
      : undefined,
    suggest: {
      word: meant,
      among: ALL_FLAGS.flatMap(spellings).filter((each) => each.length > 2),
      show: "likely",
    },
    argument: flag,
  });
}

/**
 * Splits `-ojson` into `-o json`, which `rpk` and most programs understand and
 * `parseArgs` does not. Arguments after `--` stay as they are.
 *
 * @throws {CliError} `usage` when a flag stands where a value should
 */
function splitShortFlags(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  const own = end === -1 ? argv : argv.slice(0, end);
  const split = own.flatMap((arg, index) => {
    const flag = findFlag(arg);
    // `parseArgs` would read a token that begins with a dash as a flag.
    if (flag?.value !== undefined && own[index + 1]?.startsWith("-")) {
      throw noValue(flag);
    }
    const short = arg.slice(0, 2);
    return /^-[A-Za-z][^=]/.test(arg) && findFlag(short)?.value !== undefined
      ? [short, arg.slice(2)]
      : [arg];
  });
  return [...split, ...argv.slice(own.length)];
}

const PARSE_OPTIONS = {
  "--": true,
  string: [
    "_",
    ...ALL_FLAGS.filter(({ value }) => value !== undefined)
      .map(({ name }) => name),
  ],
  boolean: ALL_FLAGS.filter(({ value }) => value === undefined)
    .map(({ name }) => name),
  alias: Object.fromEntries(
    ALL_FLAGS.map(({ name, aliases = [] }) => [name, aliases]),
  ),
  unknown: rejectUnknown,
} satisfies ParseOptions;

/**
 * Turns arguments into a command.
 *
 * @param parse that of `@std/cli`, which its caller loads
 *
 * @example
 * ```ts
 * import { parseArgs } from "@std/cli/parse-args";
 * import { toCommand } from "./parse.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(toCommand(["-m", "opus", "--", "-p", "hi"], parseArgs), {
 *   kind: "launch",
 *   flags: { model: "opus" },
 *   claudeArgs: ["-p", "hi"],
 * });
 * ```
 *
 * @throws {CliError} `usage`
 */
export function toCommand(
  argv: readonly string[],
  parse: typeof parseArgs,
): Command {
  const parsed: ParsedArgs = parse(splitShortFlags(argv), PARSE_OPTIONS);
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
  const [name] = rest;
  if (spec.kind === "complete") {
    return { kind: "complete", flags, shell: name, line: claudeArgs };
  }
  if (spec.kind === "launch" || spec.kind === "run-shim") {
    return { kind: spec.kind, flags, claudeArgs };
  }
  if (claudeArgs.length > 0) throw unexpected(claudeArgs[0], spec, words);
  switch (spec.kind) {
    case "profile":
    case "provider":
      return { kind: spec.kind, flags, action: spec.words[1], names: rest };
    case "doctor":
      return { kind: "doctor", flags, ...rest.length > 0 && { shim: name } };
    case "shim":
      return { kind: "shim", flags, path: name };
    case "completions":
      return { kind: "completions", flags, shell: name };
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
  const allowed: string[] = [...GLOBAL_FLAGS, ...spec.flags]
    .map(({ name }) => name);
  const flags: Record<string, unknown> = {};
  for (const flag of ALL_FLAGS) {
    const value = parsed[flag.name];
    if (value === undefined || value === false) continue;
    if (flag.value === undefined && value !== true) {
      throw takesNoValue(`--${flag.name}`);
    }
    if (flag.value !== undefined && value === "") throw noValue(flag);
    if (!allowed.includes(flag.name)) {
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
  return flags;
}
