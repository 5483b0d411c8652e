/**
 * What goes to stderr: warnings, debug lines, and the one place where an error
 * becomes text.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { oneLine } from "../base/printable.ts";
import { isTrue } from "../base/is_true.ts";
import type { Sys } from "./sys.ts";

export interface Reporter {
  /** A `warning:` line. */
  warn(line: string): void;
  /** A `debug:` line with the milliseconds since the start; only with `-v`. */
  debug(line: string): void;
}

export async function reporter(
  options: { color: boolean; verbose: boolean },
  sys: Pick<Sys, "err" | "isTerminal" | "now">,
): Promise<Reporter> {
  const start = sys.now();
  const { dim, yellow } = await palette(
    options.color && sys.isTerminal("stderr"),
  );
  return {
    warn: (text) => sys.err(`${yellow("warning:")} ${oneLine(text)}\n`),
    debug: (text) => {
      if (!options.verbose) return;
      const time = `[${sys.now() - start} ms]`;
      sys.err(`${dim("debug:")} ${time} ${oneLine(text)}\n`);
    },
  };
}

/** Colours, or none; the module is loaded only where there is a terminal. */
async function palette(
  color: boolean,
): Promise<Record<"bold" | "cyan" | "dim" | "red" | "yellow", Paint>> {
  const plain: Paint = (text) => text;
  const none = {
    bold: plain,
    cyan: plain,
    dim: plain,
    red: plain,
    yellow: plain,
  };
  // The error may be that packages cannot be loaded.
  return color ? await import("@std/fmt/colors").catch(() => none) : none;
}

type Paint = (text: string) => string;

/** How an error is shown. */
export interface ErrorStyle {
  /** As one JSON object. */
  json: boolean;
  /** With its cause and, for a bug, its stack. */
  verbose: boolean;
  color: boolean;
}

/**
 * How to show an error. Reads the raw arguments, since parsing them may be what
 * failed.
 */
export function errorStyle(
  argv: readonly string[],
  sys: Pick<Sys, "env" | "isTerminal">,
): ErrorStyle {
  const end = argv.indexOf("--");
  const own = argv.slice(0, end === -1 ? argv.length : end).join("\n");
  const given = [...own.matchAll(/^(?:-o[=\n]?|--format[=\n])(.+)$/gm)];
  const format = given.at(-1)?.[1] ?? sys.env.RPAI_FORMAT;
  return {
    json: format === "json",
    verbose: /^(?:-v|--verbose|--rpai-verbose)$/m.test(own) ||
      isTrue(sys.env.RPAI_VERBOSE),
    color: sys.isTerminal("stderr") && !sys.env.NO_COLOR &&
      !/^--no-color$/m.test(own),
  };
}

/**
 * The text for an error, ending with a line break.
 *
 * @example
 * ```ts
 * import { describeError } from "./reporter.ts";
 * import { CliError } from "../base/errors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new CliError("usage", "no value for --model", { hint: "x" });
 * const style = { json: false, verbose: false, color: false };
 * assertEquals(
 *   await describeError(error, style),
 *   "error: no value for --model\nhint: x\n",
 * );
 * ```
 */
export async function describeError(
  error: unknown,
  style: ErrorStyle,
): Promise<string> {
  const known = error instanceof CliError;
  const message = oneLine(
    known ? error.message : `this is a bug in ai-claude: ${messageOf(error)}`,
  );
  const hint = oneLine(
    known
      ? await fullHint(error)
      : "run it again with --verbose and report what it prints",
  );
  if (style.json) {
    const code = known ? error.code : "bug";
    return JSON.stringify({ error: { code, message, hint } }) + "\n";
  }
  const { bold, cyan, red } = await palette(style.color);
  let text = `${bold(red("error:"))} ${message}\n`;
  if (hint !== "") text += `${cyan("hint:")} ${hint}\n`;
  if (style.verbose) {
    const detail = known ? error.cause : error;
    if (detail instanceof Error) text += `${detail.stack ?? detail.message}\n`;
  }
  return text;
}

/** An error and its hint in one line. */
export async function errorLine(error: CliError): Promise<string> {
  const parts = [error.message, await fullHint(error)];
  return oneLine(parts.filter(Boolean).join("; "));
}

/** An error's hint, with what the user may have meant in front. */
export async function fullHint(
  { hint = "", suggest }: CliError,
): Promise<string> {
  if (suggest === undefined) return hint;
  const { suggestions } = await import("../base/suggest.ts");
  const close = suggestions(suggest);
  if (close.length === 0) return hint;
  return suggest.show === "likely"
    ? `did you mean ${close[0]}? ${suggest.insteadOfHint ? "" : hint}`.trim()
    : [`closest: ${close.join(", ")}`, hint].filter(Boolean).join("; ");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
