/**
 * The caller's own `--settings`. Claude Code takes only one, so they are merged
 * under the overlay.
 *
 * @module
 */

import { MAX_SETTINGS_BYTES, settingsEnv } from "./claude_settings.ts";
import { CliError } from "../base/errors.ts";
import { isObject, type JsonObject, parseObject } from "../base/json_object.ts";
import { printable } from "../base/printable.ts";
import type { Sys } from "../system/sys.ts";

/** Deepest nesting that is accepted, because merging and writing recurse. */
const MAX_DEPTH = 500;

/** The caller's settings, split by how they reach Claude Code. */
export interface CallerSettings {
  /** Everything but `env`: passed in the overlay. */
  values: JsonObject;
  /** `env`: its values may be secrets, so they travel in the environment. */
  env: Record<string, string>;
}

/**
 * Reads and merges the values of `--settings`, later ones winning.
 *
 * @throws {CliError} `usage` for a file that cannot be read or is no JSON object
 */
export async function readCallerSettings(
  sources: readonly string[],
  sys: Pick<Sys, "readTextFile" | "platform">,
): Promise<CallerSettings> {
  let merged: JsonObject = {};
  for (const source of sources) {
    merged = mergeSettings(merged, await readSource(source, sys));
  }
  const { env: _, ...values } = merged;
  return { values, env: settingsEnv(merged, sys.platform) };
}

/**
 * Merges settings as Claude Code merges its levels: objects per key, lists
 * joined, otherwise the upper one wins.
 *
 * @example
 * ```ts
 * import { mergeSettings } from "./caller_settings.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   mergeSettings({ a: [1], b: { c: 1, d: 2 } }, { a: [2], b: { c: 3 } }),
 *   { a: [1, 2], b: { c: 3, d: 2 } },
 * );
 * ```
 */
export function mergeSettings(
  under: JsonObject,
  over: JsonObject,
): JsonObject {
  const merged = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    const below = merged.get(key);
    if (Array.isArray(below) && Array.isArray(value)) {
      merged.set(key, [...below, ...value]);
    } else if (isObject(below) && isObject(value)) {
      merged.set(key, mergeSettings(below, value));
    } else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

async function readSource(
  source: string,
  sys: Pick<Sys, "readTextFile">,
): Promise<JsonObject> {
  const inline = source.trimStart().startsWith("{");
  const shown = inline
    ? "the inline JSON of --settings"
    : `--settings ${source}`;
  const bad = (what: string, cause?: unknown) =>
    new CliError("usage", `cannot use ${printable(shown)}: ${what}`, {
      hint:
        "give Claude Code's --settings one JSON object, inline or in a file",
      cause,
    });
  let text: string | undefined = source;
  if (!inline) {
    try {
      text = await sys.readTextFile(source, MAX_SETTINGS_BYTES);
    } catch (error) {
      throw bad(error instanceof Error ? printable(error.message) : "", error);
    }
    if (text === undefined) throw bad("there is no such file");
  }
  // Inline, the bound is on characters.
  if (text.length > MAX_SETTINGS_BYTES) throw bad("it is larger than 2 MiB");
  const value = parseObject(text);
  // The parser's own message quotes the text, which may hold a secret.
  if (value === undefined) throw bad("it is not one JSON object");
  if (isDeeper(value, MAX_DEPTH)) throw bad("it is nested too deeply");
  // Claude Code would silently drop all of it (measured on 2.1.332).
  if (value.env !== undefined && !isObject(value.env)) {
    throw bad('its "env" is not an object of variables');
  }
  return value;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 ||
    Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
