/**
 * Words of a Bash command line, with their quotes.
 *
 * @module
 */

/** The quote left open at the end of a word. */
export type OpenQuote = "" | "'" | '"';

/** What a backslash escapes within double quotes. */
const SPECIAL_IN_DOUBLE = /[$`"\\]/;

/**
 * The text of an unfinished word, and the quote left open at its end. Nothing is
 * expanded: `$HOME` stays as it is.
 *
 * @example
 * ```ts
 * import { readBashWord } from "./shell_words.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readBashWord("a\\ b"), { text: "a b", open: "" });
 * assertEquals(readBashWord(`it"'s`), { text: "it's", open: '"' });
 * ```
 */
export function readBashWord(word: string): { text: string; open: OpenQuote } {
  let text = "";
  let open: OpenQuote = "";
  for (let at = 0; at < word.length; at++) {
    const char = word[at];
    const next = word[at + 1];
    if (char === open) open = "";
    else if (open === "" && (char === "'" || char === '"')) open = char;
    else if (
      char === "\\" && next !== undefined && open !== "'" &&
      (open === "" || SPECIAL_IN_DOUBLE.test(next))
    ) {
      text += next;
      at++;
    } else text += char;
  }
  return { text, open };
}

/**
 * Quotes a text for Bash, opening with the quote that is open already;
 * `undefined` when that quote cannot hold it.
 *
 * @example
 * ```ts
 * import { quoteBashWord } from "./shell_words.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(quoteBashWord("$(id)", ""), "\\$\\(id\\)");
 * assertEquals(quoteBashWord("$(id)", '"'), '"\\$(id)');
 * assertEquals(quoteBashWord("it's", "'"), undefined);
 * ```
 */
export function quoteBashWord(
  text: string,
  open: OpenQuote,
): string | undefined {
  switch (open) {
    case "":
      return text.replace(/[^\p{L}\p{N}_.,:=@%+/-]/gu, "\\$&");
    case "'":
      return text.includes("'") ? undefined : `'${text}`;
    case '"':
      // Nothing keeps a "!" in double quotes from history expansion.
      return text.includes("!")
        ? undefined
        : `"${text.replace(/[$`"\\]/g, "\\$&")}`;
  }
}
