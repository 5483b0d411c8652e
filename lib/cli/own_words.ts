/**
 * Hints for arguments of Claude Code that were typed before `--`: the same
 * command line, corrected.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { typed } from "../base/quote_word.ts";
import { suggestions } from "../base/suggest.ts";
import { isOption, isSubcommand } from "../claude/claude_args.ts";
import { unaliased } from "./command_table.ts";
import { findCommand, isGroup } from "./find_command.ts";
import {
  findFlag,
  type FlagSpec,
  LAUNCH_FLAGS,
  spellings,
} from "../profile/flags.ts";

/** The arguments before `--`, sorted. */
interface OwnLine {
  /** This program's flags with their values; no token. */
  ours: string[];
  /** Claude Code's options, and all words. */
  theirs: string[];
}

/**
 * The error, with the corrected command line as its hint when it is about
 * something that Claude Code would take.
 *
 * @example
 * ```ts
 * import { inOwnWords } from "./own_words.ts";
 * import { CliError } from "../base/errors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new CliError("usage", "...", { argument: "--print" });
 * const argv = ["-L", "anthropic", "--print", "say hi"];
 * assertEquals(
 *   (inOwnWords(error, argv, "linux") as CliError).hint,
 *   "Claude Code's --print goes after --: " +
 *     'ai-claude -L anthropic -- --print "say hi"',
 * );
 * ```
 */
export function inOwnWords(
  error: unknown,
  argv: readonly string[],
  platform: string,
): unknown {
  if (!(error instanceof CliError) || error.argument === undefined) {
    return error;
  }
  const hint = ownHint(error, error.argument, argv, platform);
  if (hint === undefined) return error;
  const { code, message, cause } = error;
  return new CliError(code, message, { hint, cause });
}

function ownHint(
  { hint, suggest }: CliError,
  wrong: string,
  argv: readonly string[],
  platform: string,
): string | undefined {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const line = readLine(argv.slice(0, end), wrong);
  if (line === undefined) return undefined;
  const { ours, theirs } = line;
  const after = [...theirs, ...argv.slice(end + 1)];
  const whole = `ai-claude ${
    typed([...ours, ...(after.length > 0 ? ["--", ...after] : [])], platform)
  }`;
  if (wrong === "--provider") return `did you mean --llmprovider? ${whole}`;
  const option = theirs.find((word) => word.startsWith("-"))?.split("=")[0];
  if (option === undefined) {
    return theirs.includes(wrong) && isForClaude(line)
      ? `arguments for Claude Code go after --: ${whole}`
      : undefined;
  }
  const forClaude = `Claude Code's ${option} goes after --: ${whole}`;
  const mayBeOurs = wrong.startsWith("--rpai-") &&
    !theirs.some((word) => /\s/.test(word));
  if (!mayBeOurs) return forClaude;
  return suggest !== undefined && suggestions(suggest).length > 0
    ? undefined
    : `${hint}; ${forClaude}`;
}

/** Sorts the arguments; `undefined` when it is not certain whose they are. */
function readLine(own: readonly string[], wrong: string): OwnLine | undefined {
  const line: OwnLine = { ours: [], theirs: [] };
  for (let at = 0; at < own.length; at++) {
    const arg = own[at].replace(/^--provider(?==|$)/, "--llmprovider");
    const next = own[at + 1]?.startsWith("-") ? undefined : own[at + 1];
    const name = arg.split("=")[0];
    const flag = findFlag(arg.startsWith("--") ? name : arg.slice(0, 2));
    if (isWord(arg) || isTheirs(arg, flag, next, wrong)) {
      line.theirs.push(arg);
    } else if (flag === undefined) {
      // What follows an unknown flag may be a secret.
      if (!isOption(name)) return undefined;
      line.theirs.push(arg);
    } else {
      const takesNext = flag.value !== undefined && next !== undefined &&
        spellings(flag).includes(arg);
      if (flag.name !== "token") {
        line.ours.push(arg, ...takesNext ? [next] : []);
      }
      if (takesNext) at++;
    }
  }
  return withoutCommand(line);
}

function isWord(arg: string): boolean {
  return !arg.startsWith("-") || arg === "-";
}

/** Moves `run claude` to the front; `undefined` for a command that launches nothing. */
function withoutCommand({ ours, theirs }: OwnLine): OwnLine | undefined {
  const [first, ...others] = theirs.filter(isWord);
  const words = first === undefined ? [] : [...unaliased(first), ...others];
  const { spec } = findCommand(words);
  if (isGroup(words) || spec.kind !== "launch") return undefined;
  return {
    ours: [...spec.words, ...ours],
    theirs: theirs.filter((word) => !spec.words.includes(word)),
  };
}

/** Whether letters that are flags here too are meant for Claude Code. */
function isTheirs(
  arg: string,
  flag: FlagSpec | undefined,
  value: string | undefined,
  wrong: string,
): boolean {
  if (/^-[cp]{2}$/.test(arg)) return true;
  if (!/^-[cp]$/.test(arg)) return false;
  return value === undefined || /\s/.test(value) || wrong === `--${flag?.name}`;
}

/**
 * Whether the words are for Claude Code. A prompt costs money, so a word that may
 * be a mistyped command is not taken for one.
 */
function isForClaude({ ours, theirs }: OwnLine): boolean {
  const launchFlags = LAUNCH_FLAGS.flatMap(spellings);
  return theirs.some((word) => /\s/.test(word)) || isSubcommand(theirs[0]) ||
    ours[0] === "run" ||
    ours.some((arg) => launchFlags.includes(arg.split("=")[0]));
}
