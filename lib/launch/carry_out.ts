/**
 * Starting Claude Code as planned.
 *
 * @module
 */

import { cannotStart, type StartSys } from "../claude/find_claude.ts";
import type { Sys } from "../system/sys.ts";
import type { LaunchPlan } from "./plan.ts";

/**
 * Runs Claude Code on this terminal to its end.
 *
 * @param claude its path
 * @returns its exit code
 * @throws {CliError} `claude_not_found` or `failure` when it does not start
 */
export async function carryOut(
  { args, env, endsWithLauncher: endsWithParent }: LaunchPlan,
  claude: string,
  sys: StartSys & Pick<Sys, "launch">,
): Promise<number> {
  try {
    return await sys.launch({ path: claude, args, env, endsWithParent });
  } catch (error) {
    throw await cannotStart(claude, error, sys);
  }
}
