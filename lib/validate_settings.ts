/**
 * Asks the installed Claude Code whether it accepts the caller's settings. A key
 * it finds invalid makes it drop the whole `--settings` argument, in print mode
 * without a word, and with it everything that keeps the launch on the gateway.
 *
 * @module
 */

import { CliError } from "./errors.ts";
import { cannotStart } from "./find_program.ts";
import { type JsonObject, parseObject } from "./json_object.ts";
import type { Invocation, Sys } from "./sys.ts";

/** Bound on one question, in milliseconds. */
const TIMEOUT_MS = 20_000;

type Prober = Pick<Sys, "env" | "capture" | "makeTempDir" | "removeDir">;

/**
 * Checks settings with `claude auth status`, in an empty home, offline.
 *
 * @param claude path of Claude Code
 * @param settings the caller's settings without `env`
 * @throws {CliError} `usage`, naming the keys that are not accepted
 */
export async function validateSettings(
  claude: string,
  settings: JsonObject,
  sys: Prober,
): Promise<void> {
  const keys = Object.keys(settings);
  if (keys.length === 0) return;
  const home = await sys.makeTempDir();
  try {
    if (await accepts(claude, settings, home, sys)) return;
    const verdicts = await Promise.all(
      keys.map((key) => accepts(claude, { [key]: settings[key] }, home, sys)),
    );
    const bad = keys.filter((_, index) => !verdicts[index]);
    throw new CliError(
      "usage",
      `Claude Code does not accept "${
        (bad.length > 0 ? bad : keys).join('", "')
      }" ` +
        "in --settings",
      { hint: "mend it: Claude Code would ignore all settings of this launch" },
    );
  } finally {
    await sys.removeDir(home);
  }
}

/** Whether a helper beside the settings is seen: then they were not dropped. */
async function accepts(
  claude: string,
  settings: JsonObject,
  home: string,
  sys: Prober,
): Promise<boolean> {
  const probe: Invocation = {
    path: claude,
    args: [
      "--settings",
      JSON.stringify({ ...settings, apiKeyHelper: "echo probe" }),
      "auth",
      "status",
    ],
    env: {
      PATH: sys.env.PATH ?? "",
      SYSTEMROOT: sys.env.SYSTEMROOT ?? "",
      HOME: home,
      USERPROFILE: home,
      CLAUDE_CONFIG_DIR: home,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    },
    cwd: home,
  };
  const { stdout } = await sys.capture(probe, TIMEOUT_MS).catch((error) => {
    throw cannotStart(claude, error);
  });
  return parseObject(stdout)?.authMethod === "api_key_helper";
}
