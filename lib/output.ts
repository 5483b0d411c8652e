/**
 * Rendering results: every function returns a string, printing is the caller's.
 *
 * @module
 */

import { Table } from "@cliffy/table";
import { stringify } from "@std/yaml/stringify";

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
 * import { renderMarkdownTable } from "./output.ts";
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

/** One JSON or YAML document, ending with a line break. */
export function renderDocument(
  format: "json" | "yaml",
  value: unknown,
): string {
  return format === "json"
    ? JSON.stringify(value, null, 2) + "\n"
    : stringify(value, { useAnchors: false, lineWidth: -1 });
}
