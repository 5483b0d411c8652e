/**
 * Variables that are the user's to set and not a project's: proxies,
 * certificate authorities, the place of the stored login. A cloned repository's
 * settings file must not choose who reads the traffic.
 *
 * @module
 */

import type { Conflict } from "./conflict.ts";
import { refusal } from "./conflicts.ts";
import { isLoopback, LOOPBACK_HOSTS } from "../base/loopback_host.ts";
import type { Facts } from "./facts.ts";
import { actionFor } from "./routing.ts";

/**
 * Overlay values that put the user's own setting back in force. Refused where
 * they would put a proxy password into argv.
 */
export function protectPersonal(
  { route, user, machine }: Pick<Facts, "route" | "user" | "machine">,
): { pins: Record<string, string>; conflicts: Conflict[] } {
  const { files, callerSettings, configHome } = user;
  const pins: Record<string, string> = {};
  const conflicts: Conflict[] = [];
  const own: Record<string, string> = { ...machine.env };
  for (const { scope, env } of [...files].reverse()) {
    if (scope === "user" || scope === "global") {
      Object.assign(own, env);
    }
  }
  Object.assign(own, callerSettings.env);
  for (const file of files) {
    const { scope, env } = file;
    if (scope !== "project" && scope !== "local") continue;
    const names = Object.keys(env).filter((name) =>
      actionFor(name, route, machine.platform) === "personal"
    );
    for (const name of names) {
      pins[name] = own[name] ?? "";
      if (!pins[name].includes("@")) continue;
      delete pins[name];
      conflicts.push(refusal(
        file,
        `env.${name}`,
        `would replace your own ${name}, whose password must not go into argv ` +
          "to prevent that",
      ));
    }
  }
  const moved = files.find(({ env }) => env.CLAUDE_CONFIG_DIR);
  if (moved !== undefined && configHome !== undefined) {
    // Claude Code would load further settings from there.
    pins.CLAUDE_CONFIG_DIR = configHome;
    conflicts.push({
      refused: false,
      message:
        `"env.CLAUDE_CONFIG_DIR" in ${moved.path} ignored: set it in the ` +
        "environment instead",
      hint: "remove it from that file, and export CLAUDE_CONFIG_DIR",
      path: moved.path,
      keys: ["env.CLAUDE_CONFIG_DIR"],
    });
  }
  const { relay, providerUrl } = route;
  if (relay !== undefined || isLoopback(new URL(providerUrl))) {
    // Otherwise a proxy from anywhere would get the credential in clear text.
    for (const name of ["NO_PROXY", "no_proxy"]) {
      const before = pins[name] ?? own[name];
      pins[name] = before ? `${before},${LOOPBACK_HOSTS}` : LOOPBACK_HOSTS;
    }
  }
  return { pins, conflicts };
}
