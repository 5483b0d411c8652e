/**
 * The one error class that users see, and the exit codes it maps to.
 *
 * @module
 */

/**
 * Why a command did not succeed. The word is the `code` of a JSON error; the
 * number is the exit code that scripts can rely on.
 */
export const EXIT_CODES = {
  failure: 1,
  refused: 1,
  usage: 2,
  unauthenticated: 3,
  not_found: 4,
  unavailable: 5,
  claude_not_found: 127,
  cancelled: 130,
} as const;

/** A key of {@linkcode EXIT_CODES}. */
export type ErrorCode = keyof typeof EXIT_CODES;

/** Candidates for a word that was not understood, ranked only when shown. */
export interface Suggestion {
  /** What the user wrote. */
  word: string;
  /** What would have been understood. */
  among: readonly string[];
  /** Show only a likely typo, or the closest in any case. */
  show: "likely" | "closest";
  /** Whether the hint is for a word that nothing is close to. */
  insteadOfHint?: boolean;
}

/** What may accompany a {@linkcode CliError}. */
export interface CliErrorOptions {
  /** What to do about it: a command where there is one. */
  hint?: string;
  /** What the user may have meant. */
  suggest?: Suggestion;
  /** The word that is wrong, or the flag whose value is: `--model`. */
  argument?: string;
  /** The error that led here, shown with `--verbose`. */
  cause?: unknown;
}

/**
 * An expected failure: shown as one `error:` line and a `hint:`, never with a
 * stack. Anything else that is thrown is a bug in this program.
 *
 * @example
 * ```ts
 * import { CliError } from "./errors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new CliError("usage", "no value for --model");
 * assertEquals(error.exitCode, 2);
 * ```
 */
export class CliError extends Error {
  /** Which kind of failure. */
  readonly code: ErrorCode;
  /** What to do about it, when that is known. */
  readonly hint: string | undefined;
  /** What the user may have meant. */
  readonly suggest: Suggestion | undefined;
  /** The word that is wrong, or the flag whose value is. */
  readonly argument: string | undefined;

  /** Makes an error of the given kind. */
  constructor(code: ErrorCode, message: string, options: CliErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "CliError";
    this.code = code;
    this.hint = options.hint;
    this.suggest = options.suggest;
    this.argument = options.argument;
  }

  /** The process exit code. */
  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}

/** An error that the issuer itself answered, by its OAuth code. */
export class OAuthError extends Error {
  /** `invalid_grant`, `authorization_pending`, ... */
  readonly code: string;

  /** Made from an answer's `error` and `error_description`. */
  constructor(code: string, description: string) {
    super(description === "" ? code : `${description} (${code})`);
    this.name = "OAuthError";
    this.code = code;
  }
}
