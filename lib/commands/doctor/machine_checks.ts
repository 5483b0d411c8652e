/**
 * Checks of this machine: the program, Claude Code, the terminal.
 *
 * @module
 */

import { cannotStart, REINSTALL } from "../../claude/find_claude.ts";
import { homeDir } from "../../system/find_program.ts";
import { isOlder } from "../../base/older_version.ts";
import { printable } from "../../base/printable.ts";
import { VERSION } from "../../base/version.ts";
import type { Captured } from "../../system/sys.ts";
import { fail, failure, type Finding, ok, warn } from "./check.ts";
import type { Examination } from "./examination.ts";

/** The oldest Claude Code that this program was measured with. */
export const CLAUDE_FLOOR = "2.1.208";

/** Bound on `claude --version`, in milliseconds. */
const VERSION_TIMEOUT_MS = 10_000;

export function checkProgram({ sys }: Examination): Promise<Finding> {
  const { denoVersion, standalone } = sys.runtime;
  return Promise.resolve(ok(
    `ai-claude ${VERSION}, Deno ${denoVersion}` +
      (standalone ? " (compiled)" : ""),
  ));
}

/**
 * Versions that fail behind a gateway, first and last, by the vendor's changelog.
 */
const BAD_VERSIONS: readonly { from: string; to: string; what: string }[] = [
  {
    from: "2.1.261",
    to: "2.1.264",
    what: "may want to sign in to a gateway of the vendor's",
  },
  {
    from: "2.1.265",
    to: "2.1.267",
    what: "fails every turn behind a gateway with status 400",
  },
  {
    from: "2.1.275",
    to: "2.1.275",
    what: "fails every turn behind a gateway with status 400",
  },
];

/** Whether Claude Code is there, starts, and is a version that works. */
export async function checkClaude(
  { sys, claude }: Examination,
): Promise<Finding> {
  const { value: path, error } = await claude;
  if (path === undefined) return failure(error);
  const update = "update it: claude update, or " +
    "npm install -g @anthropic-ai/claude-code";
  let answer: Captured;
  try {
    answer = await sys.capture(
      { path, args: ["--version"], env: { ...sys.env } },
      VERSION_TIMEOUT_MS,
    );
  } catch (error) {
    return failure(await cannotStart(path, error, sys));
  }
  const { code, stdout, stderr, timedOut } = answer;
  const version = /\b\d+\.\d+\.\d+\b/.exec(stdout)?.[0];
  if (timedOut) {
    return fail(
      `${path} --version: no answer within ${VERSION_TIMEOUT_MS / 1000} s`,
      REINSTALL,
    );
  }
  if (code !== 0 || version === undefined) {
    return fail(
      `${path} --version ended with ${code} and printed no version: ` +
        `"${printable(stdout || stderr)}"`,
      REINSTALL,
    );
  }
  if (isOlder(version, CLAUDE_FLOOR)) {
    return fail(
      `${path} is ${version}, older than ${CLAUDE_FLOOR}: nobody has tested ` +
        "that a launch stays on the gateway there",
      update,
    );
  }
  const bad = BAD_VERSIONS.find(({ from, to }) =>
    !isOlder(version, from) && !isOlder(to, version)
  );
  return bad === undefined
    ? ok(`${version} at ${path}`)
    : warn(`${path} is ${version}, which ${bad.what}`, update);
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
