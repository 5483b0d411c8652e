/**
 * Durations, as typed and as shown.
 *
 * @module
 */

import { CliError } from "./errors.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  "": 1_000,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Milliseconds of `90`, `90s`, `5m` or `1h`.
 *
 * @example
 * ```ts
 * import { parseDuration } from "./duration.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseDuration("90", "--refresh-within"), 90_000);
 * assertEquals(parseDuration("5m", "--refresh-within"), 300_000);
 * ```
 *
 * @throws {CliError} `usage`
 */
export function parseDuration(text: string, flag: string): number {
  const [, number, unit] = /^(\d{1,9})([smh]?)$/.exec(text) ?? [];
  if (number === undefined) {
    throw new CliError("usage", `bad duration "${text}" (${flag})`, {
      hint: "give seconds, or a number with s, m or h: 90, 90s, 5m, 1h",
    });
  }
  return Number(number) * UNIT_MS[unit];
}

/**
 * A duration for people.
 *
 * @example
 * ```ts
 * import { showDuration } from "./duration.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(showDuration(42_000), "42s");
 * assertEquals(showDuration(3_720_000), "1h 2m");
 * ```
 */
export function showDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
