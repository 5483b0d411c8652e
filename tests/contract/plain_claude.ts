/**
 * Claude Code without the launcher, for what a launch is to be compared with.
 *
 * @module
 */

import type { Ended, World } from "../support/program.ts";

/** Runs the world's Claude Code, with a prompt by default, to its end. */
export async function plainClaude(
  world: World,
  env: Record<string, string>,
  args: string[] = ["-p", "hi"],
): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(
    world.env.AI_CLAUDE_BIN,
    {
      args,
      cwd: world.project,
      clearEnv: true,
      env: { ...world.env, ...env },
      stdin: "null",
    },
  ).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}
