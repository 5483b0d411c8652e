/**
 * Words as Bash has them on its command line: with their quotes.
 *
 * @module
 */

/** The quote that a word has open where it ends. */
export type OpenQuote = "" | "'" | '"';

/** What a backslash within double quotes takes its meaning from. */
const SPECIAL_IN_DOUBLE = /[$`"\\]/;

/**
 * What an unfinished word says, and the quote that is open at its end. Nothing
 * is expanded: `$HOME` stays as it is.
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
 * A text as Bash must have it to mean just that, behind the quote that is open;
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
      // No backslash keeps a "!" there from the history.
      return text.includes("!")
        ? undefined
        : `"${text.replace(/[$`"\\]/g, "\\$&")}`;
  }
}
