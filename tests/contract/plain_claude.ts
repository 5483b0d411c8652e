/**
 * Claude Code without the launcher, for what a launch is to be compared with.
 *
 * @module
 */

import { type Ended, runCommand, type World } from "../support/program.ts";
import { type Arena, GATEWAY_TOKEN, providerUrl, QUIET } from "./arena.ts";

/** Runs the world's Claude Code, with a prompt by default, to its end. */
export async function plainClaude(
  world: World,
  env: Record<string, string>,
  args: string[] = ["-p", "hi"],
): Promise<Ended> {
  return await runCommand(world.env.AI_CLAUDE_BIN, args, {
    cwd: world.project,
    env: { ...world.env, ...env },
  });
}

/**
 * Claude Code with the gateway in its environment and a helper in `--settings`:
 * what a launch in managed mode would be with nothing that guards it.
 *
 * @param settings what `--settings` has besides
 */
export function unguardedClaude(
  { world, gateway }: Arena,
  settings: object = {},
  args: string[] = ["-p", "hi"],
  env: Record<string, string> = {},
): Promise<Ended> {
  const all = { apiKeyHelper: `echo ${GATEWAY_TOKEN}`, ...settings };
  return plainClaude(world, {
    ...QUIET,
    CLAUDE_CODE_MAX_RETRIES: "0",
    ANTHROPIC_BASE_URL: providerUrl(gateway, "managed"),
    ...env,
  }, ["--settings", JSON.stringify(all), ...args]);
}
