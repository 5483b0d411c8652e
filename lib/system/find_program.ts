/**
 * Paths, and programs on PATH.
 *
 * @module
 */

import type { Sys } from "./sys.ts";

/** What finding a program needs. */
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

/** Joins path segments with the platform's separator. */
export function joinPath(
  platform: Sys["platform"],
  ...parts: string[]
): string {
  const separator = platform === "windows" ? "\\" : "/";
  return parts.map((part) => part.replace(/[\\/]+$/, "") || part).join(
    separator,
  );
}

/** Absolute path of a program on PATH; `undefined` when it is not there. */
export async function findOnPath(
  name: string,
  sys: Finder,
): Promise<string | undefined> {
  const windows = sys.platform === "windows";
  const path = sys.env.PATH ?? "";
  const file = windows ? `${name}.exe` : name;
  for (const dir of path.split(windows ? ";" : ":")) {
    // An empty or relative entry would run a program of the current project.
    if (!isAbsolutePath(dir, sys.platform)) continue;
    const candidate = joinPath(sys.platform, dir, file);
    if (await sys.isExecutable(candidate)) return candidate;
  }
  return undefined;
}
