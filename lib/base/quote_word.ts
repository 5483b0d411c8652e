/**
 * Words of a command line, quoted for a shell.
 *
 * @module
 */

/** Quotes a word for a POSIX shell. */
export function quoteSh(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Quotes a word for `cmd`: double quotes as the C runtime reads them, a quote
 * doubled, which `cmd` takes for the end of one and the start of the next. `%` is
 * expanded even inside quotes, so each one stands outside them behind a caret.
 */
export function quoteCmd(word: string): string {
  if (/^[\w@+=:,.\\/-]+$/.test(word)) return word;
  const quoted = word
    .replace(/(\\*)"/g, '$1$1""')
    .replace(/(\\*)$/, "$1$1");
  return `"${quoted}"`.replaceAll("%", '"^%"');
}

/**
 * A command line as a person would type it.
 *
 * @example
 * ```ts
 * import { typed } from "./quote_word.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(typed(["-p", "say hi"], "linux"), '-p "say hi"');
 * assertEquals(typed(["-p", "say $5"], "linux"), "-p 'say $5'");
 * ```
 */
export function typed(words: readonly string[], platform: string): string {
  const quote = platform === "windows" ? quoteCmd : quoteTyped;
  return words.map(quote).join(" ");
}

/** In double quotes, as most people write them, unless these expand something. */
function quoteTyped(word: string): string {
  const quoted = quoteSh(word);
  return quoted === word || /[$`"\\!]/.test(word) ? quoted : `"${word}"`;
}
