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

/**
 * Names in a sentence: the first ones, and how many more there are.
 *
 * @example
 * ```ts
 * import { nameList } from "./printable.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nameList(["a", "b"]), "a, b");
 * assertEquals(nameList(["a", "b", "c"], 2), "a, b, and 1 more");
 * ```
 */
export function nameList(names: readonly string[], limit = 10): string {
  const shown = names.slice(0, limit).map(printable);
  const more = names.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}
