/**
 * The config file: which profiles exist and what each says. Pure: text in,
 * typed values out.
 *
 * @module
 */

import { parse } from "@std/yaml/parse";
import { CliError } from "./errors.ts";
import { isObject, type JsonObject } from "./json_object.ts";

/** The ways a profile can get its gateway token, by what the file calls them. */
export const AUTH_MODES = [
  "device",
  "rpk",
  "client_credentials",
  "token",
  "none",
] as const;

/** One of {@linkcode AUTH_MODES}. */
export type AuthMode = typeof AUTH_MODES[number];

/** A profile, with the keys this program understands. */
export interface Profile {
  /** Its key in the file. */
  name: string;
  /** `ai_gateway_url`, or the older `dataplane_url`. */
  gatewayUrl?: string;
  /** `auth_mode`; absent means `device`. */
  authMode?: AuthMode;
  /** `llm_provider`: the default of `--llmprovider`. */
  provider?: string;
  /** `model`: the default of `--model`. */
  model?: string;
  /** `description` */
  description?: string;
}

/** A config file. */
export interface Config {
  /** Where it was read from, for messages. */
  path: string;
  /** `current_profile` */
  currentProfile?: string;
  /** In the order of the file. */
  profiles: Profile[];
}

/**
 * Reads a config file's text. Unknown keys are ignored.
 *
 * @example
 * ```ts
 * import { parseConfig } from "./config.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const config = parseConfig(
 *   "profiles:\n  dev:\n    auth_mode: none\n",
 *   "~/.rpai/config",
 * );
 * assertEquals(config.profiles, [{ name: "dev", authMode: "none" }]);
 * ```
 *
 * @throws {CliError} `failure`, naming the line, when the shape is not
 * understood.
 */
export function parseConfig(text: string, path: string): Config {
  // The failsafe schema keeps `2026-01-01` and `1e3` the strings they are.
  let root: unknown;
  try {
    root = parse(text, { schema: "failsafe" });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unreadable(path, firstLine(reason));
  }
  const fail = (keys: string[], expected: string): never => {
    const line = lineOf(text, keys);
    const where = line === undefined ? "" : ` at line ${line}`;
    throw unreadable(path, `"${keys.join(".")}" is not ${expected}${where}`);
  };
  if (root === null || root === "") return { path, profiles: [] };
  if (!isObject(root)) {
    throw unreadable(path, "the file is not a mapping of keys at line 1");
  }
  const string = (from: JsonObject, keys: string[]): string | undefined => {
    const value = from[keys[keys.length - 1]];
    if (value === undefined || value === "" || value === null) return undefined;
    return typeof value === "string" ? value : fail(keys, "a text");
  };
  const profiles: Profile[] = [];
  const table = root.profiles ?? {};
  if (table !== "" && !isObject(table)) {
    fail(["profiles"], "a mapping of profile names");
  }
  for (const [name, body] of Object.entries(table as JsonObject)) {
    const at = ["profiles", name];
    if (body === "" || body === null) {
      profiles.push({ name });
      continue;
    }
    if (!isObject(body)) fail(at, "a mapping of keys");
    const entry = body as JsonObject;
    const authMode = string(entry, [...at, "auth_mode"]);
    if (authMode !== undefined && !isAuthMode(authMode)) {
      fail([...at, "auth_mode"], `one of ${AUTH_MODES.join(", ")}`);
    }
    profiles.push(withoutUndefined({
      name,
      gatewayUrl: string(entry, [...at, "ai_gateway_url"]) ??
        string(entry, [...at, "dataplane_url"]),
      authMode: authMode as AuthMode | undefined,
      provider: string(entry, [...at, "llm_provider"]),
      model: string(entry, [...at, "model"]),
      description: string(entry, [...at, "description"]),
    }));
  }
  return withoutUndefined({
    path,
    currentProfile: string(root, ["current_profile"]),
    profiles,
  });
}

/**
 * The 1-based line of a key, found by its indentation, or that of the nearest
 * key above it that stands on a line of its own; a best effort.
 */
function lineOf(text: string, keys: string[]): number | undefined {
  const lines = text.split("\n");
  let depth = -1;
  let found: number | undefined;
  let at = 0;
  for (const key of keys) {
    for (; at < lines.length; at++) {
      const match = /^(\s*)(?:"([^"]*)"|'([^']*)'|([^\s#][^:]*?))\s*:(?:\s|$)/
        .exec(lines[at]);
      if (match === null || match[1].length <= depth) continue;
      if ((match[2] ?? match[3] ?? match[4]) === key) {
        depth = match[1].length;
        found = ++at;
        break;
      }
    }
  }
  return found;
}

function unreadable(path: string, reason: string): CliError {
  return new CliError("failure", `cannot read config ${path}: ${reason}`, {
    hint: "mend the file by hand, or name another with --rpai-config PATH",
  });
}

function isAuthMode(value: string): value is AuthMode {
  return (AUTH_MODES as readonly string[]).includes(value);
}

function firstLine(text: string): string {
  return text.split("\n")[0];
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== undefined),
  ) as T;
}
