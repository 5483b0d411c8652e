/**
 * Help texts, made from the tables of commands and flags.
 *
 * @module
 */

import { EXAMPLES, GROUPS } from "./examples.ts";
import { findCommand } from "./find_command.ts";
import {
  commandName,
  COMMANDS,
  type CommandSpec,
  type FlagSpec,
  GLOBAL_FLAGS,
  WORD_ALIASES,
} from "./flags.ts";

/** Longest line, in characters. */
const WIDTH = 80;

/** Makes a text stand out. */
type Paint = (text: string) => string;

/**
 * The help of a command, or of the word that several begin with: at most 80
 * columns wide, headings painted.
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
  paint: Paint = (text) => text,
): string {
  const { spec } = findCommand(words);
  const isOther = spec.words.length < words.length;
  const { usage, about, flags } = isOther ? groupHelp(words) : {
    usage: commandUsage(spec),
    about: spec.help,
    flags: spec.flags,
  };
  const under = COMMANDS.filter((each) =>
    each.words.length > words.length &&
    words.every((word, index) => each.words[index] === word)
  );
  const section = (title: string, lines: string) =>
    lines === "" ? [] : [`${paint(`${title}:`)}
${lines}`];
  return [
    `${paint("Usage:")} ${usage}`,
    sentence(about),
    ...section("Commands", columns(under.map(commandRow))),
    ...section("Also spelled", columns(aliasRows(words))),
    ...section("Flags", columns(flags.map(flagRow))),
    ...section(
      flags.length > 0 ? "Global flags" : "Flags",
      columns(GLOBAL_FLAGS.map(flagRow)),
    ),
    ...section(
      "Examples",
      (isOther ? under : [spec]).flatMap(({ words }) =>
        (EXAMPLES[words.join(" ")] ?? []).slice(0, isOther ? 1 : undefined)
      ).map((line) => `  ${line}`).join("\n"),
    ),
    ...(under.length > 0
      ? ["Run `ai-claude help COMMAND` for more about a command."]
      : []),
  ].join("\n\n") + "\n";
}

function commandUsage(spec: CommandSpec): string {
  return [
    commandName(spec),
    ...(spec.names ?? []),
    "[flags]",
    ...(spec.kind === "launch" ? ["[-- CLAUDE_ARGS...]"] : []),
  ].join(" ");
}

/** A word that begins commands has only the flags that all commands have. */
function groupHelp(
  words: readonly string[],
): { usage: string; about: string; flags: readonly FlagSpec[] } {
  const usage = ["ai-claude", ...words, "COMMAND [flags]"].join(" ");
  const about = GROUPS[words.join(" ")] ?? `commands of ${words.join(" ")}`;
  return { usage, about, flags: [] };
}

function commandRow(
  { words, names = [], help }: CommandSpec,
): [string, string] {
  return [[...words, ...names].join(" "), help];
}

/** The other spellings of a command's first word; all of them for the launch. */
function aliasRows([first]: readonly string[]): [string, string][] {
  return Object.entries(WORD_ALIASES)
    .filter(([, word]) => first === undefined || first === word)
    .map(([alias, word]) => [alias, `for ${word}`]);
}

function flagRow(flag: FlagSpec): [string, string] {
  const short = flag.aliases.find((alias) => alias.length === 1);
  const long = flag.aliases.filter((alias) => alias.length > 1);
  const name = `${short === undefined ? "    " : `-${short}, `}--${flag.name}` +
    (flag.value === undefined ? "" : ` ${flag.value}`);
  const notes = [
    ...(long.length > 0 ? [`also --${long.join(", --")}`] : []),
    ...(flag.env === undefined ? [] : [`env ${flag.env}`]),
  ];
  return [
    name,
    flag.help + (notes.length > 0 ? ` (${notes.join("; ")})` : ""),
  ];
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

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}

function sentence(text: string): string {
  return wrap(`${text[0].toUpperCase()}${text.slice(1)}.`, WIDTH).join("\n");
}
