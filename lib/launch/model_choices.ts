/**
 * Which models the user asks for, in the places where Claude Code looks.
 *
 * @module
 */

import { optionValue } from "../claude/claude_args.ts";
import { settingsEnv } from "../claude/claude_settings.ts";
import { type ModelChoice, type ModelInput, PIN_VARIABLES } from "./models.ts";
import type { LaunchInput } from "./plan.ts";

/** What the user asks for; the allow-list is the provider's to add. */
export function modelChoices(
  input: LaunchInput,
): Omit<ModelInput, "allowed" | "provider" | "region"> {
  const { requestedModel, claudeArgs, callerSettings, files, env, platform } =
    input;
  const claudeArg = optionValue(claudeArgs, "--model");
  const fallbacks = optionValue(claudeArgs, "--fallback-model");
  const caller = { path: "--settings", values: callerSettings.values };
  const levels = [
    ...files.filter(({ scope }) => scope === "policy"),
    caller,
    ...files.filter(({ scope }) => scope !== "policy"),
  ];
  /** A variable as Claude Code would see it, a settings file's value first. */
  const variable = (name: string): ModelChoice | undefined => {
    for (const { path, values } of levels) {
      const id = settingsEnv(values, platform)[name];
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
    requested: requestedModel,
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
  };
}
