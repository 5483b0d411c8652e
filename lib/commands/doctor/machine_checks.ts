/**
 * Checks of this machine: the program, Claude Code, the terminal.
 *
 * @module
 */

import { homeDir } from "../../system/find_program.ts";
import { printable } from "../../base/printable.ts";
import { VERSION } from "../../base/version.ts";
import { fail, failure, type Finding, ok, warn } from "./check.ts";
import type { Examination } from "./examination.ts";

/** The oldest Claude Code that this program is meant for. */
export const CLAUDE_FLOOR = "2.1.208";

/** Bound on `claude --version`, in milliseconds. */
const VERSION_TIMEOUT_MS = 10_000;

/** The program and what runs it. */
export function checkProgram({ sys }: Examination): Promise<Finding> {
  const { denoVersion, standalone } = sys.runtime;
  return Promise.resolve(ok(
    `ai-claude ${VERSION}, Deno ${denoVersion}` +
      (standalone ? " (compiled)" : ""),
  ));
}

/** Claude Code: found, started, new enough. */
export async function checkClaude(
  { sys, claude }: Examination,
): Promise<Finding> {
  const { value: path, error } = await claude;
  if (path === undefined) return failure(error);
  const update = "update it: claude update, or " +
    "npm install -g @anthropic-ai/claude-code";
  const { stdout, code, timedOut } = await sys.capture(
    { path, args: ["--version"], env: { ...sys.env } },
    VERSION_TIMEOUT_MS,
  ).catch((error) => ({
    stdout: error instanceof Error ? error.message : String(error),
    code: -1,
    timedOut: false,
  }));
  const version = /\b\d+\.\d+\.\d+\b/.exec(stdout)?.[0];
  if (code !== 0 || version === undefined) {
    const what = timedOut ? "no answer" : `"${printable(stdout)}"`;
    return fail(
      `${path} --version does not tell a version: ${what}`,
      "install Claude Code anew, or set AI_CLAUDE_BIN to a working one",
    );
  }
  if (isOlder(version, CLAUDE_FLOOR)) {
    return fail(
      `${path} is ${version}, older than ${CLAUDE_FLOOR}: what keeps a launch ` +
        "on the gateway was not measured there",
      update,
    );
  }
  return ok(`${version} at ${path}`);
}

/**
 * Whether a version comes before another.
 *
 * @example
 * ```ts
 * import { isOlder } from "./machine_checks.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isOlder("2.1.99", "2.1.208"), true);
 * assertEquals(isOlder("2.1.208", "2.1.208"), false);
 * ```
 */
export function isOlder(version: string, floor: string): boolean {
  const [a, b] = [version, floor].map((text) => text.split(".").map(Number));
  const index = a.findIndex((part, i) => part !== b[i]);
  return index !== -1 && a[index] < b[index];
}

/** The operating system, the home directory and the terminal. */
export function checkTerminal({ sys }: Examination): Promise<Finding> {
  const { env, platform } = sys;
  if (homeDir(sys) === undefined) {
    const name = platform === "windows" ? "USERPROFILE" : "HOME";
    return Promise.resolve(warn(
      `${platform}: ${name} is not set, so there is no config, no login and no ` +
        "settings of the user",
      `set ${name} to your home directory`,
    ));
  }
  if (!sys.isTerminal("stdin") || !sys.isTerminal("stdout")) {
    return Promise.resolve(
      ok(`${platform}, no terminal: Claude Code runs with -- -p PROMPT only`),
    );
  }
  const term = printable(env.TERM ?? "");
  return Promise.resolve(
    platform !== "windows" && (term === "" || term === "dumb")
      ? warn(
        `${platform}, TERM is "${term}": Claude Code may draw badly`,
        "export TERM=xterm-256color",
      )
      : ok(term === "" ? platform : `${platform}, terminal ${term}`),
  );
}
