// @ts-types="./compare_similarity.d.ts"
export { compareSimilarity } from "npm:deno-std@1.4.0/text/compare_similarity.js";
