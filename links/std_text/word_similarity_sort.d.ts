import type { CompareSimilarityOptions } from "./compare_similarity.d.ts";

/** A copy of the words, those closest to the given one first. */
export declare function wordSimilaritySort(
  givenWord: string,
  possibleWords: readonly string[],
  options?: CompareSimilarityOptions,
): string[];
