/**
 * Reading YAML, as a rule without loading a YAML parser: that takes longer than
 * all else that the helper does, and the files it reads are nearly always a few
 * nested keys with a word behind each.
 *
 * @module
 */

import type { JsonObject } from "../base/json_object.ts";

/**
 * Reads YAML whose scalars are all texts: the failsafe schema keeps `2026-01-01`
 * and `1e3` the strings they are.
 *
 * @throws {SyntaxError}
 */
export async function parseYaml(text: string): Promise<unknown> {
  const plain = readPlainYaml(text);
  if (plain !== undefined) return plain;
  const { parse } = await import("@std/yaml/parse");
  return parse(text, { schema: "failsafe" });
}

/** Words that are one text in every YAML reader, also with `:` inside. */
const WORD = "[A-Za-z0-9_/](?:[\\w./@+=~%,-]|:(?=[\\w./@+=~%,-]))*";

/** `key:`, or `key: text` with the text plain or in quotes without escapes. */
const LINE = new RegExp(
  `^( *)(?:(${WORD})|'([\\w ./:@+-]+)'|"([\\w ./:@+-]+)"):` +
    `(?: +(?:(${WORD}(?: ${WORD})*)|'([ -&(-~]*)'|"([ !#-[\\]-~]*)"))?` +
    "(?: +#.*| *)$",
);

/** A mapping that is being read. */
interface Level {
  /** Blanks in front of its keys. */
  indent: number;
  /** What it holds so far. */
  entries: JsonObject;
}

/**
 * Reads nested mappings of texts in block style as the failsafe schema does;
 * `undefined` for whatever is more than that: another reader has to tell.
 *
 * @example
 * ```ts
 * import { readPlainYaml } from "./parse_yaml.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const text = "current: dev # mine\nprofiles:\n  dev:\n    url: https://gw:1/a\n";
 * assertEquals(readPlainYaml(text), {
 *   current: "dev",
 *   profiles: { dev: { url: "https://gw:1/a" } },
 * });
 * assertEquals(readPlainYaml("list: [1]"), undefined);
 * ```
 */
export function readPlainYaml(text: string): JsonObject | undefined {
  const root: JsonObject = {};
  const levels: Level[] = [{ indent: 0, entries: root }];
  /** A key whose value is on the lines below it. */
  let open: { key: string; level: Level } | undefined;
  for (const line of text.split("\n")) {
    if (/^ *(?:#.*)?$/.test(line)) continue;
    const [, blanks, ...parts] = LINE.exec(line) ?? [];
    if (blanks === undefined) return undefined;
    const key = parts.slice(0, 3).find((part) => part !== undefined);
    const value = parts.slice(3).find((part) => part !== undefined);
    if (key === undefined || key === "__proto__") return undefined;
    const indent = blanks.length;
    if (open !== undefined) {
      if (indent <= open.level.indent) return undefined; // a key without a value
      const entries: JsonObject = {};
      open.level.entries[open.key] = entries;
      levels.push({ indent, entries });
    } else {
      while (levels.length > 1 && indent < levels[levels.length - 1].indent) {
        levels.pop();
      }
    }
    const level = levels[levels.length - 1];
    if (indent !== level.indent || Object.hasOwn(level.entries, key)) {
      return undefined;
    }
    open = value === undefined ? { key, level } : undefined;
    if (value !== undefined) level.entries[key] = value;
  }
  const complete = open === undefined && Object.keys(root).length > 0;
  return complete ? root : undefined;
}
