/**
 * The check of the settings files and the environment: what would reroute a
 * launch, what a launch overrides, what Claude Code ignores.
 *
 * @module
 */

import type { SettingsFile } from "../../claude/claude_settings.ts";
import { overrideNotes } from "../../launch/inspect_settings.ts";
import type { Sys } from "../../system/sys.ts";
import { ignoredFor } from "../../claude/validate_settings.ts";
import { failure, type Finding, ok, warn } from "./check.ts";
import { breakingVariables } from "./breaking_variables.ts";
import type { Examination } from "./examination.ts";

/** One finding for each problem, or one that there is none. */
export async function checkSettings(
  examination: Examination,
): Promise<Finding[]> {
  const { sys } = examination;
  const { value, error } = await examination.facts;
  const { value: inspection } = await examination.inspection;
  if (value === undefined || inspection === undefined) {
    // The cause says what is wrong with the files.
    const cause = error instanceof Error ? error.cause ?? error : error;
    return [await failure(cause)];
  }
  const { conflicts, findings } = inspection;
  const { files, configHome } = value.user;
  const unread = files.filter(({ broken, scope }) =>
    broken && scope !== "policy"
  );
  const results: Finding[] = [
    ...conflicts.map(({ refused, message, hint }): Finding => ({
      status: refused ? "fail" : "warn",
      message,
      remedy: hint,
    })),
    ...overrideNotes(findings).map((note) =>
      warn(
        note,
        "nothing to do: a launch overrides it; plain `claude` follows it",
      )
    ),
    ...unread.map(({ path }) =>
      warn(
        `${path} cannot be read as one JSON object of at most 2 MiB: Claude ` +
          "Code ignores it",
        "fix the file, or remove it",
      )
    ),
    ...await ignoredFiles(files, examination),
    ...await breakingVariables(value, sys),
  ];
  if (await isFile(configHome, sys)) {
    results.push(
      warn(
        `${configHome} is a file, not a folder: Claude Code finds no user ` +
          "settings there",
        "name a folder with CLAUDE_CONFIG_DIR or --claude-config-dir",
      ),
    );
  }
  const { mode } = value.route;
  const count = files.length === 1 ? "1 file" : `${files.length} files`;
  return results.length > 0 ? results : [
    ok(
      files.length === 0
        ? `no settings files; nothing stops ${mode} mode`
        : `${count}; nothing stops ${mode} mode`,
    ),
  ];
}

/** Files that Claude Code ignores for one bad key. */
async function ignoredFiles(
  files: readonly SettingsFile[],
  { claude, sys }: Examination,
): Promise<Finding[]> {
  const { value: path } = await claude;
  if (path === undefined) return [];
  const own = files.filter(({ scope, broken }) =>
    !broken && scope !== "policy" && scope !== "global"
  );
  const found = await Promise.all(own.map(async (file) => {
    // Another check reports a Claude Code that does not start.
    const what = await ignoredFor(path, file.values, sys)
      .catch(() => undefined);
    return what === undefined ? undefined : warn(
      `Claude Code does not accept ${what} in ${file.path} and ignores the ` +
        "whole file",
      "fix it, or remove it",
    );
  }));
  return found.filter((finding) => finding !== undefined);
}

/** File type bits, and those of a folder. */
const TYPE_BITS = 0o170000;
const FOLDER = 0o040000;

/** Whether there is something at a path that is not a folder. */
async function isFile(
  path: string | undefined,
  sys: Pick<Sys, "fileMode">,
): Promise<boolean> {
  if (path === undefined) return false;
  const type = (await sys.fileMode(path) ?? 0) & TYPE_BITS;
  return type !== 0 && type !== FOLDER;
}
