/**
 * The check of the user's own login, which passthrough sends to the vendor.
 *
 * @module
 */

import { parseObject } from "../../base/json_object.ts";
import { printable } from "../../base/printable.ts";
import { planLaunch } from "../../launch/plan.ts";
import { fail, type Finding, ok, skip } from "./check.ts";
import type { Examination } from "./examination.ts";
import { withSettingsCopy } from "./settings_copy.ts";

/** Bound on `claude auth status`, in milliseconds. */
const STATUS_TIMEOUT_MS = 10_000;

/**
 * Whether Claude Code, launched in passthrough, has a login to send: it is asked
 * with the launch's own settings and environment. It asks nobody, and writes only
 * in a copy of the user's settings (measured on 2.1.208 and 2.1.332).
 */
export async function checkLogin(
  { facts, settings, claude, sys }: Examination,
): Promise<Finding[]> {
  const { value: launch } = await facts;
  const { value: path } = await claude;
  const { value: user } = await settings;
  if (launch?.route.mode !== "passthrough" || user === undefined) return [];
  if (path === undefined) return [skip("Claude Code was not found")];
  let plan;
  try {
    plan = planLaunch(launch);
  } catch {
    return [skip("another check says why there would be no launch")];
  }
  const { settings: overlay, env } = plan;
  const { stdout, timedOut } = await withSettingsCopy(
    user,
    sys,
    (dir) =>
      sys.capture({
        path,
        args: ["--settings", JSON.stringify(overlay), "auth", "status"],
        env: {
          ...env,
          CLAUDE_CONFIG_DIR: dir,
          // Where the stored login stays.
          CLAUDE_SECURESTORAGE_CONFIG_DIR:
            env.CLAUDE_SECURESTORAGE_CONFIG_DIR ??
              env.CLAUDE_CONFIG_DIR ?? "",
        },
      }, STATUS_TIMEOUT_MS),
  );
  const status = timedOut ? undefined : parseObject(stdout);
  if (typeof status?.loggedIn !== "boolean") {
    return [skip("Claude Code does not say whether it is signed in")];
  }
  if (status.loggedIn) {
    const plan = status.subscriptionType;
    return [ok([
      `Claude Code is signed in (${printable(String(status.authMethod))})`,
      ...(typeof plan === "string" ? [`subscription ${printable(plan)}`] : []),
    ].join(", "))];
  }
  const home = user.claudeConfigDir;
  const signIn = "claude auth login";
  return [fail(
    "passthrough sends your own Claude login, and Claude Code is not signed in",
    `sign in: ${
      home === undefined ? signIn : `CLAUDE_CONFIG_DIR="${home}" ${signIn}`
    }, or set CLAUDE_CODE_OAUTH_TOKEN (\`claude setup-token\` makes one)`,
  )];
}
