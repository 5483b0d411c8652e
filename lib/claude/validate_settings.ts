/**
 * Asks the installed Claude Code whether it accepts settings. One invalid key
 * makes it drop the whole file or `--settings` argument, in print mode silently;
 * with the argument goes all that keeps a launch on the gateway.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { isObject, type JsonObject, parseObject } from "../base/json_object.ts";
import { printable } from "../base/printable.ts";
import { joinPath } from "../system/find_program.ts";
import type { Captured, Sys } from "../system/sys.ts";
import { cannotStart, type StartSys } from "./find_claude.ts";

/** Bound on one question, in milliseconds. */
const TIMEOUT_MS = 20_000;

/** A helper beside the settings: if Claude Code sees it, they were not dropped. */
const HELPER = "echo probe";

type Prober =
  & StartSys
  & Pick<
    Sys,
    | "env"
    | "platform"
    | "capture"
    | "makeTempDir"
    | "removeDir"
    | "writeTextFile"
  >;

/** How settings get to Claude Code. */
type Way = "argument" | "file";

/**
 * Checks the caller's settings.
 *
 * @param claude path of Claude Code
 * @param settings the caller's settings without `env`
 * @throws {CliError} `usage` for settings that Claude Code would drop
 */
export async function validateSettings(
  claude: string,
  settings: JsonObject,
  sys: Prober,
): Promise<void> {
  // The launch sets its own.
  const { apiKeyHelper: _, ...others } = settings;
  const reasons = await whyDropped(claude, others, "argument", sys);
  if (reasons === undefined) return;
  throw new CliError(
    "usage",
    `cannot use --settings: Claude Code does not accept ${listed(reasons)}`,
    { hint: "fix it: Claude Code would ignore all settings of this launch" },
  );
}

/**
 * What Claude Code does not accept in a settings file, for which it ignores the
 * whole file; `undefined` when it takes it, or does not say.
 *
 * @param claude path of Claude Code
 * @param values what the file holds
 */
export async function ignoredFor(
  claude: string,
  values: JsonObject,
  sys: Prober,
): Promise<string | undefined> {
  const reasons = await whyDropped(claude, values, "file", sys);
  return reasons && listed(reasons);
}

/** Text about keys, in the client's words. */
function listed(reasons: ReadonlyMap<string, string>): string {
  const each = [...reasons].map(([key, reason]) => `"${key}" (${reason})`);
  return each.length === 0 ? "something" : each.join(", ");
}

/**
 * What Claude Code says of settings that it drops, by key; `undefined` when it
 * takes them, or when nothing is known.
 *
 * `claude auth status` tells which (0.25 s), in an empty home, offline; it runs
 * nothing that the settings name. It is asked about settings without a fault
 * before these are blamed, since it can fail for reasons of its own. Only then
 * does `claude doctor` name the keys: it also lists some that cost nothing but
 * themselves. Measured on 2.1.208, 2.1.330 and 2.1.332.
 */
async function whyDropped(
  claude: string,
  settings: JsonObject,
  way: Way,
  sys: Prober,
): Promise<Map<string, string> | undefined> {
  const { apiKeyHelper, env, ...others } = settings;
  const judged: JsonObject = {
    ...others,
    // A key in `env` would count as the login.
    ...(env === undefined || isObject(env) ? {} : { env }),
    ...(apiKeyHelper === undefined || typeof apiKeyHelper === "string"
      ? {}
      : { apiKeyHelper }),
  };
  if (Object.keys(judged).length === 0) return undefined;
  const home = await sys.makeTempDir();
  const dir = (name: string) => joinPath(sys.platform, home, name);
  try {
    const taken = await isTaken(claude, judged, way, dir("judged"), sys);
    if (taken !== false) return undefined;
    const control = await isTaken(claude, {}, way, dir("control"), sys);
    if (control !== true) return undefined;
    return invalidKeys(
      await ask(claude, judged, ["doctor"], dir("named"), sys),
    );
  } finally {
    await sys.removeDir(home);
  }
}

/** Whether Claude Code takes settings; `undefined` when it does not say. */
async function isTaken(
  claude: string,
  settings: JsonObject,
  way: Way,
  home: string,
  sys: Prober,
): Promise<boolean | undefined> {
  const given = { apiKeyHelper: HELPER, ...settings };
  const status = ["auth", "status"];
  const { stdout, timedOut } = way === "file"
    ? await ask(claude, given, status, home, sys)
    : await ask(
      claude,
      {},
      ["--settings", JSON.stringify(given), ...status],
      home,
      sys,
    );
  const method = timedOut ? undefined : parseObject(stdout)?.authMethod;
  return typeof method === "string" ? method === "api_key_helper" : undefined;
}

/** Asks Claude Code something, in a home with these settings. */
async function ask(
  claude: string,
  settings: JsonObject,
  args: string[],
  home: string,
  sys: Prober,
): Promise<Captured> {
  const file = joinPath(sys.platform, home, "settings.json");
  await sys.writeTextFile(file, JSON.stringify(settings));
  try {
    return await sys.capture({
      path: claude,
      args,
      env: {
        PATH: sys.env.PATH ?? "",
        SYSTEMROOT: sys.env.SYSTEMROOT ?? "",
        HOME: home,
        USERPROFILE: home,
        CLAUDE_CONFIG_DIR: home,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      },
      cwd: home,
    }, TIMEOUT_MS);
  } catch (error) {
    throw await cannotStart(claude, error, sys);
  }
}

/** Lines `- PATH › key: reason` of `claude doctor`; the last one of a key counts. */
function invalidKeys({ stdout }: Captured): Map<string, string> {
  const lines = stdout.matchAll(/^- .*[\\/]settings\.json › (.+?): (.+)$/gm);
  return new Map(
    [...lines].map(([, key, reason]) => [printable(key), printable(reason)]),
  );
}
