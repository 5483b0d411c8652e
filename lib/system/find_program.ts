/**
 * Paths, and programs on PATH.
 *
 * @module
 */

import type { Sys } from "./sys.ts";

export type Finder = Pick<Sys, "env" | "platform" | "isExecutable">;

/** The home directory, when the environment names one. */
export function homeDir(
  { env, platform }: Pick<Sys, "env" | "platform">,
): string | undefined {
  return (platform === "windows" ? env.USERPROFILE : undefined) || env.HOME ||
    undefined;
}

export function isAbsolutePath(
  path: string,
  platform: Sys["platform"],
): boolean {
  return platform === "windows"
    ? /^(?:[a-z]:[\\/]|[\\/]{2})/i.test(path)
    : path.startsWith("/");
}

/** The path, taken relative to the working directory. */
export function absolutePath(
  path: string,
  sys: Pick<Sys, "platform" | "cwd">,
): string {
  return isAbsolutePath(path, sys.platform)
    ? path
    : joinPath(sys.platform, sys.cwd(), path);
}

export function joinPath(
  platform: Sys["platform"],
  ...parts: string[]
): string {
  const separator = platform === "windows" ? "\\" : "/";
  return parts.map((part) => part.replace(/[\\/]+$/, "") || part).join(
    separator,
  );
}

/** What Windows takes for programs where `PATHEXT` does not say. */
const PATHEXT = ".COM;.EXE;.BAT;.CMD";

/**
 * The file names that a program may have: on Windows with each ending of
 * `PATHEXT`, in its order, so that what npm installs (`claude.cmd`) is found.
 */
function programFiles(
  name: string,
  { env, platform }: Pick<Sys, "env" | "platform">,
): string[] {
  if (platform !== "windows") return [name];
  return (env.PATHEXT || PATHEXT).toLowerCase().split(";")
    .filter((ending) => /^\.[a-z0-9]+$/.test(ending))
    .map((ending) => name + ending);
}

/** Folders on PATH, without those that could be the current project's. */
export function pathDirs(
  { env, platform }: Pick<Sys, "env" | "platform">,
): string[] {
  return (env.PATH ?? "").split(platform === "windows" ? ";" : ":")
    .filter((dir) => isAbsolutePath(dir, platform));
}

/** Absolute path of a program on PATH; `undefined` when it is not there. */
export async function findOnPath(
  name: string,
  sys: Finder,
): Promise<string | undefined> {
  for (const dir of pathDirs(sys)) {
    const found = await firstExecutable(dir, name, sys);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The program in a folder, whatever its ending. */
export async function firstExecutable(
  dir: string,
  name: string,
  sys: Finder,
): Promise<string | undefined> {
  for (const file of programFiles(name, sys)) {
    const candidate = joinPath(sys.platform, dir, file);
    if (await sys.isExecutable(candidate)) return candidate;
  }
  return undefined;
}
