/**
 * The config file: which profiles exist and what each says. Pure: text in,
 * typed values out.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { isObject, type JsonObject } from "../base/json_object.ts";
import { parseYaml } from "./parse_yaml.ts";

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
  /** `quiet`: no notes on settings that a launch overrides. */
  quiet?: boolean;
  /** `relay`: whether launches use the relay. */
  relay?: boolean;
  /** `description` */
  description?: string;
  /** `auth`: who signs this profile's users in; absent means the built-in. */
  auth?: ProfileAuth;
}

/** A profile's `auth` block: what it has of its own. */
export interface ProfileAuth {
  /** `issuer`: an OpenID Connect issuer, as a URL. */
  issuer?: string;
  /** `client_id` */
  clientId?: string;
  /** `audience` */
  audience?: string;
  /** `organization`: which login, when there are several. */
  organization?: string;
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
 * const config = await parseConfig(
 *   "profiles:\n  dev:\n    auth_mode: none\n",
 *   "~/.rpai/config",
 * );
 * assertEquals(config.profiles, [{ name: "dev", authMode: "none" }]);
 * ```
 *
 * @throws {CliError} `failure`, naming the line, when the shape is not
 * understood.
 */
export async function parseConfig(
  text: string,
  path: string,
): Promise<Config> {
  let root: unknown;
  try {
    root = await parseYaml(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unreadable(path, firstLine(reason).replace(/:$/, ""));
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
  const parseAuth = (block: unknown, at: string[]): ProfileAuth | undefined => {
    if (block === undefined || block === "" || block === null) return undefined;
    if (!isObject(block)) return fail(at, "a mapping of keys");
    const auth = withoutUndefined({
      issuer: string(block, [...at, "issuer"]),
      clientId: string(block, [...at, "client_id"]),
      audience: string(block, [...at, "audience"]),
      organization: string(block, [...at, "organization"]),
    });
    return Object.keys(auth).length === 0 ? undefined : auth;
  };
  const flag = (from: JsonObject, keys: string[]): boolean | undefined => {
    const value = string(from, keys);
    if (value === undefined) return undefined;
    return value === "true" || value === "false"
      ? value === "true"
      : fail(keys, "true or false");
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
      quiet: flag(entry, [...at, "quiet"]),
      relay: flag(entry, [...at, "relay"]),
      description: string(entry, [...at, "description"]),
      auth: parseAuth(entry.auth, [...at, "auth"]),
    }));
  }
  return withoutUndefined({
    path,
    currentProfile: string(root, ["current_profile"]),
    profiles,
  });
}

/**
 * The 1-based line of a key in block style, or that of the nearest key above it;
 * a best effort, as the YAML parser keeps no positions.
 */
function lineOf(text: string, keys: string[]): number | undefined {
  const lines = text.split("\n").map((line) => ({
    indent: line.search(/\S/),
    key: /^\s*(?:"([^"]*)"|'([^']*)'|([^\s#][^:]*?))\s*:(?:\s|$)/.exec(line)
      ?.slice(1).find((part) => part !== undefined),
  }));
  let start = 0;
  let end = lines.length;
  let found: number | undefined;
  for (const key of keys) {
    const inside = lines.slice(start, end).filter(({ indent, key }) =>
      indent >= 0 && key !== undefined
    );
    const indent = Math.min(...inside.map(({ indent }) => indent));
    const at = lines.findIndex((line, index) =>
      index >= start && index < end && line.indent === indent &&
      line.key === key
    );
    if (at === -1) break;
    found = at + 1;
    start = at + 1;
    const next = lines.findIndex((line, index) =>
      index > at && line.key !== undefined && line.indent >= 0 &&
      line.indent <= indent
    );
    if (next !== -1 && next < end) end = next;
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
