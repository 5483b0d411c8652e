/**
 * The facts of a plain launch, and how a test's launch differs from it.
 *
 * @module
 */

import type { JsonObject } from "../../lib/base/json_object.ts";
import type { CallerSettings } from "../../lib/claude/caller_settings.ts";
import {
  type Scope,
  type SettingsFile,
  settingsFile,
} from "../../lib/claude/claude_settings.ts";
import type { Mode } from "../../lib/gateway/mode.ts";
import type { Provider } from "../../lib/gateway/provider.ts";
import type { Facts } from "../../lib/launch/facts.ts";
import type { ModelChoice } from "../../lib/launch/models.ts";
import type { Platform } from "../../lib/system/sys.ts";

/** The provider's proxy URL. */
export const PROVIDER_URL = "https://gw.example.com/llm/v1/providers/main";

/** What is different. */
export interface Changes {
  mode?: Mode;
  provider?: Provider;
  providerUrl?: string;
  relayUrl?: string;
  helper?: string;
  /** The gateway token; `undefined` for none. */
  token?: string;
  staticToken?: boolean;
  held?: boolean;
  requestedModel?: ModelChoice;
  claudeConfigDir?: string;
  configHome?: string;
  claudeArgs?: readonly string[];
  callerSettings?: CallerSettings;
  files?: readonly SettingsFile[];
  env?: Readonly<Record<string, string>>;
  quiet?: boolean;
  platform?: Platform;
}

/** A settings file. */
export function fileOf(
  scope: Scope,
  values: JsonObject,
  path = `/${scope}.json`,
): SettingsFile {
  return settingsFile({ scope, path }, values, "linux");
}

/** The facts of a launch of provider `main`. */
export function launchFacts(mode: Mode, changes: Changes = {}): Facts {
  const { platform = "linux", token, relayUrl } = changes;
  const given = {
    value: token ?? "",
    source: "--token",
    refreshable: false,
    login: { authMode: "token" },
  } as const;
  return {
    route: {
      mode: changes.mode ?? mode,
      providerUrl: changes.providerUrl ?? PROVIDER_URL,
      ...relayUrl === undefined ? {} : { relay: { url: relayUrl } },
    },
    relay: relayUrl !== undefined,
    provider: { name: "main", record: changes.provider },
    token: {
      first: token === undefined ? undefined : given,
      request: {
        authMode: "device",
        ...changes.staticToken ? { static: given } : {},
      },
      helper: changes.helper ?? "/opt/ai-claude auth token",
      held: changes.held ?? false,
    },
    user: {
      claudeArgs: [...changes.claudeArgs ?? []],
      callerSettings: changes.callerSettings ?? { values: {}, env: {} },
      given: changes.callerSettings !== undefined,
      claudeConfigDir: changes.claudeConfigDir,
      configHome: changes.configHome,
      files: (changes.files ?? []).map((file) =>
        settingsFile(file, file.broken ? "broken" : file.values, platform)
      ),
      model: changes.requestedModel,
      quiet: changes.quiet ?? false,
    },
    machine: { env: changes.env ?? {}, platform },
    warnings: [],
  };
}
