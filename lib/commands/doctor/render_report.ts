/**
 * The doctor's report in each format.
 *
 * @module
 */

import type { KeyFinding } from "../../launch/inspect_settings.ts";
import type { Format } from "../../base/format.ts";
import { type Page, render } from "../../base/render.ts";
import { findingRows, FINDINGS_HEADER } from "../../launch/print_plan.ts";
import { wrap } from "../../base/wrap.ts";
import { dim, green, red, yellow } from "@std/fmt/colors";
import type { Check, Status } from "./check.ts";

/** The document of `-o json` and `-o yaml`. */
export interface Report {
  /** Whether no check failed. */
  ok: boolean;
  /** The checks, in the order in which to put things right. */
  checks: Check[];
  /** Keys of settings files and variables that route, and who wins. */
  settings: KeyFinding[];
}

/** Width of the columns before the result. */
const BEFORE_RESULT = "STATUS  settings  ".length;

/** Narrowest column of results; below that, each gets lines of its own. */
const MIN_RESULT = 24;

/**
 * Renders a report.
 *
 * @param columns width of the terminal, if it is for one
 * @param color whether statuses are coloured where people read them
 */
export function renderReport(
  report: Report,
  format: Format,
  columns: number = Infinity,
  color = false,
): string {
  return render(format, report, (page) => write(report, page, columns, color));
}

function write(
  report: Report,
  page: Page,
  columns: number,
  color: boolean,
): string {
  const { wide, markdown, table, heading } = page;
  const width = markdown ? Infinity : columns - BEFORE_RESULT;
  let text = width < MIN_RESULT
    ? report.checks.map((check) => stacked(check, columns)).join("")
    : table(
      ["STATUS", "CHECK", "RESULT"],
      report.checks.map((check) => [
        check.status,
        check.name,
        result(check, width).join("\n"),
      ]),
    );
  if (color && !markdown) text = text.replace(STATUS, painted);
  if (wide && report.settings.length > 0) {
    text += heading("Settings");
    text += table(FINDINGS_HEADER, findingRows(report.settings));
  }
  return text;
}

/** A status, which is all that begins a line besides the header. */
const STATUS = /^(?:ok|warn|fail|skip)(?= )/gm;

const PAINT = { ok: green, warn: yellow, fail: red, skip: dim };

function painted(status: string): string {
  return PAINT[status as Status](status);
}

/** Lines of a result and its remedy. */
function result({ message, remedy }: Check, width: number): string[] {
  return [
    ...wrap(message, width),
    ...(remedy === undefined ? [] : wrap(`-> ${remedy}`, width)),
  ];
}

function stacked(check: Check, columns: number): string {
  return `${check.status} ${check.name}\n` +
    result(check, columns - 2).map((line) => `  ${line}\n`).join("");
}
