/**
 * The doctor's report in each format.
 *
 * @module
 */

import type { KeyFinding } from "../inspect_settings.ts";
import type { Format } from "../options.ts";
import { renderDocument, renderMarkdownTable, renderTable } from "../output.ts";
import { findingRows, FINDINGS_HEADER } from "../print_plan.ts";
import type { Check } from "./check.ts";

/** The document of `-o json` and `-o yaml`. */
export interface Report {
  /** Whether no check failed. */
  ok: boolean;
  /** The checks, in the order in which to put things right. */
  checks: Check[];
  /** Keys of settings files and variables that route, and who wins. */
  settings: KeyFinding[];
}

/** Renders a report. */
export function renderReport(report: Report, format: Format): string {
  if (format === "json" || format === "yaml") {
    return renderDocument(format, report);
  }
  const markdown = format === "markdown";
  const table = markdown ? renderMarkdownTable : renderTable;
  let text = table(
    ["STATUS", "CHECK", "RESULT"],
    report.checks.map(({ status, name, message, remedy }) => [
      status,
      name,
      remedy === undefined ? message : `${message}\n-> ${remedy}`,
    ]),
  );
  if (format !== "table" && report.settings.length > 0) {
    text += markdown ? "\n## Settings\n\n" : "\nSettings\n";
    text += table(FINDINGS_HEADER, findingRows(report.settings));
  }
  return text;
}
