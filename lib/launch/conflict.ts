/**
 * Something of a launch that does not go as somebody wanted it to.
 *
 * @module
 */

import type { SettingsFile } from "../claude/claude_settings.ts";
import type { Platform } from "../system/sys.ts";
import type { Route } from "./carrier.ts";

/** What the check looks at. */
export interface ConflictInput extends Route {
  /** Settings files, highest precedence first. */
  files: readonly SettingsFile[];
  /** Values of the variables that the launch sets. */
  values: Readonly<Record<string, string>>;
  /** The caller's arguments for Claude Code. */
  claudeArgs: readonly string[];
  /** The environment as found. */
  env: Readonly<Record<string, string>>;
  /** Whether the token lives only in this process's environment. */
  staticToken: boolean;
  /** Whether the helper finds a client's secret in the environment. */
  secretInEnv: boolean;
  /** The operating system. */
  platform: Platform;
}

/** Something of a launch that does not go as somebody wanted it to. */
export interface Conflict {
  /** Whether it stops the launch; otherwise it is merely odd. */
  refused: boolean;
  /** One line. */
  message: string;
  /** What to do about it. */
  hint?: string;
  /** The settings file that it is about. */
  path?: string;
  /** The keys of that file, such as `env.ANTHROPIC_BASE_URL`. */
  keys?: readonly string[];
}

/** A key of a file that stops a launch. */
export function refusal(
  { scope, path }: SettingsFile,
  key: string,
  effect: string,
): Conflict {
  return {
    refused: true,
    message: `"${key}" in ${path} ${effect}`,
    hint: scope === "policy"
      ? "managed policy beats every launcher: ask its owner to remove the key"
      : `remove "${key}" from that file`,
    path,
    keys: [key],
  };
}
