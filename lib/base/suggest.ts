/**
 * "Did you mean": the candidates closest to a word.
 *
 * @module
 */

import { compareSimilarity } from "@std/text/compare-similarity";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import type { Suggestion } from "./errors.ts";

const LIMIT = 3;

/**
 * The candidates that a {@linkcode Suggestion} shows, best first: at most one
 * likely typo, or the three closest.
 *
 * @example
 * ```ts
 * import { suggestions } from "./suggest.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const among = ["bedrock", "anthropic"];
 * assertEquals(suggestions({ word: "antropic", among, show: "likely" }), [
 *   "anthropic",
 * ]);
 * assertEquals(suggestions({ word: "x", among, show: "likely" }), []);
 * ```
 */
export function suggestions({ word, among, show }: Suggestion): string[] {
  const ranked = [...among].sort(compareSimilarity(word));
  if (show === "closest") return ranked.slice(0, LIMIT);
  const reach = Math.max(2, word.length / 3);
  return ranked.slice(0, 1).filter((best) =>
    levenshteinDistance(word, best) <= reach
  );
}
