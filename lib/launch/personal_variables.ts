/**
 * Variables that are the user's to set and not a project's: proxies,
 * certificate authorities, the place of the stored login. A cloned repository's
 * settings file must not choose who reads the traffic.
 *
 * @module
 */

import { settingsEnv, type SettingsFile } from "../claude/claude_settings.ts";
import { type Conflict, refusal } from "./conflict.ts";
import { isLoopback, LOOPBACK_HOSTS } from "../base/loopback_host.ts";
import type { Route } from "./carrier.ts";
import { actionFor } from "./routing.ts";
import type { Platform } from "../system/sys.ts";

/** What the pins are made from. */
export interface PersonalInput extends Route {
  /** Settings files, highest precedence first. */
  files: readonly SettingsFile[];
  /** The environment as found. */
  env: Readonly<Record<string, string>>;
  /** `env` of the caller's own `--settings`. */
  callerEnv: Readonly<Record<string, string>>;
  /** The provider's proxy URL. */
  providerUrl: string;
  /** The folder of the user's settings. */
  configHome?: string;
  /** The operating system. */
  platform: Platform;
}

/**
 * Overlay values that put the user's own setting back in force. Refused where
 * they would put a proxy password into argv.
 */
export function protectPersonal(
  input: PersonalInput,
): { pins: Record<string, string>; conflicts: Conflict[] } {
  const { files, platform, relayUrl } = input;
  const pins: Record<string, string> = {};
  const conflicts: Conflict[] = [];
  const own: Record<string, string> = { ...input.env };
  for (const { scope, values } of [...files].reverse()) {
    if (scope === "user" || scope === "global") {
      Object.assign(own, settingsEnv(values, platform));
    }
  }
  Object.assign(own, input.callerEnv);
  for (const file of files) {
    const { scope, values } = file;
    if (scope !== "project" && scope !== "local") continue;
    const names = Object.keys(settingsEnv(values, platform)).filter((name) =>
      actionFor(name, input) === "personal"
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
  const moved = files.find(({ values }) =>
    settingsEnv(values, platform).CLAUDE_CONFIG_DIR
  );
  if (moved !== undefined && input.configHome !== undefined) {
    // Claude Code would load further settings from there.
    pins.CLAUDE_CONFIG_DIR = input.configHome;
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
  if (relayUrl !== undefined || isLoopback(new URL(input.providerUrl))) {
    // Otherwise a proxy from anywhere would get the credential in clear text.
    for (const name of ["NO_PROXY", "no_proxy"]) {
      const before = pins[name] ?? own[name];
      pins[name] = before ? `${before},${LOOPBACK_HOSTS}` : LOOPBACK_HOSTS;
    }
  }
  return { pins, conflicts };
}
