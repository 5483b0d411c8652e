/**
 * Where programs are.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { printable } from "../base/printable.ts";
import type { Sys } from "./sys.ts";

type Finder = Pick<Sys, "env" | "platform" | "isExecutable">;

/** The error for a Claude Code that is there and does not start. */
export function cannotStart(path: string, error: unknown): CliError {
  const reason = error instanceof Error ? printable(error.message) : "";
  return new CliError("claude_not_found", `cannot start ${path}: ${reason}`, {
    hint: "install Claude Code anew, or set AI_CLAUDE_BIN to a working one",
    cause: error,
  });
}

/** The home directory, when the environment names one. */
export function homeDir(
  { env, platform }: Pick<Sys, "env" | "platform">,
): string | undefined {
  return (platform === "windows" ? env.USERPROFILE : undefined) || env.HOME ||
    undefined;
}

/** Whether a path does not depend on the working directory. */
export function isAbsolutePath(
  path: string,
  platform: Sys["platform"],
): boolean {
  return platform === "windows"
    ? /^(?:[a-z]:[\\/]|[\\/]{2})/i.test(path)
    : path.startsWith("/");
}

/** A path as the working directory makes it absolute. */
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

/**
 * Where Claude Code is: `AI_CLAUDE_BIN`, then PATH, then the two places its
 * installers use.
 *
 * @throws {CliError} `claude_not_found`
 */
export async function findClaude(
  sys: Finder & Pick<Sys, "cwd">,
): Promise<string> {
  const hint = "install it: npm install -g @anthropic-ai/claude-code, or set " +
    "AI_CLAUDE_BIN to its path";
  const override = sys.env.AI_CLAUDE_BIN;
  if (override) {
    const path = absolutePath(override, sys);
    if (await sys.isExecutable(path)) return path;
    throw new CliError(
      "claude_not_found",
      `AI_CLAUDE_BIN names "${override}", which is not an executable file`,
      { hint: "mend or unset AI_CLAUDE_BIN" },
    );
  }
  const onPath = await findOnPath("claude", sys);
  if (onPath !== undefined) return onPath;
  const home = homeDir(sys);
  const file = sys.platform === "windows" ? "claude.exe" : "claude";
  const places = home === undefined ? [] : [
    joinPath(sys.platform, home, ".local", "bin", file),
    joinPath(sys.platform, home, ".claude", "local", file),
  ];
  for (const place of places) {
    if (await sys.isExecutable(place)) return place;
  }
  throw new CliError(
    "claude_not_found",
    "Claude Code is not installed: no " +
      `executable "${file}" on PATH${
        places.map((place) => ` or at ${place}`).join("")
      }`,
    {
      hint,
    },
  );
}
