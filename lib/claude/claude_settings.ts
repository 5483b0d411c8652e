/**
 * The settings files that Claude Code would read for a launch. Nothing here
 * writes to them.
 *
 * @module
 */

import { homeDir, isAbsolutePath, joinPath } from "../system/find_program.ts";
import { isObject, type JsonObject, parseObject } from "../base/json_object.ts";
import { canonical } from "../system/env_names.ts";
import type { Platform, Sys } from "../system/sys.ts";

/**
 * Where a settings file belongs, highest precedence first. `global` is Claude
 * Code's own state file, whose `env` counts like a settings file's.
 */
export type Scope = "policy" | "local" | "project" | "user" | "global";

/** A place where a settings file may be. */
export interface SettingsPlace {
  /** Its scope. */
  scope: Scope;
  /** Its path. */
  path: string;
}

/** A settings file that exists. */
export interface SettingsFile extends SettingsPlace {
  /** Its keys; empty when the file is broken. */
  values: JsonObject;
  /** The variables that it sets, by canonical name. */
  env: Readonly<Record<string, string>>;
  /** Whether it is unreadable or not one JSON object: Claude Code ignores it. */
  broken: boolean;
}

/** Folders of the managed policy, by operating system (vendor documentation). */
const POLICY_DIRS: Readonly<Record<Platform, readonly string[]>> = {
  linux: ["/etc/claude-code"],
  darwin: ["/Library/Application Support/ClaudeCode"],
  windows: ["C:\\Program Files\\ClaudeCode", "C:\\ProgramData\\ClaudeCode"],
};

/**
 * Most bytes of a file that are read. Claude Code 2.1.330 takes no settings file
 * above 2 MiB, and its own state file of any size.
 */
export const MAX_SETTINGS_BYTES = 2 * 1024 * 1024;
const MAX_STATE_BYTES = 256 * 1024 * 1024;
const MAX_LINK_BYTES = 64 * 1024;

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
    ...await projectPlaces(sys),
    ...userPlaces(sys, claudeConfigDir),
  ];
  const files = await Promise.all(places.map(async (place) => {
    const values = await readObject(place, sys);
    return values && settingsFile(place, values, sys.platform);
  }));
  return files.filter((file) => file !== undefined);
}

/** A settings file with this content. */
export function settingsFile(
  place: SettingsPlace,
  content: JsonObject | "broken",
  platform: Platform,
): SettingsFile {
  const values = content === "broken" ? {} : content;
  return {
    ...place,
    values,
    env: settingsEnv(values, platform),
    broken: content === "broken",
  };
}

/**
 * The variables that a settings file sets, by canonical name; Claude Code takes
 * scalars only.
 */
export function settingsEnv(
  values: JsonObject,
  platform: Platform,
): Record<string, string> {
  const env = values.env;
  if (!isObject(env)) return {};
  return Object.fromEntries(
    Object.entries(env)
      .filter(([, value]) =>
        ["string", "number", "boolean"].includes(typeof value)
      )
      .map(([name, value]) => [canonical(name, platform), String(value)]),
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

/**
 * The working directory's two files, and before them the local ones of the
 * repository's root.
 */
async function projectPlaces(sys: Reader): Promise<SettingsPlace[]> {
  const cwd = sys.cwd();
  const roots = await repositoryRoots(cwd, sys);
  const file = (dir: string, name: string) =>
    joinPath(sys.platform, dir, ".claude", name);
  const local = (dir: string): SettingsPlace => ({
    scope: "local",
    path: file(dir, "settings.local.json"),
  });
  return [
    ...roots.filter((root) => root !== cwd).map(local),
    local(cwd),
    { scope: "project", path: file(cwd, "settings.json") },
  ];
}

/**
 * The folder that has `.git`, and before it the main worktree when that is a
 * link to one. Claude Code reads one of the two, by what it finds behind the
 * link (2.1.332): in a repository that came as an archive anything may be there,
 * so here both count.
 */
async function repositoryRoots(cwd: string, sys: Reader): Promise<string[]> {
  for (let dir = cwd;;) {
    const git = joinPath(sys.platform, dir, ".git");
    const link = await sys.readTextFile(git, MAX_LINK_BYTES)
      .catch(() => "a directory");
    if (link !== undefined) {
      const main = mainWorktree(link, dir, sys.platform);
      return main === undefined ? [dir] : [main, dir];
    }
    const parent = dir.replace(/[\\/][^\\/]*$/, "");
    if (parent === dir || parent === "") return [];
    dir = parent;
  }
}

/** The folder whose `.git` a worktree's link leads to. */
function mainWorktree(
  link: string,
  dir: string,
  platform: Platform,
): string | undefined {
  const target = /^gitdir:(.+)$/s.exec(link.trim())?.[1].trim();
  if (!target) return undefined;
  const path = isAbsolutePath(target, platform)
    ? target
    : joinPath(platform, dir, target);
  const windows = platform === "windows";
  const [root] = /^(?:\/*|\\*)/.exec(path)!;
  const parts: string[] = [];
  for (const part of path.split(windows ? /[\\/]/ : "/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.at(-3) === ".git" && parts.at(-2) === "worktrees"
    ? root + parts.slice(0, -3).join(windows ? "\\" : "/")
    : undefined;
}

/**
 * The folder of the user's settings: the flag's, else `CLAUDE_CONFIG_DIR`, else
 * `~/.claude`.
 */
export function claudeConfigHome(
  sys: Pick<Sys, "env" | "platform">,
  claudeConfigDir?: string,
): string | undefined {
  const home = homeDir(sys);
  return claudeConfigDir || sys.env.CLAUDE_CONFIG_DIR ||
    (home && joinPath(sys.platform, home, ".claude"));
}

/** Files of the user, all below `CLAUDE_CONFIG_DIR` when there is one. */
function userPlaces(sys: Reader, claudeConfigDir?: string): SettingsPlace[] {
  const dir = claudeConfigHome(sys, claudeConfigDir);
  if (dir === undefined) return [];
  const home = homeDir(sys);
  const named = claudeConfigDir || sys.env.CLAUDE_CONFIG_DIR;
  const path = (...parts: string[]) => joinPath(sys.platform, ...parts);
  return [
    { scope: "user", path: path(dir, "settings.json") },
    { scope: "global", path: path(dir, ".config.json") },
    { scope: "global", path: path(named || home || dir, ".claude.json") },
  ];
}

/** Of Claude Code's state file, only `env` acts like a setting. */
async function readObject(
  { scope, path }: SettingsPlace,
  sys: Reader,
): Promise<JsonObject | "broken" | undefined> {
  try {
    const text = await sys.readTextFile(
      path,
      scope === "global" ? MAX_STATE_BYTES : MAX_SETTINGS_BYTES,
    );
    if (text === undefined) return undefined;
    const values = parseObject(text.replace(/^\uFEFF/, ""));
    if (values === undefined) return "broken";
    return scope === "global" ? { env: values.env } : values;
  } catch {
    return "broken";
  }
}
