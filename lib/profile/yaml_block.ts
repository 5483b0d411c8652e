/**
 * YAML in block style for a file that other programs read too. `stringify` of
 * `@std/yaml` cannot be used there: it writes the text "0o17", "+.5" and
 * "2026-1-1" plain, which YAML readers in Go take for two numbers and a date, and
 * it writes `1e3` that it read as a number back as `1000`.
 *
 * @module
 */

import { parse } from "@std/yaml/parse";
import { isObject, type JsonObject } from "../base/json_object.ts";

/** Begins with a letter, so it is no number, and holds nothing YAML reads. */
const PLAIN = /^[A-Za-z_/][\w./@+,()-]*(?:[ :][\w./@+,()-]+)*$/;

/** What some YAML reader takes for a boolean or nothing. */
const NOT_TEXT = /^(?:true|false|yes|no|on|off|y|n|null)$/i;

/** What JSON leaves as it is and YAML wants escaped. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** A scalar that some YAML schema takes for something else than text. */
export class PlainScalar {
  /** Its text as it stands in the file. */
  readonly text: string;

  /** Wraps the text. */
  constructor(text: string) {
    this.text = text;
  }

  /** The text. */
  toString(): string {
    return this.text;
  }

  /** The text, so that it compares as what the failsafe schema reads. */
  toJSON(): string {
    return this.text;
  }
}

/**
 * Reads YAML: texts as texts, anything else as {@linkcode PlainScalar}, `null`
 * for a value left out.
 *
 * @throws {SyntaxError}
 */
export function readYaml(text: string): unknown {
  return wrap(
    parse(text, { schema: "failsafe" }),
    parse(text, { schema: "core" }),
  );
}

function wrap(value: unknown, typed: unknown): unknown {
  if (typeof value === "string") {
    return typeof typed === "string" ? value : new PlainScalar(value);
  }
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      wrap(item, Array.isArray(typed) ? typed[index] : item)
    );
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      // The key `1e3` is `1000` there: what it holds is then taken for texts.
      const known = isObject(typed) && Object.hasOwn(typed, key);
      return [key, wrap(item, known ? typed[key] : item)];
    }),
  );
}

/**
 * What {@linkcode readYaml} read as lines of block YAML, each ending with a line
 * break.
 *
 * @param indent what every line begins with
 *
 * @example
 * ```ts
 * import { PlainScalar, yamlBlock } from "./yaml_block.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   yamlBlock({ a: new PlainScalar("1e3"), b: "1e3" }),
 *   'a: 1e3\nb: "1e3"\n',
 * );
 * ```
 */
export function yamlBlock(
  value: JsonObject | unknown[],
  indent: string = "",
): string {
  if (Array.isArray(value)) {
    return value.map((item) =>
      isCollection(item)
        ? `${indent}- ${yamlBlock(item, indent + "  ").trimStart()}`
        : `${indent}-${afterKey(item, indent)}`
    ).join("");
  }
  return Object.entries(value).map(([key, item]) => {
    // In quotes the merge key would lose its meaning.
    const shown = key === "<<" && isCollection(item) ? key : yamlText(key);
    return `${indent}${shown}:${afterKey(item, indent)}`;
  }).join("");
}

/**
 * A text that every YAML reader takes for that text.
 *
 * @example
 * ```ts
 * import { yamlText } from "./yaml_block.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(yamlText("https://gw:1/a"), "https://gw:1/a");
 * assertEquals(yamlText("yes"), '"yes"');
 * ```
 */
export function yamlText(text: string): string {
  if (PLAIN.test(text) && !NOT_TEXT.test(text)) return text;
  return JSON.stringify(text).replace(
    UNPRINTABLE,
    (char) => "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}

function afterKey(value: unknown, indent: string): string {
  if (isCollection(value)) return "\n" + yamlBlock(value, indent + "  ");
  if (value === null) return "\n";
  if (value instanceof PlainScalar) return ` ${value.text}\n`;
  if (typeof value === "string") return ` ${yamlText(value)}\n`;
  return Array.isArray(value) ? " []\n" : " {}\n";
}

/** Whether a value is a list or mapping with something in it. */
function isCollection(value: unknown): value is JsonObject | unknown[] {
  return typeof value === "object" && value !== null &&
    !(value instanceof PlainScalar) && Object.keys(value).length > 0;
}
