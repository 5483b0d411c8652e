/**
 * The answer that a completion script reads: `words` and then one candidate per
 * line, as the shell needs it; or `files` or `dirs`, which the shell completes
 * itself.
 *
 * @module
 */

import {
  type Candidate,
  type CompletionRequest,
  completionRequest,
} from "./completion_request.ts";
import type { Shell } from "./completion_scripts.ts";
import { oneLine } from "../../base/printable.ts";
import { quoteBashWord, readBashWord } from "../shell_words.ts";

/** A command line as a shell passes it. */
export interface ShellLine extends CompletionRequest {
  /** The word to complete, with the shell's quotes. */
  current: string;
}

/**
 * Reads the words that a shell passes: Bash with their quotes, the others
 * without. The last is the one to complete.
 */
export function readShellLine(
  shell: Shell,
  words: readonly string[],
): ShellLine {
  const current = words.at(-1) ?? "";
  const plain = shell === "bash"
    ? words.map((word) => readBashWord(word).text)
    : words;
  return {
    ...completionRequest(plain.slice(0, -1), plain.at(-1) ?? ""),
    current,
  };
}

/** The answer to a line. */
export function shellAnswer(
  shell: Shell,
  line: ShellLine,
  found: readonly Candidate[],
): string {
  // A name with a line break or an escape sequence would break the answer.
  const plain = found.filter(({ value }) => oneLine(value) === value);
  const lines = plain.map((each) => FORMS[shell](each, line));
  return ["words", ...lines.filter((each) => each !== undefined)]
    .join("\n") + "\n";
}

type Form = (candidate: Candidate, line: ShellLine) => string | undefined;

const FORMS: Readonly<Record<Shell, Form>> = {
  // Bash neither filters nor quotes what it is given.
  bash: ({ value }, { head, current }) => {
    const { text, open } = readBashWord(current.slice(head.length));
    if (!current.startsWith(head) || !value.startsWith(text)) return undefined;
    const quoted = quoteBashWord(value, open);
    return quoted === undefined ? undefined : head + quoted;
  },
  // The script has cut off the head.
  zsh: ({ value, about }) => {
    const word = value.replace(/[\\:]/g, "\\$&");
    return about === undefined ? word : `${word}:${oneLine(about)}`;
  },
  fish: ({ value, about }, { head }) =>
    head + value + (about === undefined ? "" : `\t${oneLine(about)}`),
};
