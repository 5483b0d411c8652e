/**
 * Checking JSON objects where they enter the program.
 *
 * @module
 */

/** An object of unknown values. */
export type JsonObject = Record<string, unknown>;

/** Whether a value is an object and neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The object that a text holds; `undefined` when it is no JSON or no object.
 *
 * @example
 * ```ts
 * import { parseObject } from "./json_object.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseObject('{"a":1}'), { a: 1 });
 * assertEquals(parseObject("[]"), undefined);
 * ```
 */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The object without the keys that have no value. */
export function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined),
  ) as T;
}
