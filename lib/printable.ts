/**
 * Text from elsewhere, made safe to show.
 *
 * @module
 */

/** Longest text from elsewhere that is repeated in a message, in characters. */
const LIMIT = 200;

/**
 * One line of at most 200 characters without control characters, so that an
 * answer or a file can neither move the cursor nor fill the screen.
 *
 * @example
 * ```ts
 * import { printable } from "./printable.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(printable("\n<html>\u001b[2J\nmore"), "<html>?[2J");
 * ```
 */
export function printable(text: string): string {
  const clean = oneLine(text.trim().split(/[\r\n]/)[0]);
  return clean.length > LIMIT ? clean.slice(0, LIMIT) + "..." : clean;
}

/** The text with `?` for each control character, so that it stays one line. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, "?");
}
