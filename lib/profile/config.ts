/**
 * The config file: which profiles exist and what each says. Pure: text in,
 * typed values out.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { isObject, type JsonObject } from "../base/json_object.ts";
import { loadOnUse } from "../base/load_on_use.ts";
import { printable } from "../base/printable.ts";

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
  /** Whether it may be another program's: it has no `profiles`. */
  foreign: boolean;
  /** Keys that nothing reads and that look like one that something does. */
  warnings: string[];
}

/** The keys of a profile that hold a text. */
const PROFILE_TEXTS = {
  ai_gateway_url: "gatewayUrl",
  llm_provider: "provider",
  model: "model",
  description: "description",
} as const;

const AUTH_TEXTS = {
  issuer: "issuer",
  client_id: "clientId",
  audience: "audience",
  organization: "organization",
} as const;

/** What is read, by where it stands. */
export const KNOWN_KEYS: Readonly<
  Record<"file" | "profile" | "auth", readonly string[]>
> = {
  file: ["current_profile", "profiles"],
  profile: [
    ...Object.keys(PROFILE_TEXTS),
    ...["dataplane_url", "auth_mode", "quiet", "relay", "auth"],
  ],
  auth: Object.keys(AUTH_TEXTS),
};

/** A value that is not what its key wants. */
class Misshapen extends Error {
  constructor(readonly keys: readonly string[], expected: string) {
    super(`"${keys.join(".")}" is not ${expected}`);
  }
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
  // The parser would take the key for one of another level.
  const tab = text.split("\n").findIndex((line) => /^ *\t\s*[^\s#]/.test(line));
  if (tab !== -1) {
    const line = tab + 1;
    throw unreadable(path, `a tab cannot indent at line ${line}`, line);
  }
  const { parse } = await import("@std/yaml/parse");
  let root: unknown;
  try {
    // Every scalar is a text: `1e3` and `2026-01-01` stay what they are.
    root = parse(text, { schema: "failsafe" });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const line = /\bline (\d+)/.exec(reason)?.[1];
    throw unreadable(
      path,
      reason.split("\n")[0].replace(/:$/, ""),
      line === undefined ? undefined : Number(line),
    );
  }
  if (root === null || root === "") {
    return { path, profiles: [], foreign: false, warnings: [] };
  }
  if (!isObject(root)) {
    throw unreadable(path, "the file is not a mapping of keys at line 1", 1);
  }
  const line = async (keys: readonly string[]) => {
    // A message without a line is better than none where it cannot be fetched.
    const module = await loadOnUse<typeof import("./config_lines.ts")>(
      "./config_lines.ts",
      import.meta.url,
    ).catch(() => undefined);
    return module?.lineOfKey(text, keys);
  };
  const foreign = !("profiles" in root);
  try {
    return withoutUndefined({
      path,
      currentProfile: foreign ? undefined : textAt(root, ["current_profile"]),
      profiles: readProfiles(root.profiles),
      foreign,
      warnings: await misspelled(root, path, line),
    });
  } catch (error) {
    if (!(error instanceof Misshapen)) throw error;
    const at = await line(error.keys);
    const where = at === undefined ? "" : ` at line ${at}`;
    throw unreadable(path, error.message + where, at);
  }
}

function readProfiles(table: unknown): Profile[] {
  if (isMissing(table)) return [];
  if (!isObject(table)) {
    throw new Misshapen(["profiles"], "a mapping of profile names");
  }
  return Object.entries(table).map(([name, body]) => {
    const at = ["profiles", name];
    if (isMissing(body)) return { name };
    if (!isObject(body)) throw new Misshapen(at, "a mapping of keys");
    const authMode = textAt(body, [...at, "auth_mode"]);
    if (authMode !== undefined && !isAuthMode(authMode)) {
      const modes = `one of ${AUTH_MODES.join(", ")}`;
      throw new Misshapen([...at, "auth_mode"], modes);
    }
    const texts = textsAt(body, at, PROFILE_TEXTS);
    return withoutUndefined({
      name,
      ...texts,
      gatewayUrl: texts.gatewayUrl ?? textAt(body, [...at, "dataplane_url"]),
      authMode,
      quiet: flagAt(body, [...at, "quiet"]),
      relay: flagAt(body, [...at, "relay"]),
      auth: readAuth(body.auth, [...at, "auth"]),
    });
  });
}

function readAuth(block: unknown, at: string[]): ProfileAuth | undefined {
  if (isMissing(block)) return undefined;
  if (!isObject(block)) throw new Misshapen(at, "a mapping of keys");
  const auth = withoutUndefined(textsAt(block, at, AUTH_TEXTS));
  return Object.keys(auth).length === 0 ? undefined : auth;
}

function textsAt<Key extends string>(
  from: JsonObject,
  at: string[],
  keys: Readonly<Record<string, Key>>,
): Partial<Record<Key, string>> {
  return Object.fromEntries(
    Object.entries(keys).map(([key, name]) => [
      name,
      textAt(from, [...at, key]),
    ]),
  ) as Partial<Record<Key, string>>;
}

function textAt(from: JsonObject, keys: string[]): string | undefined {
  const value = from[keys[keys.length - 1]];
  if (isMissing(value)) return undefined;
  if (typeof value === "string") return value;
  throw new Misshapen(keys, "a text");
}

function flagAt(from: JsonObject, keys: string[]): boolean | undefined {
  const value = textAt(from, keys);
  if (value === undefined) return undefined;
  if (value === "true" || value === "false") return value === "true";
  throw new Misshapen(keys, "true or false");
}

/** A key with nothing behind it. */
function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/** One line for each key that is probably a typo. */
async function misspelled(
  root: JsonObject,
  path: string,
  line: (keys: readonly string[]) => Promise<number | undefined>,
): Promise<string[]> {
  const unknown: { keys: string[]; known: readonly string[] }[] = [];
  const look = (from: unknown, at: string[], known: readonly string[]) => {
    if (!isObject(from)) return;
    for (const key of Object.keys(from)) {
      if (!known.includes(key)) unknown.push({ keys: [...at, key], known });
    }
  };
  look(root, [], KNOWN_KEYS.file);
  const profiles = isObject(root.profiles) ? root.profiles : {};
  for (const [name, body] of Object.entries(profiles)) {
    look(body, ["profiles", name], KNOWN_KEYS.profile);
    const auth = isObject(body) ? body.auth : undefined;
    look(auth, ["profiles", name, "auth"], KNOWN_KEYS.auth);
  }
  if (unknown.length === 0) return [];
  const { suggestions } = await import("../base/suggest.ts");
  const warnings: string[] = [];
  for (const { keys, known } of unknown) {
    const word = keys[keys.length - 1];
    const [meant] = suggestions({ word, among: known, show: "likely" });
    if (meant === undefined) continue;
    warnings.push(
      `line ${await line(keys)} of ${path}: nothing reads "${
        printable(word)
      }"; did you mean "${meant}"?`,
    );
  }
  return warnings;
}

function unreadable(path: string, reason: string, line?: number): CliError {
  const where = line === undefined ? "the file" : `line ${line} of ${path}`;
  return new CliError("failure", `cannot read config ${path}: ${reason}`, {
    hint: `fix ${where}, or name another with --rpai-config PATH`,
  });
}

function isAuthMode(value: string): value is AuthMode {
  return (AUTH_MODES as readonly string[]).includes(value);
}

/**
 * Checks an auth mode that somebody gave.
 *
 * @throws {CliError} `usage`
 */
export function checkAuthMode(text: string, from: string): AuthMode {
  if (isAuthMode(text)) return text;
  throw new CliError("usage", `unknown auth mode "${text}" (${from})`, {
    hint: `auth modes: ${AUTH_MODES.join(", ")}`,
    suggest: { word: text, among: AUTH_MODES, show: "likely" },
  });
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== undefined),
  ) as T;
}
