/**
 * The settings files that Claude Code would read for a launch. Nothing here
 * writes to them.
 *
 * @module
 */

import { homeDir, joinPath } from "./find_program.ts";
import { isObject, type JsonObject, parseObject } from "./json_object.ts";
import type { Platform, Sys } from "./sys.ts";

/** Where a settings file belongs, highest precedence first. */
export type Scope = "policy" | "local" | "project" | "user";

/** A place where a settings file may be. */
export interface SettingsPlace {
  /** Its scope. */
  scope: Scope;
  /** Its path. */
  path: string;
}

/** A settings file that exists. */
export interface SettingsFile extends SettingsPlace {
  /** Its keys; empty when Claude Code would ignore the file as broken. */
  values: JsonObject;
}

/** Folders of the managed policy, by operating system (vendor documentation). */
const POLICY_DIRS: Readonly<Record<Platform, readonly string[]>> = {
  linux: ["/etc/claude-code"],
  darwin: ["/Library/Application Support/ClaudeCode"],
  windows: ["C:\\Program Files\\ClaudeCode", "C:\\ProgramData\\ClaudeCode"],
};

type Reader = Pick<
  Sys,
  "env" | "platform" | "cwd" | "readTextFile" | "readDir"
>;

/** Reads every settings file there is, highest precedence first. */
export async function readSettings(
  sys: Reader,
  claudeConfigDir?: string,
): Promise<SettingsFile[]> {
  const places = [
    ...await policyPlaces(sys),
    ...projectPlaces(sys),
    ...userPlaces(sys, claudeConfigDir),
  ];
  const files = await Promise.all(places.map(async (place) => {
    const values = await readObject(place.path, sys);
    return values === undefined ? undefined : { ...place, values };
  }));
  return files.filter((file) => file !== undefined);
}

/** The variables that a settings file sets; Claude Code takes scalars only. */
export function settingsEnv(
  values: JsonObject,
): Record<string, string> {
  const env = values.env;
  if (!isObject(env)) return {};
  return Object.fromEntries(
    Object.entries(env)
      .filter(([, value]) =>
        ["string", "number", "boolean"].includes(typeof value)
      )
      .map(([name, value]) => [name, String(value)]),
  );
}

async function policyPlaces(sys: Reader): Promise<SettingsPlace[]> {
  const places: SettingsPlace[] = [];
  for (const dir of POLICY_DIRS[sys.platform]) {
    const dropIns = joinPath(sys.platform, dir, "managed-settings.d");
    const names = await sys.readDir(dropIns).catch(() => undefined) ?? [];
    const paths = [
      // A later drop-in beats an earlier one, and each beats the main file.
      ...names.filter((name) => name.endsWith(".json")).reverse()
        .map((name) => joinPath(sys.platform, dropIns, name)),
      joinPath(sys.platform, dir, "managed-settings.json"),
    ];
    places.push(...paths.map((path) => ({ scope: "policy" as const, path })));
  }
  return places;
}

function projectPlaces(sys: Reader): SettingsPlace[] {
  const dir = joinPath(sys.platform, sys.cwd(), ".claude");
  return [
    {
      scope: "local",
      path: joinPath(sys.platform, dir, "settings.local.json"),
    },
    { scope: "project", path: joinPath(sys.platform, dir, "settings.json") },
  ];
}

function userPlaces(sys: Reader, claudeConfigDir?: string): SettingsPlace[] {
  const home = homeDir(sys);
  const dir = claudeConfigDir ?? (sys.env.CLAUDE_CONFIG_DIR ||
    (home === undefined ? undefined : joinPath(sys.platform, home, ".claude")));
  return dir === undefined
    ? []
    : [{ scope: "user", path: joinPath(sys.platform, dir, "settings.json") }];
}

/** A file that cannot be read or parsed counts as empty, as in Claude Code. */
async function readObject(
  path: string,
  sys: Reader,
): Promise<JsonObject | undefined> {
  try {
    const text = await sys.readTextFile(path);
    return text === undefined ? undefined : parseObject(text) ?? {};
  } catch {
    return {};
  }
}
