/**
 * A launch's plan, changed so that nothing of its session leaves this machine.
 * What decides the routing stays as planned.
 *
 * @module
 */

import { isObject } from "../../base/json_object.ts";
import type { LaunchPlan } from "../../launch/plan.ts";

/** Where a contained session may go. */
export interface Containment {
  /** The only addresses: the gateway and, with it, the relay. */
  reached: readonly string[];
  /** The proxy that gets everything else. */
  recorderUrl: string;
  /** The folder of settings, where the session may write. */
  configDir: string;
  /** Made-up logins instead of the user's, by variable. */
  logins: Readonly<Record<string, string>>;
}

/**
 * Contains a session: in its environment, and in the overlay, which beats a
 * settings file's proxy.
 *
 * @example
 * ```ts
 * import { containPlan } from "./probe_plan.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { args, env } = containPlan({
 *   settings: { apiKeyHelper: "x", env: { ANTHROPIC_API_KEY: "" } },
 *   args: ["--settings", "{}", "-p", "hi"],
 *   env: { HTTPS_PROXY: "http://proxy.example.com" },
 * }, {
 *   reached: ["http://127.0.0.1:8001/a"],
 *   recorderUrl: "http://127.0.0.1:8002",
 *   configDir: "/tmp/x",
 *   logins: {},
 * });
 * assertEquals(env.HTTPS_PROXY, "http://127.0.0.1:8002");
 * assertEquals(JSON.parse(args[1]).env.NO_PROXY, "127.0.0.1:8001");
 * assertEquals(JSON.parse(args[1]).env.ANTHROPIC_API_KEY, "");
 * ```
 */
export function containPlan(
  { settings, args, env }: Pick<LaunchPlan, "settings" | "args" | "env">,
  { reached, recorderUrl, configDir, logins }: Containment,
): { args: string[]; env: Record<string, string> } {
  const proxies = {
    HTTP_PROXY: recorderUrl,
    HTTPS_PROXY: recorderUrl,
    ALL_PROXY: recorderUrl,
    NO_PROXY: reached.map((url) => new URL(url).host).join(","),
  };
  const fixed = {
    ...proxies,
    ...Object.fromEntries(
      Object.entries(proxies).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ]),
    ),
    CLAUDE_CONFIG_DIR: configDir,
    CLAUDE_SECURESTORAGE_CONFIG_DIR: "",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    CLAUDE_CODE_ENABLE_TELEMETRY: "0",
    CLAUDE_CODE_MAX_RETRIES: "0",
  };
  const overlay = {
    ...settings,
    env: {
      ...logins,
      // The launch's own blanks are what is tested.
      ...(isObject(settings.env) ? settings.env : {}),
      ...fixed,
    },
  };
  return {
    args: ["--settings", JSON.stringify(overlay), ...args.slice(2)],
    env: { ...env, ...logins, ...fixed },
  };
}
