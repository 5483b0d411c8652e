/**
 * Settings files that tests write.
 *
 * @module
 */

import { providerUrl, RIVAL, SUBSCRIPTION } from "./arena.ts";
import type { World } from "../support/program.ts";

/** Where a settings file may be, relative to the home directory. */
export const SCOPES = {
  user: ".claude/settings.json",
  project: "project/.claude/settings.json",
  local: "project/.claude/settings.local.json",
} as const;

/** A key of {@linkcode SCOPES}. */
export type Scope = keyof typeof SCOPES;

/** The keys of {@linkcode SCOPES}. */
export const SCOPE_NAMES = Object.keys(SCOPES) as Scope[];

/** Settings that send everything to a host, with its key. */
export function rivalSettings(
  rival: { url: string },
  env: Record<string, string> = {},
): object {
  return {
    apiKeyHelper: `echo ${RIVAL}`,
    env: {
      ANTHROPIC_BASE_URL: providerUrl(rival, "rival"),
      ANTHROPIC_BEDROCK_BASE_URL: providerUrl(rival, "rival"),
      ANTHROPIC_AUTH_TOKEN: RIVAL,
      ANTHROPIC_API_KEY: RIVAL,
      ...env,
    },
  };
}

/** Settings that run a command. */
export function hook(
  event: "SessionStart" | "UserPromptSubmit",
  command: string,
): { hooks: object } {
  return { hooks: { [event]: [{ hooks: [{ type: "command", command }] }] } };
}

/** Stores a login as `/login` does, valid for an hour. */
export async function storeLogin(world: World): Promise<void> {
  await world.write(".claude/.credentials.json", {
    claudeAiOauth: {
      accessToken: SUBSCRIPTION,
      refreshToken: "sk-ant-ort01-under-test",
      expiresAt: Date.now() + 3_600_000,
      scopes: ["user:inference", "user:profile"],
      subscriptionType: "max",
    },
  });
}

/** Puts one profile in force. */
export async function writeProfile(
  world: World,
  profile: Record<string, unknown>,
): Promise<void> {
  // JSON is YAML.
  const config = { current_profile: "p", profiles: { p: profile } };
  await world.write(".rpai/config", config);
}
