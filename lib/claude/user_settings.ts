/**
 * What the user adds to a launch: settings files on disk, and the caller's own
 * `--settings` and arguments.
 *
 * @module
 */

import { type CallerSettings, readCallerSettings } from "./caller_settings.ts";
import { takeSettings } from "./claude_args.ts";
import {
  claudeConfigHome,
  readSettings,
  type SettingsFile,
} from "./claude_settings.ts";
import { absolutePath } from "../system/find_program.ts";
import type { Sys } from "../system/sys.ts";

/** What the user's own arguments and settings files say. */
export interface UserSettings {
  /** The caller's arguments for Claude Code, without `--settings`. */
  claudeArgs: string[];
  /** The caller's own `--settings`. */
  callerSettings: CallerSettings;
  /** Whether `--settings` was given. */
  given: boolean;
  /** `--claude-config-dir`, absolute. */
  claudeConfigDir?: string;
  /** The folder of the user's settings: from the flag, variable or default. */
  configHome?: string;
  /** Settings files on disk, highest precedence first. */
  files: SettingsFile[];
}

/**
 * Reads the caller's `--settings` and the settings files.
 *
 * @param configDir `--claude-config-dir`
 * @throws {CliError} `usage` for a `--settings` that cannot be used, `failure`
 * when the working directory was deleted
 */
export async function userSettings(
  claudeArgs: readonly string[],
  configDir: string | undefined,
  sys: Sys,
): Promise<UserSettings> {
  const { values, rest } = takeSettings(claudeArgs);
  const callerSettings = await readCallerSettings(
    values.map((value) => settingsSource(value, sys)),
    sys,
  );
  const claudeConfigDir = configDir === undefined
    ? undefined
    : absolutePath(configDir, sys);
  return {
    claudeArgs: rest,
    callerSettings,
    given: values.length > 0,
    claudeConfigDir,
    configHome: claudeConfigHome(sys, claudeConfigDir),
    files: await readSettings(sys, claudeConfigDir),
  };
}

function settingsSource(value: string, sys: Sys): string {
  return value.trimStart().startsWith("{") ? value : absolutePath(value, sys);
}
