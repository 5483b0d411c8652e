/**
 * The output formats.
 *
 * @module
 */

export const FORMATS = ["table", "wide", "json", "yaml", "markdown"] as const;

/** One of {@linkcode FORMATS}. */
export type Format = typeof FORMATS[number];

/** Whether a format is for programs: then even an empty result is printed. */
export function isDocument(format: Format): format is "json" | "yaml" {
  return format === "json" || format === "yaml";
}
