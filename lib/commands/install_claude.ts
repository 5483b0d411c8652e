/**
 * Offering to install Claude Code.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import {
  findClaude,
  INSTALL,
  NotInstalledError,
} from "../claude/find_claude.ts";
import { askYes } from "../system/ask_line.ts";
import { findOnPath } from "../system/find_program.ts";
import type { Sys } from "../system/sys.ts";

const COMMAND = `npm ${INSTALL.join(" ")}`;

/** How its maker says to install it. */
const SETUP_PAGE = "https://docs.anthropic.com/en/docs/claude-code/setup";

/**
 * Asks at the terminal and installs Claude Code with npm.
 *
 * @returns whether it is there now; `false` after a no
 * @throws {CliError} `claude_not_found` without npm or when it fails, `cancelled`
 */
export async function offerInstall(sys: Sys): Promise<boolean> {
  const npm = await findOnPath("npm", sys);
  if (npm === undefined) {
    throw notFound("Claude Code is not installed, and npm is not on PATH", {
      hint: `install it: ${SETUP_PAGE}`,
    });
  }
  const ending = { what: "installation", again: "ai-claude" };
  const question = `Claude Code is not installed. Run \`${COMMAND}\` now?`;
  if (!await askYes(question, ending, sys)) return false;
  const code = await install(npm, sys);
  if (code === 130) {
    throw new CliError("cancelled", `\`${COMMAND}\` was cancelled`, {
      hint: "start again: ai-claude",
    });
  }
  if (code !== 0) {
    throw notFound(`\`${COMMAND}\` failed with exit code ${code}`, {
      hint: `see what npm says above, and ${SETUP_PAGE}`,
    });
  }
  try {
    await findClaude(sys);
    return true;
  } catch (error) {
    if (!(error instanceof NotInstalledError)) throw error;
    throw notFound("npm installed Claude Code where PATH does not lead", {
      hint: "add npm's programs to PATH (`npm prefix -g` says where), or set " +
        "AI_CLAUDE_BIN",
    });
  }
}

async function install(npm: string, sys: Sys): Promise<number> {
  try {
    return await sys.launch({
      path: npm,
      args: [...INSTALL],
      env: { ...sys.env },
      toStderr: true,
    });
  } catch (cause) {
    throw notFound(`cannot start ${npm}`, {
      hint: `install Claude Code: ${SETUP_PAGE}`,
      cause,
    });
  }
}

function notFound(
  message: string,
  options: { hint: string; cause?: unknown },
): CliError {
  return new CliError("claude_not_found", message, options);
}
