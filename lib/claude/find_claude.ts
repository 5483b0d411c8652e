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
  firstExecutable,
  homeDir,
  joinPath,
  pathDirs,
} from "../system/find_program.ts";
import type { Sys } from "../system/sys.ts";
import { isShim } from "./is_shim.ts";

/** What to do about a Claude Code that does not work. */
export const REINSTALL =
  "reinstall Claude Code, or set AI_CLAUDE_BIN to another one";

/** What installs Claude Code: npm's arguments. */
export const INSTALL = ["install", "-g", "@anthropic-ai/claude-code"];

/** Claude Code is nowhere: a person at a terminal can have it installed. */
export class NotInstalledError extends CliError {
  /**
   * @param places where it was looked for, besides PATH
   * @param shims what was found there instead
   */
  constructor(places: readonly string[], shims: readonly string[]) {
    super(
      "claude_not_found",
      'Claude Code is not installed: no executable "claude" on PATH' +
        places.map((place) => ` or at ${place}`).join("") +
        shims.map((path) => ` (${path} is a shim of ai-claude)`).join(""),
      {
        hint: `install it: npm ${INSTALL.join(" ")}, or set AI_CLAUDE_BIN to ` +
          "its path",
      },
    );
  }
}

/** What tells why a program did not start. */
export type StartSys = Pick<Sys, "cwd" | "fileMode">;

/** The error for a Claude Code that does not start. */
export async function cannotStart(
  path: string,
  error: unknown,
  sys: StartSys,
): Promise<CliError> {
  const folder = await folderError(sys);
  if (folder !== undefined) return folder;
  const { code } = error as { code?: unknown };
  const isThere = await sys.fileMode(path).catch(() => 0) !== undefined;
  const [reason, hint] = code === "EACCES"
    ? ["you may not execute it", `chmod a+rx "${path}"`]
    : code === "ENOENT" && isThere
    ? ["the program that its first line names does not exist", REINSTALL]
    : [error instanceof Error ? printable(error.message) : "", REINSTALL];
  return new CliError("claude_not_found", `cannot start ${path}: ${reason}`, {
    hint,
    cause: error,
  });
}

/** What is wrong with the working directory, where every program starts. */
async function folderError(sys: StartSys): Promise<CliError | undefined> {
  let dir = "";
  try {
    dir = sys.cwd();
    await sys.fileMode(`${dir}/.`);
    return undefined;
  } catch (error) {
    if (error instanceof CliError) return error;
    return new CliError(
      "failure",
      `cannot start Claude Code in ${dir}: you may not enter that directory`,
      { hint: "change to another directory", cause: error },
    );
  }
}

/**
 * Where Claude Code is: `AI_CLAUDE_BIN`, then PATH, then the two places its
 * installers use. A shim of this program is passed over: it would start this
 * program again, without end.
 *
 * @throws {CliError} `claude_not_found`
 */
export async function findClaude(
  sys: Finder & StartSys & Pick<Sys, "readTextFile">,
): Promise<string> {
  const override = sys.env.AI_CLAUDE_BIN;
  if (override) {
    const path = absolutePath(override, sys);
    const what = !await sys.isExecutable(path)
      ? "not an executable file"
      : await isShim(path, sys)
      ? "a shim of ai-claude"
      : undefined;
    if (what === undefined) return path;
    throw new CliError(
      "claude_not_found",
      `AI_CLAUDE_BIN names "${override}", which is ${what}`,
      { hint: "fix or unset AI_CLAUDE_BIN" },
    );
  }
  const home = homeDir(sys);
  const places = home === undefined ? [] : [
    joinPath(sys.platform, home, ".local", "bin"),
    joinPath(sys.platform, home, ".claude", "local"),
  ];
  const dirs = [...pathDirs(sys), ...places];
  const shims: string[] = [];
  for (const dir of dirs) {
    const found = await firstExecutable(dir, "claude", sys);
    if (found === undefined) continue;
    if (!await isShim(found, sys)) return found;
    shims.push(found);
  }
  for (const dir of dirs) {
    const path = joinPath(sys.platform, dir, "claude");
    if (!await isFile(path, sys) || await sys.isExecutable(path)) continue;
    throw new CliError("claude_not_found", `${path} is not executable`, {
      hint: `chmod a+rx "${path}", or set AI_CLAUDE_BIN to another one`,
    });
  }
  throw new NotInstalledError(
    places.map((place) => joinPath(sys.platform, place, "claude")),
    shims,
  );
}

async function isFile(
  path: string,
  sys: Pick<Sys, "fileMode">,
): Promise<boolean> {
  const mode = await sys.fileMode(path).catch(() => 0) ?? 0;
  return (mode & 0o170000) === 0o100000;
}
