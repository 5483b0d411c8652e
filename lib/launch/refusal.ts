/**
 * A settings file whose key stops a launch.
 *
 * @module
 */

import type { SettingsFile } from "../claude/claude_settings.ts";
import type { Conflict } from "./conflict.ts";

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
