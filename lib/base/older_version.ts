/**
 * The order of version numbers.
 *
 * @module
 */

/**
 * Whether a version comes before another.
 *
 * @example
 * ```ts
 * import { isOlder } from "./older_version.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isOlder("2.1.99", "2.1.208"), true);
 * assertEquals(isOlder("2.1.208", "2.1.208"), false);
 * ```
 */
export function isOlder(version: string, floor: string): boolean {
  const [a, b] = [version, floor].map((text) => text.split(".").map(Number));
  const index = a.findIndex((part, i) => part !== b[i]);
  return index !== -1 && a[index] < b[index];
}
