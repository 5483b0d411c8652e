/**
 * A copy of the user's own settings files, for a Claude Code that writes beside
 * them.
 *
 * @module
 */

import { MAX_SETTINGS_BYTES } from "../../claude/claude_settings.ts";
import type { UserSettings } from "../../claude/user_settings.ts";
import { joinPath } from "../../system/find_program.ts";
import type { Sys } from "../../system/sys.ts";

/** Works with a copy in a folder, which no signal leaves behind. */
export async function withSettingsCopy<T>(
  settings: UserSettings,
  sys: Sys,
  work: (dir: string) => Promise<T>,
): Promise<T> {
  return await sys.uninterrupted(async () => {
    const dir = await sys.makeTempDir();
    try {
      await copySettings(settings, dir, sys);
      return await work(dir);
    } finally {
      await sys.removeDir(dir);
    }
  });
}

async function copySettings(
  { files }: UserSettings,
  dir: string,
  sys: Pick<Sys, "platform" | "readTextFile" | "writeTextFile">,
): Promise<void> {
  for (const { scope, path, values } of files) {
    if (scope !== "user" && scope !== "global") continue;
    const name = path.replace(/^.*[\\/]/, "");
    const text = scope === "global"
      ? JSON.stringify(values)
      // A file that is not read here is not read by Claude Code.
      : await sys.readTextFile(path, MAX_SETTINGS_BYTES).catch(() => undefined);
    if (text === undefined) continue;
    await sys.writeTextFile(joinPath(sys.platform, dir, name), text);
  }
}
