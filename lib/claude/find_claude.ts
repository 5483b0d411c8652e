/**
 * Where Claude Code is.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { printable } from "../base/printable.ts";
import {
  absolutePath,
  type Finder,
  findOnPath,
  firstExecutable,
  homeDir,
  joinPath,
} from "../system/find_program.ts";
import type { Sys } from "../system/sys.ts";

/** The error for a Claude Code that does not start. */
export function cannotStart(path: string, error: unknown): CliError {
  const reason = error instanceof Error ? printable(error.message) : "";
  return new CliError("claude_not_found", `cannot start ${path}: ${reason}`, {
    hint: "reinstall Claude Code, or set AI_CLAUDE_BIN to a working one",
    cause: error,
  });
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
      { hint: "fix or unset AI_CLAUDE_BIN" },
    );
  }
  const onPath = await findOnPath("claude", sys);
  if (onPath !== undefined) return onPath;
  const home = homeDir(sys);
  const places = home === undefined ? [] : [
    joinPath(sys.platform, home, ".local", "bin"),
    joinPath(sys.platform, home, ".claude", "local"),
  ];
  for (const place of places) {
    const found = await firstExecutable(place, "claude", sys);
    if (found !== undefined) return found;
  }
  throw new CliError(
    "claude_not_found",
    `Claude Code is not installed: no executable "claude" on PATH` +
      places.map((place) => ` or at ${joinPath(sys.platform, place, "claude")}`)
        .join(""),
    { hint },
  );
}
