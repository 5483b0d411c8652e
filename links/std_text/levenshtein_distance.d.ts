/** How many characters to insert, delete or replace to get from one to the other. */
export declare function levenshteinDistance(str1: string, str2: string): number;
