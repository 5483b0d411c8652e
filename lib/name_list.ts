/**
 * Names from elsewhere in a sentence.
 *
 * @module
 */

import { printable } from "./printable.ts";

/**
 * The first names, and how many there are besides.
 *
 * @example
 * ```ts
 * import { nameList } from "./name_list.ts";
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
