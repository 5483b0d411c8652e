/**
 * A question at the terminal, answered with a line.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { errorLine } from "./reporter.ts";
import type { Sys } from "./sys.ts";

/** The terminal that a question is asked at. */
export type AskSys = Pick<Sys, "err" | "readLine" | "interruptible">;

/**
 * Asks, and returns the answer without the blanks around it.
 *
 * @param what what ends when nobody answers: `sign-in`
 * @param again the command that starts it again
 * @throws {CliError} `cancelled` at Ctrl-C and Ctrl-D
 */
export async function askLine(
  question: string,
  { what, again }: { what: string; again: string },
  sys: AskSys,
): Promise<string> {
  using interrupt = sys.interruptible();
  const interrupted = new Promise<undefined>((resolve) =>
    interrupt.signal.addEventListener("abort", () => resolve(undefined))
  );
  sys.err(`${question} `);
  const answer = await Promise.race([sys.readLine(), interrupted]);
  if (answer !== undefined) return answer.trim();
  sys.err("\n");
  throw new CliError("cancelled", `${what} cancelled; nothing was changed`, {
    hint: `start again: ${again}`,
  });
}

/** Asks for a yes or a no; Enter alone is a yes. */
export async function askYes(
  question: string,
  ending: { what: string; again: string },
  sys: AskSys,
): Promise<boolean> {
  return isYes(await askLine(`${question} [Y/n]`, ending, sys));
}

/** Whether an answer is a yes. */
export function isYes(answer: string): boolean {
  return /^(?:y|yes|)$/i.test(answer);
}

/** Checks an answer; `undefined` after saying what is wrong with it. */
export async function checkAnswer<T>(
  check: () => T,
  sys: AskSys,
): Promise<T | undefined> {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    sys.err(`${await errorLine(error)}\n`);
    return undefined;
  }
}
