/**
 * Something of a launch that does not go as somebody wanted it to.
 *
 * @module
 */

import type { SettingsFile } from "../claude/claude_settings.ts";

/** Something that does not go as somebody wanted it to. */
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
