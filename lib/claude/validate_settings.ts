/**
 * Asks the installed Claude Code whether it accepts settings. One invalid key
 * makes it drop the whole file or `--settings` argument, in print mode silently;
 * with the argument goes all that keeps a launch on the gateway.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { joinPath } from "../system/find_program.ts";
import { cannotStart } from "./find_claude.ts";
import { isObject, type JsonObject, parseObject } from "../base/json_object.ts";
import type { Sys } from "../system/sys.ts";

/** Bound on one question, in milliseconds. */
const TIMEOUT_MS = 20_000;

type Prober = Pick<
  Sys,
  "env" | "platform" | "capture" | "makeTempDir" | "removeDir" | "writeTextFile"
>;

/** How settings get to Claude Code. */
type Way = "argument" | "file";

/**
 * Checks the caller's settings with `claude auth status`, in an empty home,
 * offline.
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
  const bad = await rejectedKeys(claude, settings, "argument", sys);
  if (bad.length === 0) return;
  throw new CliError(
    "usage",
    `Claude Code does not accept "${bad.join('", "')}" in --settings`,
    { hint: "fix it: Claude Code would ignore all settings of this launch" },
  );
}

/**
 * The keys for which Claude Code ignores a settings file; none when it takes it,
 * or does not say. Runs nothing that the file names (measured on 2.1.330).
 *
 * @param claude path of Claude Code
 * @param values what the file holds
 */
export async function ignoredFor(
  claude: string,
  values: JsonObject,
  sys: Prober,
): Promise<string[]> {
  const { apiKeyHelper, env, ...rest } = values;
  // The question itself sets a helper.
  const helperIsBad = apiKeyHelper !== undefined &&
    typeof apiKeyHelper !== "string";
  if (helperIsBad) return ["apiKeyHelper"];
  // A key in `env` would count as the login.
  const asked = env === undefined || isObject(env) ? rest : { ...rest, env };
  const bad = await rejectedKeys(claude, asked, "file", sys);
  return bad.length > 0 && await answers(claude, sys) ? bad : [];
}

/** Whether this Claude Code answers at all: it must accept a valid file. */
async function answers(claude: string, sys: Prober): Promise<boolean> {
  return (await rejectedKeys(claude, { model: "opus" }, "file", sys))
    .length === 0;
}

async function rejectedKeys(
  claude: string,
  settings: JsonObject,
  way: Way,
  sys: Prober,
): Promise<string[]> {
  const keys = Object.keys(settings);
  if (keys.length === 0) return [];
  const home = await sys.makeTempDir();
  const accepts = (trial: JsonObject, name: string) => {
    const dir = joinPath(sys.platform, home, name);
    return isAccepted(claude, trial, way, dir, sys);
  };
  try {
    if (await accepts(settings, "all")) return [];
    const verdicts = await Promise.all(
      keys.map((key, at) => accepts({ [key]: settings[key] }, `${at}`)),
    );
    const bad = keys.filter((_, at) => !verdicts[at]);
    return bad.length > 0 ? bad : keys;
  } finally {
    await sys.removeDir(home);
  }
}

/** Whether a helper set beside them is seen: then they were not dropped. */
async function isAccepted(
  claude: string,
  settings: JsonObject,
  way: Way,
  home: string,
  sys: Prober,
): Promise<boolean> {
  const text = JSON.stringify({ ...settings, apiKeyHelper: "echo probe" });
  const file = joinPath(sys.platform, home, "settings.json");
  await sys.writeTextFile(file, way === "file" ? text : "{}");
  const { stdout } = await sys.capture({
    path: claude,
    args: [
      ...(way === "argument" ? ["--settings", text] : []),
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
  }, TIMEOUT_MS).catch((error) => {
    throw cannotStart(claude, error);
  });
  return parseObject(stdout)?.authMethod === "api_key_helper";
}
