/**
 * The config file: which profiles exist and what each says. Pure: text in,
 * typed values out.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import {
  isObject,
  type JsonObject,
  withoutUndefined,
} from "../base/json_object.ts";
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

/** A value that is not what its key wants. */
class Misshapen extends Error {
  constructor(readonly keys: readonly string[], expected: string) {
    super(`"${keys.join(".")}" is not ${expected}`);
  }
}

/** A mapping in the file; it notes which of its keys are read. */
class Mapping {
  readonly #read: Set<string>;
  readonly #below: Mapping[] = [];

  constructor(
    readonly values: JsonObject,
    readonly at: readonly string[],
    read: readonly string[] = [],
  ) {
    this.#read = new Set(read);
  }

  /** A text; `undefined` where nothing is behind the key. */
  text(key: string): string | undefined {
    const value = this.#valueOf(key);
    if (value === undefined || typeof value === "string") return value;
    throw new Misshapen([...this.at, key], "a text");
  }

  choice<T extends string>(
    key: string,
    among: readonly T[],
    expected: string,
  ): T | undefined {
    const text = this.text(key);
    const found = among.find((each) => each === text);
    if (found === text) return found;
    throw new Misshapen([...this.at, key], expected);
  }

  flag(key: string): boolean | undefined {
    const text = this.choice(key, ["true", "false"], "true or false");
    return text === undefined ? undefined : text === "true";
  }

  /** Another mapping, empty where nothing is behind the key. */
  mapping(key: string, expected = "a mapping of keys"): Mapping {
    const value = this.#valueOf(key) ?? {};
    const at = [...this.at, key];
    if (!isObject(value)) throw new Misshapen(at, expected);
    const found = new Mapping(value, at);
    this.#below.push(found);
    return found;
  }

  #valueOf(key: string): unknown {
    this.#read.add(key);
    return this.values[key] || undefined; // null or an empty text
  }

  /** The keys that nothing has read, with those beside them that are read. */
  unread(): { keys: string[]; known: string[] }[] {
    const own = Object.keys(this.values).filter((key) => !this.#read.has(key));
    return [
      ...own.map((key) => ({
        keys: [...this.at, key],
        known: [...this.#read],
      })),
      ...this.#below.flatMap((each) => each.unread()),
    ];
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
    throw unreadable(path, `a tab cannot indent at line ${tab + 1}`);
  }
  const { parse } = await import("@std/yaml/parse");
  let root: unknown;
  try {
    // Every scalar is a text: `1e3` and `2026-01-01` stay what they are.
    root = parse(text, { schema: "failsafe" });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unreadable(path, reason.split("\n")[0].replace(/:$/, ""));
  }
  if (root === null || root === "") {
    return { path, profiles: [], foreign: false, warnings: [] };
  }
  if (!isObject(root)) {
    throw unreadable(path, "the file is not a mapping of keys at line 1");
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
  const file = new Mapping(root, [], ["current_profile"]);
  try {
    const currentProfile = foreign ? undefined : file.text("current_profile");
    const profiles = readProfiles(file);
    const warnings = await misspelled(file, path, line);
    const config = { path, currentProfile, profiles, foreign, warnings };
    return withoutUndefined(config);
  } catch (error) {
    if (!(error instanceof Misshapen)) throw error;
    const at = await line(error.keys);
    const where = at === undefined ? "" : ` at line ${at}`;
    throw unreadable(path, error.message + where);
  }
}

function readProfiles(file: Mapping): Profile[] {
  const profiles = file.mapping("profiles", "a mapping of profile names");
  return Object.keys(profiles.values).map((name) => {
    const profile = profiles.mapping(name);
    const block = profile.mapping("auth");
    const auth = withoutUndefined({
      issuer: block.text("issuer"),
      clientId: block.text("client_id"),
      audience: block.text("audience"),
      organization: block.text("organization"),
    });
    // Read in any case, or it would be taken for a key that nothing reads.
    const olderUrl = profile.text("dataplane_url");
    const modes = `one of ${AUTH_MODES.join(", ")}`;
    return withoutUndefined({
      name,
      gatewayUrl: profile.text("ai_gateway_url") ?? olderUrl,
      authMode: profile.choice("auth_mode", AUTH_MODES, modes),
      provider: profile.text("llm_provider"),
      model: profile.text("model"),
      description: profile.text("description"),
      quiet: profile.flag("quiet"),
      relay: profile.flag("relay"),
      auth: Object.keys(auth).length === 0 ? undefined : auth,
    });
  });
}

/** One line for each key that is probably a typo. */
async function misspelled(
  file: Mapping,
  path: string,
  line: (keys: readonly string[]) => Promise<number | undefined>,
): Promise<string[]> {
  const unread = file.unread();
  if (unread.length === 0) return [];
  const { suggestions } = await import("../base/suggest.ts");
  const warnings: string[] = [];
  for (const { keys, known } of unread) {
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

/** @param reason with the line at its end, where that is known */
function unreadable(path: string, reason: string): CliError {
  const line = /.*\bline (\d+)/.exec(reason)?.[1];
  const where = line === undefined ? "the file" : `line ${line} of ${path}`;
  const hint = `fix ${where}, or name another with --rpai-config PATH`;
  return configError("read", path, reason, hint);
}

/** What could not be done with the config file, and why. */
export function configError(
  what: "read" | "edit" | "write",
  path: string,
  reason: unknown,
  hint: string,
): CliError {
  const text = reason instanceof Error ? printable(reason.message) : reason;
  return new CliError("failure", `cannot ${what} config ${path}: ${text}`, {
    hint,
    cause: reason instanceof Error ? reason : undefined,
  });
}

/**
 * Checks an auth mode that somebody gave.
 *
 * @throws {CliError} `usage`
 */
export function checkAuthMode(text: string, from: string): AuthMode {
  const mode = AUTH_MODES.find((each) => each === text);
  if (mode !== undefined) return mode;
  throw new CliError("usage", `unknown auth mode "${text}" (${from})`, {
    hint: `auth modes: ${AUTH_MODES.join(", ")}`,
    suggest: { word: text, among: AUTH_MODES, show: "likely" },
  });
}
