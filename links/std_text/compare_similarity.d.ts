/** How words are compared. */
export interface CompareSimilarityOptions {
  /** Tell `A` from `a`; `false` when not given. */
  caseSensitive?: boolean;
  /** Distance of two words; the Levenshtein distance when not given. */
  compareFn?: (a: string, b: string) => number;
}

/** A comparison for `sort` that puts words closest to the given one first. */
export declare function compareSimilarity(
  givenWord: string,
  options?: CompareSimilarityOptions,
): (a: string, b: string) => number;
