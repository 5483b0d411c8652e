/**
 * Rendering results: every function returns a string, printing is the caller's.
 *
 * @module
 */

import { Table } from "@cliffy/table";
import { stringify } from "@std/yaml/stringify";
import { type Format, isDocument } from "./format.ts";

/** Writes what people read: as plain text, or as Markdown. */
export interface Page {
  /** Whether there is room for all that is known: `wide` and `markdown`. */
  readonly wide: boolean;
  readonly markdown: boolean;
  /** A table, ending with a line break. */
  table(header: string[], rows: string[][]): string;
  /** A heading between sections. */
  heading(text: string): string;
  /** Text that stays as it is. */
  block(text: string): string;
}

/**
 * A result in the format asked for: the document for programs, else what `write`
 * makes of it for people.
 *
 * @example
 * ```ts
 * import { render } from "./render.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const names = ["a", "b"];
 * const show = (format: "json" | "markdown") =>
 *   render(format, names, ({ table }) => table(["NAME"], names.map((n) => [n])));
 * assertEquals(JSON.parse(show("json")), names);
 * assertEquals(show("markdown"), "| NAME |\n| --- |\n| a |\n| b |\n");
 * ```
 */
export function render(
  format: Format,
  document: unknown,
  write: (page: Page) => string,
): string {
  if (isDocument(format)) return renderDocument(format, document);
  return write(
    format === "markdown"
      ? {
        wide: true,
        markdown: true,
        table: renderMarkdownTable,
        heading: (text) => `\n## ${text}\n\n`,
        block: (text) => "```\n" + text + "\n```\n",
      }
      : {
        wide: format === "wide",
        markdown: false,
        table: renderTable,
        heading: (text) => `\n${text}\n`,
        block: (text) => text + "\n",
      },
  );
}

/** An aligned table without borders, ending with a line break. */
export function renderTable(header: string[], rows: string[][]): string {
  const table = new Table().header(header).body(rows).padding(2).border(false);
  return table.toString().split("\n")
    .map((line) => line.trimEnd()).join("\n").trimEnd() + "\n";
}

/**
 * A Markdown table, ending with a line break.
 *
 * @example
 * ```ts
 * import { renderMarkdownTable } from "./render.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   renderMarkdownTable(["A"], [["x|y"]]),
 *   "| A |\n| --- |\n| x\\|y |\n",
 * );
 * ```
 */
export function renderMarkdownTable(
  header: string[],
  rows: string[][],
): string {
  const line = (cells: string[]) =>
    `| ${
      cells.map((cell) =>
        cell.replaceAll("\\", "\\\\").replaceAll("|", "\\|")
          .replaceAll("\n", "<br>")
      ).join(" | ")
    } |\n`;
  return line(header) + line(header.map(() => "---")) + rows.map(line).join("");
}

/** Control characters that `JSON.stringify` leaves as they are. */
const CONTROL = /[\x7f-\x9f\u2028\u2029]/g;

/** What overrides the direction of text. */
const BIDI = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * One JSON or YAML document, ending with a line break. Control characters and
 * what overrides the direction of text are escaped.
 *
 * @example
 * ```ts
 * import { renderDocument } from "./render.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(renderDocument("json", "a\u202eb"), '"a\\u202eb"\n');
 * assertEquals(renderDocument("yaml", "a\u202eb"), '"a\\u202eb"\n');
 * ```
 */
export function renderDocument(
  format: "json" | "yaml",
  value: unknown,
): string {
  if (format === "json") {
    const text = JSON.stringify(value, null, 2);
    return text.replace(CONTROL, escape).replace(BIDI, escape) + "\n";
  }
  // `stringify` takes overrides for printable. A bell behind each gets the text
  // into quotes, as `\a`; then both give way to the escape.
  const marked: unknown = JSON.parse(
    JSON.stringify(value).replace(BIDI, "$&\\u0007"),
  );
  return stringify(marked, { useAnchors: false, lineWidth: -1 })
    .replace(/([\u202a-\u202e\u2066-\u2069])\\a/g, (_, char) => escape(char));
}

function escape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
