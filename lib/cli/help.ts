/**
 * Help texts, made from the tables of commands and flags.
 *
 * @module
 */

import { EXAMPLES, GROUPS } from "./examples.ts";
import {
  beginsWith,
  commandsUnder,
  findCommand,
  isGroup,
} from "./find_command.ts";
import { ALIASES, commandName, type CommandSpec } from "./command_table.ts";
import { type FlagSpec, GLOBAL_FLAGS, spellings } from "../profile/flags.ts";
import { wrap } from "../base/wrap.ts";

/** Longest line, in characters. */
const WIDTH = 80;

/**
 * The help of a command or of a group of commands, at most 80 columns wide,
 * headings painted.
 *
 * @example
 * ```ts
 * import { helpText } from "./help.ts";
 * import { assert } from "@std/assert";
 *
 * assert(helpText(["auth"]).startsWith("Usage: ai-claude auth COMMAND"));
 * ```
 */
export function helpText(
  words: readonly string[],
  paint: (text: string) => string = (text) => text,
): string {
  const group = words.join(" ");
  const under = commandsUnder(words);
  const { usage, about, flags, examples } = isGroup(words)
    ? {
      usage: `ai-claude ${group} COMMAND [flags]`,
      about: GROUPS[group],
      flags: [],
      examples: under.flatMap((spec) => examplesOf(spec).slice(0, 1)),
    }
    : commandTopic(findCommand(words).spec);
  const sections = Object.entries({
    "Commands": columns(under.map(commandRow)),
    "Also spelled": columns(aliasRows(words)),
    "Flags": columns(flags.map(flagRow)),
    [flags.length > 0 ? "Global flags" : "Flags"]: columns(
      GLOBAL_FLAGS.map(flagRow),
    ),
    "Examples": examples.map((line) => `  ${line}`).join("\n"),
  });
  return [
    `${paint("Usage:")} ${usage}`,
    wrap(`${about[0].toUpperCase()}${about.slice(1)}.`, WIDTH).join("\n"),
    ...sections.filter(([, text]) => text !== "")
      .map(([title, text]) => `${paint(`${title}:`)}\n${text}`),
    ...(under.length > 0
      ? ["Run `ai-claude help COMMAND` for more about a command."]
      : []),
  ].join("\n\n") + "\n";
}

function commandTopic(spec: CommandSpec) {
  const { names = [], kind, help, flags } = spec;
  return {
    usage: [
      commandName(spec),
      ...names,
      "[flags]",
      ...(kind === "launch" ? ["[-- CLAUDE_ARGS...]"] : []),
    ].join(" "),
    about: help,
    flags,
    examples: examplesOf(spec),
  };
}

function examplesOf({ words }: CommandSpec): readonly string[] {
  return EXAMPLES[words.join(" ")] ?? [];
}

function commandRow(
  { words, names = [], help }: CommandSpec,
): [string, string] {
  return [[...words, ...names].join(" "), help];
}

/** Other spellings of a command, of its group and of what is in it. */
function aliasRows(words: readonly string[]): [string, string][] {
  return Object.entries(ALIASES)
    .filter(([name]) => {
      const named = name.split(" ");
      return beginsWith(named, words) || beginsWith(words, named);
    })
    .map(([name, aliases]) => [aliases.join(", "), `for ${name}`]);
}

function flagRow(flag: FlagSpec): [string, string] {
  const short = spellings(flag).find((each) => each.length === 2);
  const name = `${short === undefined ? "    " : `${short}, `}--${flag.name}` +
    (flag.value === undefined ? "" : ` ${flag.value}`);
  return [name, aboutFlag(flag)];
}

/** What a flag is for, its other long names and its variable. */
export function aboutFlag(flag: FlagSpec): string {
  const [, ...others] = spellings(flag).filter((each) => each.length > 2);
  const notes = [
    ...(others.length > 0 ? [`also ${others.join(", ")}`] : []),
    ...(flag.env === undefined ? [] : [`env ${flag.env}`]),
  ];
  return flag.help + (notes.length > 0 ? ` (${notes.join("; ")})` : "");
}

/** Two columns, the second wrapped so that no line is too long. */
function columns(rows: [string, string][]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 4;
  return rows.flatMap(([left, right]) =>
    wrap(right, WIDTH - width).map((line, index) =>
      (index === 0 ? `  ${left}`.padEnd(width) : " ".repeat(width)) + line
    )
  ).join("\n");
}
