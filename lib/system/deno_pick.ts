/**
 * Choosing from a list at the terminal.
 *
 * `@inquirer/search` does the work: it filters by what is typed, wraps in a narrow
 * terminal, scrolls, draws on stderr, and leaves no read of stdin behind that
 * would swallow Claude Code's first key. `promptSelect` of `@std/cli` draws on
 * stdout and ends the process with 0 at Ctrl-C; `@clack/prompts` takes more lines.
 *
 * @module
 */

import search from "@inquirer/search";
import * as colors from "@std/fmt/colors";
import process from "node:process";
import { Transform } from "node:stream";
import type { Choice, Question } from "./sys.ts";

/** Most lines of the list that are shown. */
const MAX_LINES = 10;

/** Lines around the list: the message, a blank one, the keys, the shell's. */
const OTHER_LINES = 5;

const CTRL_Z = 0x1a;

const KEYS = "type to filter, ↑↓, Enter, Esc";

/** Asks the question; `undefined` after Esc, Ctrl-C or Ctrl-D. */
export async function pick(
  { message, choices, color }: Question,
): Promise<string | undefined> {
  const { stderr } = process;
  const shown = labels(choices, stderr.columns ?? 80);
  const paint = (style: (text: string) => string) =>
    color ? style : (text: string) => text;
  const left = new AbortController();
  const leave = () => left.abort();
  const watch = (_: unknown, key?: { name?: string; ctrl?: boolean }) => {
    if (key?.name === "escape" || key?.ctrl && key.name === "d") leave();
  };
  using keys = keyboard();
  keys.stream.on("keypress", watch).on("end", leave);
  try {
    return await search({
      message: `${message}:`,
      pageSize: Math.max(
        1,
        Math.min(MAX_LINES, (stderr.rows ?? 24) - OTHER_LINES),
      ),
      source: (term = "") => shown.filter((choice) => matches(choice, term)),
      theme: {
        prefix: { idle: paint(colors.cyan)("?"), done: "" },
        style: {
          message: paint(colors.bold),
          searchTerm: paint(colors.cyan),
          highlight: paint(colors.cyan),
          error: paint(colors.red),
          keysHelpTip: () => paint(colors.dim)(KEYS),
        },
      },
    }, {
      input: keys.stream,
      output: stderr,
      signal: left.signal,
      clearPromptOnDone: true,
    });
  } catch (error) {
    const names = ["AbortPromptError", "ExitPromptError"];
    if (error instanceof Error && names.includes(error.name)) return undefined;
    throw error;
  }
}

/** The terminal's keys without Ctrl-Z: after `fg` Deno would read no keys. */
function keyboard(): { stream: Transform } & Disposable {
  const { stdin } = process;
  const stream = new Transform({
    transform: (keys: Uint8Array, _encoding, done) =>
      done(null, keys.filter((key) => key !== CTRL_Z)),
  });
  Object.assign(stream, {
    isTTY: true,
    setRawMode: (raw: boolean) => stdin.setRawMode(raw),
  });
  stdin.pipe(stream);
  return {
    stream,
    [Symbol.dispose]: () => {
      stdin.unpipe(stream).pause();
    },
  };
}

/** Whether a choice has all the words that were typed. */
function matches({ value, note = "" }: Choice, term: string): boolean {
  const text = `${value} ${note}`.toLowerCase();
  return term.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** The choices with their notes in a second column, if that fits. */
function labels(
  choices: readonly Choice[],
  columns: number,
): (Choice & { name: string })[] {
  const width = choices.reduce(
    (most, { value }) => Math.max(most, value.length),
    0,
  );
  const wide = choices.map(({ value, note = "" }) =>
    `${value.padEnd(width)}  ${note}`.trimEnd()
  );
  const fits = wide.every((name) => name.length + 2 <= columns);
  return choices.map((choice, index) => ({
    ...choice,
    name: fits ? wide[index] : choice.value,
  }));
}
