/**
 * What can complete a command line that is being typed. Pure, and never throws:
 * an unfinished line may be wrong.
 *
 * @module
 */

import {
  argumentValues,
  flagValues,
  type Values,
} from "./completion_values.ts";
import { GROUPS } from "../examples.ts";
import { commandsUnder, findCommand, isGroup } from "../find_command.ts";
import { ALIASES, unaliased } from "../command_table.ts";
import {
  findFlag,
  type Flags,
  type FlagSpec,
  GLOBAL_FLAGS,
  spellings,
} from "../../profile/flags.ts";

/** A possible completion. */
export interface Candidate {
  /** The word. */
  value: string;
  /** What it does, in a few words. */
  about?: string;
}

/** What can complete a line. */
export interface CompletionRequest {
  /** Candidates that are known, or what has to be looked up. */
  values: readonly Candidate[] | Exclude<Values, readonly string[]>;
  /** The part of the word before the value: `--flag=`, or nothing. */
  head: string;
  /** Flags given earlier on the line. */
  flags: Flags;
}

/**
 * Works out what can complete a line.
 *
 * @param before the words before the one to complete, without the program
 * @param current the word to complete, as far as it is typed
 *
 * @example
 * ```ts
 * import { completionRequest } from "./completion_request.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(completionRequest(["-p", "dev"], "-L="), {
 *   values: "usable providers",
 *   head: "-L=",
 *   flags: { "rpai-profile": "dev" },
 * });
 * ```
 */
export function completionRequest(
  before: readonly string[],
  current: string,
): CompletionRequest {
  const { flags, words, pending, ended } = readLine(before);
  const request = (
    values: Values | readonly Candidate[],
    head = "",
  ): CompletionRequest => ({
    values: typeof values === "string" ? values : values.map(candidate),
    head,
    flags: flags as Flags,
  });
  if (ended) return request("files");
  if (pending !== undefined) return request(flagValues(pending));
  if (!current.startsWith("-")) return request(nextWords(words, current));
  const assigned = current.indexOf("=");
  if (assigned === -1) return request(nextFlags(words, current, flags));
  const flag = findFlag(current.slice(0, assigned));
  return flag?.value === undefined
    ? request([])
    : request(flagValues(flag), current.slice(0, assigned + 1));
}

function candidate(value: string | Candidate): Candidate {
  return typeof value === "string" ? { value } : value;
}

/** The part of a line that was read. */
interface Line {
  flags: Record<string, string | true>;
  words: string[];
  /** A flag whose value comes next. */
  pending?: FlagSpec;
  /** Whether it has a `--`. */
  ended: boolean;
}

function readLine(before: readonly string[]): Line {
  const line: Line = { flags: {}, words: [], ended: false };
  for (const word of before) {
    if (line.pending !== undefined) {
      line.flags[line.pending.name] = word;
      line.pending = undefined;
    } else if (word === "--") {
      line.ended = true;
      break;
    } else if (!word.startsWith("-")) line.words.push(word);
    else if (word.startsWith("--") || word[2] === "=") {
      const [spelling] = word.split("=", 1);
      const value = word.length === spelling.length
        ? undefined
        : word.slice(spelling.length + 1);
      addFlag(line, findFlag(spelling), value);
    } else addShortFlags(line, word.slice(1));
  }
  const at = line.words[0] === "help" ? 1 : 0;
  line.words = line.words.flatMap((word, index) =>
    index === at ? unaliased(word) : [word]
  );
  return line;
}

/** `-vo` is two flags, `-ojson` is one and its value. */
function addShortFlags(line: Line, letters: string): void {
  for (let at = 0; at < letters.length; at++) {
    const flag = findFlag(`-${letters[at]}`);
    const rest = letters.slice(at + 1);
    addFlag(line, flag, rest === "" ? undefined : rest);
    if (flag?.value !== undefined) return;
  }
}

function addFlag(line: Line, flag: FlagSpec | undefined, value?: string): void {
  if (flag === undefined) return;
  if (flag.value === undefined) line.flags[flag.name] = true;
  else if (value === undefined) line.pending = flag;
  else line.flags[flag.name] = value;
}

/** The next words of a command, or the arguments of a complete one. */
function nextWords(
  words: readonly string[],
  current: string,
): Values | readonly Candidate[] {
  if (words[0] === "help") return nextCommands(words.slice(1), current);
  const { spec, rest } = findCommand(words);
  return spec.words.length === 0
    ? nextCommands(words, current)
    : argumentValues(spec, rest.length);
}

function nextCommands(words: readonly string[], current: string): Candidate[] {
  const nexts = commandsUnder(words).map((spec) => spec.words[words.length]);
  const candidates = [...new Set(nexts)].map((value) => ({
    value,
    about: about([...words, value].join(" ")),
  }));
  // Aliases show only once they are being typed, one for each command.
  if (words.length > 0 || current === "") return candidates;
  const aliases = Object.entries(ALIASES).flatMap(([name, others]) => {
    const value = others.find((alias) => alias.startsWith(current));
    return value === undefined ? [] : [{ value, about: about(name) }];
  });
  return [...candidates, ...aliases];
}

/** What a command or a group is about. */
function about(name: string): string {
  return GROUPS[name] ?? findCommand(name.split(" ")).spec.help;
}

/** The flags of the command that have not been given. */
function nextFlags(
  words: readonly string[],
  current: string,
  given: Line["flags"],
): Candidate[] {
  const { spec, rest } = findCommand(words);
  const isOther = spec.words.length === 0 && rest.length > 0;
  const own = isOther || isGroup(words) ? [] : spec.flags;
  return [...own, ...GLOBAL_FLAGS]
    .filter(({ name }) => given[name] === undefined)
    .flatMap((flag) =>
      spellings(flag)
        .filter((spelling, index) =>
          index === 0 || spelling.length === 2 ||
          // Aliases show only once they are being typed.
          current.length > 2 && spelling.startsWith(current)
        )
        .map((value) => ({ value, about: flag.help }))
    );
}
