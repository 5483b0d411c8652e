/**
 * What this project takes for granted of Claude Code.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { testedVersion } from "../../tools/claude_code.ts";

/** Asserts a fact of the client, which another version may change. */
export function fact<T>(name: string, expected: T, actual: T): void {
  try {
    assertEquals(actual, expected);
  } catch (cause) {
    const show = (value: T) => Deno.inspect(value, { depth: 10 });
    throw new Error(
      `Claude Code ${testedVersion()} changed: ${name}\n` +
        `expected: ${show(expected)}\ncame: ${show(actual)}`,
      { cause },
    );
  }
}
