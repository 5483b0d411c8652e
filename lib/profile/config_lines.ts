/**
 * Where a key stands in the text of the config file; for errors and warnings
 * only.
 *
 * @module
 */

import { isMap, isScalar, LineCounter, parseDocument } from "yaml";

/**
 * The line of a key, counted from 1, or of the nearest key above it that is there.
 *
 * @example
 * ```ts
 * import { lineOfKey } from "./config_lines.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "profiles:\n  dev:\n    relay: maybe\n";
 * assertEquals(lineOfKey(text, ["profiles", "dev", "relay"]), 3);
 * assertEquals(lineOfKey(text, ["profiles", "dev", "model"]), 2);
 * assertEquals(lineOfKey(text, ["current_profile"]), undefined);
 * ```
 */
export function lineOfKey(
  text: string,
  keys: readonly string[],
): number | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: "failsafe",
    lineCounter: lines,
  });
  let node: unknown = document.contents;
  let line: number | undefined;
  for (const name of keys) {
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && key.value === name)
      : undefined;
    if (!isScalar(pair?.key) || !pair.key.range) break;
    line = lines.linePos(pair.key.range[0]).line;
    node = pair.value;
  }
  return line;
}
