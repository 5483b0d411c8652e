/**
 * Finds the command that words name, or makes the error when they name none.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import {
  ALIASES,
  commandName,
  COMMANDS,
  type CommandSpec,
  HIDDEN_COMMANDS,
} from "./command_table.ts";

/** Whether words name a group, such as `auth`, and not a command. */
export function isGroup(words: readonly string[]): boolean {
  return words.length > 0 && commandsUnder(words).length > 0;
}

/** The commands that begin with these words and have more. */
export function commandsUnder(words: readonly string[]): CommandSpec[] {
  return COMMANDS.filter((spec) =>
    spec.words.length > words.length && beginsWith(spec.words, words)
  );
}

/** Whether words begin with others. */
export function beginsWith(
  words: readonly string[],
  start: readonly string[],
): boolean {
  return start.every((word, index) => words[index] === word);
}

/** The command that the words begin with, the launch if no other, and the rest. */
export function findCommand(
  words: readonly string[],
): { spec: CommandSpec; rest: string[] } {
  const spec = [...COMMANDS, ...HIDDEN_COMMANDS]
    .findLast((spec) => beginsWith(words, spec.words)) ?? COMMANDS[0];
  return { spec, rest: words.slice(spec.words.length) };
}

/**
 * The error for a word out of place, with the command that may have been meant.
 *
 * @param spec the command that the words begin with
 * @param hint for a word that begins no command
 */
export function unexpected(
  word: string,
  spec: CommandSpec,
  words: readonly string[],
  hint = "see `ai-claude help`; arguments for Claude Code go after --",
): CliError {
  if (spec.words.length > 0) {
    return new CliError("usage", `unexpected argument "${word}"`, {
      hint: spec.kind === "launch"
        ? hint
        : `see \`${commandName(spec)} --help\``,
      argument: word,
    });
  }
  const names = COMMANDS.filter((spec) => spec.words.length > 0)
    .map((spec) => spec.words.join(" "));
  const [first, second] = words;
  if (!isGroup([first])) {
    const firsts = COMMANDS.flatMap((spec) => spec.words.slice(0, 1));
    const among = [...firsts, ...names, ...Object.values(ALIASES).flat()];
    return new CliError("usage", `unexpected argument "${first}"`, {
      hint,
      suggest: {
        word: first,
        among: [...new Set(among)],
        show: "likely",
        insteadOfHint: true,
      },
      argument: first,
    });
  }
  const started = names.filter((name) => name.startsWith(`${first} `));
  const all = `${
    started.map((name) => `ai-claude ${name}`).join(", ")
  }; see \`ai-claude ${first} --help\``;
  return second === undefined
    ? new CliError("usage", `incomplete command "${first}"`, { hint: all })
    : new CliError("usage", `unexpected argument "${second}"`, {
      hint: all,
      suggest: { word: `${first} ${second}`, among: started, show: "likely" },
    });
}
