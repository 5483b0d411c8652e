/**
 * Which models the user asks for, in the places where Claude Code looks, and
 * which ones the provider allows.
 *
 * @module
 */

import { optionValue } from "../claude/claude_args.ts";
import type { Facts } from "./facts.ts";
import { type ModelChoice, type ModelInput, PIN_VARIABLES } from "./models.ts";

/** What the models of a launch are planned from. */
export function modelInput(
  { provider, user, machine }: Pick<Facts, "provider" | "user" | "machine">,
): ModelInput {
  const { claudeArgs, callerSettings, files } = user;
  const { env } = machine;
  const claudeArg = optionValue(claudeArgs, "--model");
  const fallbacks = optionValue(claudeArgs, "--fallback-model");
  const levels = [
    ...files.filter(({ scope }) => scope === "policy"),
    // The caller's `env` travels in the environment, below every file.
    { path: "--settings", values: callerSettings.values, env: {} },
    ...files.filter(({ scope }) => scope !== "policy"),
  ];
  /** A variable as Claude Code would see it, a settings file's value first. */
  const variable = (name: string): ModelChoice | undefined => {
    for (const { path, env } of levels) {
      const id = (env as Record<string, string>)[name];
      if (id) return { id, from: `env.${name} in ${path}` };
    }
    const id = callerSettings.env[name] || env[name];
    return id ? { id, from: name } : undefined;
  };
  const pins = PIN_VARIABLES.map((name) => [name, variable(name)] as const);
  const keys = levels.map(({ path, values }) =>
    typeof values.model === "string" && values.model !== ""
      ? { id: values.model, from: `"model" in ${path}` }
      : undefined
  );
  return {
    requested: user.model,
    claudeArg: claudeArg === undefined
      ? undefined
      : { id: claudeArg, from: "Claude Code's --model" },
    fallbacks: (fallbacks?.split(",") ?? []).map((id) => ({
      id: id.trim(),
      from: "Claude Code's --fallback-model",
    })),
    configured: [variable("ANTHROPIC_MODEL"), ...keys].filter((choice) =>
      choice !== undefined
    ),
    userPins: Object.fromEntries(
      pins.filter((entry): entry is [string, ModelChoice] =>
        entry[1] !== undefined
      ),
    ),
    allowed: provider.record?.models ?? [],
    provider: provider.name,
    region: env.AWS_REGION || provider.record?.region,
  };
}
