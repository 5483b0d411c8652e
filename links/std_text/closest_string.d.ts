import type { CompareSimilarityOptions } from "./compare_similarity.d.ts";

/** The word closest to the given one; throws a `TypeError` when there is none. */
export declare function closestString(
  givenWord: string,
  possibleWords: readonly string[],
  options?: CompareSimilarityOptions,
): string;
