/**
 * The launch plan: everything that starting Claude Code needs, as data. The dry
 * run prints the very plan that a launch carries out.
 *
 * @module
 */

import { carrierOf, RELAY_HELPER, type Route } from "./carrier.ts";
import {
  type CallerSettings,
  mergeSettings,
} from "../claude/caller_settings.ts";
import { settingsEnv, type SettingsFile } from "../claude/claude_settings.ts";
import { findConflicts, refuseConflicts } from "./conflicts.ts";
import type { Conflict } from "./conflict.ts";
import { protectPersonal } from "./personal_variables.ts";
import { CUSTOM_HEADERS, mergeHeaders } from "./custom_headers.ts";
import {
  inspectSettings,
  type KeyFinding,
  overrideNotes,
} from "./inspect_settings.ts";
import type { JsonObject } from "../base/json_object.ts";
import type { Mode } from "../gateway/mode.ts";
import { modelChoices } from "./model_choices.ts";
import { type ModelChoice, planModels } from "./models.ts";
import type { Provider } from "../gateway/provider.ts";
import { canonicalEnv } from "../system/env_names.ts";
import { type Removed, routeEnvironment } from "./routing.ts";
import type { Platform } from "../system/sys.ts";

/** What a launch is planned from. */
export interface LaunchInput extends Route {
  /** Name of the provider. */
  providerName: string;
  /** Its record, when it could be read. */
  provider?: Provider;
  /** Its proxy URL. */
  providerUrl: string;
  /** The `apiKeyHelper` command line. */
  helper: string;
  /** The gateway token: for passthrough's header and a static token's helper. */
  token?: string;
  /** Whether that token was given as `--token` or `RPAI_TOKEN`. */
  staticToken: boolean;
  /** Whether the helper finds a client's secret in the environment. */
  secretInEnv: boolean;
  /** `RPAI_CREDENTIALS`, absolute; empty when it is not set. */
  credentialsPath: string;
  /** `-m`, or the profile's model. */
  requestedModel?: ModelChoice;
  /** `--claude-config-dir`, absolute. */
  claudeConfigDir?: string;
  /** The folder of the user's settings, wherever that comes from. */
  configHome?: string;
  /** The caller's arguments for Claude Code, without `--settings`. */
  claudeArgs: readonly string[];
  /** The caller's own `--settings`. */
  callerSettings: CallerSettings;
  /** Settings files on disk, highest precedence first. */
  files: readonly SettingsFile[];
  /** The environment as found. */
  env: Readonly<Record<string, string>>;
  /** Whether to keep quiet about values that the launch overrides. */
  quiet: boolean;
  /** The operating system. */
  platform: Platform;
}

/** How Claude Code is started. */
export interface LaunchPlan {
  /** The mode. */
  mode: Mode;
  /** Name of the provider. */
  provider: string;
  /** The value of `--model`; `null` leaves it to Claude Code. */
  model: string | null;
  /** The one `--settings` argument. Holds no secret. */
  settings: JsonObject;
  /** The whole environment. Holds secrets. */
  env: Record<string, string>;
  /** What was taken out of the environment as found. */
  removed: Removed[];
  /** Keys that somebody besides the launch sets. */
  findings: KeyFinding[];
  /** Arguments, without the program. */
  args: string[];
  /** One line each. */
  warnings: string[];
}

/** Variables of this program that a session's tools have no use for. */
const OWN_SECRETS = ["RPAI_TOKEN", "RPAI_CLIENT_SECRET"];

/**
 * Plans a launch.
 *
 * @throws {CliError} `refused` for a conflict that cannot be overridden, `usage`
 * for a model outside the allow-list
 */
export function planLaunch(asked: LaunchInput): LaunchPlan {
  const input = canonicalInput(asked);
  const { mode, callerSettings, claudeArgs } = input;
  const carrier = carrierOf(input);
  const viaHelper = carrier === "helper";
  const { routed, overlay, conflicts, findings, found } = planRouting(input);
  const warnings = refuseConflicts(conflicts);

  const models = planModels({
    ...modelChoices(input),
    allowed: input.provider?.models ?? [],
    provider: input.providerName,
    region: input.env.AWS_REGION || input.provider?.region,
  });
  warnings.push(
    ...models.warnings,
    ...shadowedWarnings(input, overlay.env),
  );
  if (!input.quiet) warnings.push(...overrideNotes(findings));
  const env = { ...routed.env, ...models.pins };
  const removed = [...routed.removed];

  const remove = (name: string, why: string) => {
    if (!(name in env)) return;
    delete env[name];
    removed.push({ name, why });
  };
  const headers = mergeHeaders(
    found[CUSTOM_HEADERS],
    carrier === "header" ? input.token : undefined,
  );
  if (headers.dropped.length > 0) {
    warnings.push(
      `${CUSTOM_HEADERS}: dropped ${headers.dropped.join(", ")}: ` +
        "the launch decides the credentials",
    );
  }
  if (headers.text !== "") env[CUSTOM_HEADERS] = headers.text;
  else remove(CUSTOM_HEADERS, "it held nothing but credentials");

  for (const name of OWN_SECRETS) {
    if (!viaHelper) remove(name, "the session has no use for it");
  }
  if (viaHelper && input.staticToken && input.token !== undefined) {
    env.RPAI_TOKEN = input.token;
  }
  if (mode === "bedrock" && !env.AWS_REGION && !env.AWS_DEFAULT_REGION) {
    if (input.provider?.region) env.AWS_REGION = input.provider.region;
  }
  if (input.claudeConfigDir !== undefined) {
    env.CLAUDE_CONFIG_DIR = input.claudeConfigDir;
  }

  const settings = mergeSettings(callerSettings.values, {
    ...overlay,
    env: { ...overlay.env, ...models.pins },
  });
  return {
    mode,
    provider: input.providerName,
    model: models.model ?? null,
    settings,
    env,
    removed,
    findings,
    args: [
      "--settings",
      JSON.stringify(settings),
      ...(models.model === undefined ? [] : ["--model", models.model]),
      ...claudeArgs,
    ],
    warnings,
  };
}

/** What stands for and against a launch, refused or not. */
export function inspectLaunch(
  asked: LaunchInput,
): { conflicts: Conflict[]; findings: KeyFinding[] } {
  const { conflicts, findings } = planRouting(canonicalInput(asked));
  return { conflicts, findings };
}

function canonicalInput(asked: LaunchInput): LaunchInput {
  return { ...asked, env: canonicalEnv(asked.env, asked.platform) };
}

/** What of a plan does not depend on the models. */
function planRouting(input: LaunchInput) {
  const { files, callerSettings, platform } = input;
  const values = routingValues(input);
  const found = { ...input.env, ...callerSettings.env };
  const routed = routeEnvironment({
    ...input,
    env: found,
    settingsNames: files.flatMap(({ values }) =>
      Object.keys(settingsEnv(values, platform))
    ),
    values,
  });
  const personal = protectPersonal({
    ...input,
    callerEnv: callerSettings.env,
  });
  const overlay = {
    apiKeyHelper: helperOf(input),
    env: {
      ...routed.overlay,
      ...personal.pins,
      ...(carrierOf(input) === "helper" ? helperPins(input) : {}),
    },
  };
  const conflicts = [
    ...findConflicts({ ...input, values }),
    ...personal.conflicts,
  ];
  const findings = inspectSettings({
    ...input,
    values,
    overlay,
    exported: input.claudeConfigDir === undefined
      ? {}
      : { CLAUDE_CONFIG_DIR: input.claudeConfigDir },
    conflicts,
  });
  return { found, routed, overlay, conflicts, findings };
}

/**
 * The `apiKeyHelper`. In passthrough an empty one erases one on disk, which would
 * replace the subscription login; `null` does not.
 */
function helperOf({ mode, relayUrl, helper }: LaunchInput): string {
  if (mode === "passthrough") return "";
  return relayUrl === undefined ? helper : RELAY_HELPER;
}

/** Blanks for what a settings file could tell the helper. */
function helperPins(
  { staticToken, credentialsPath }: LaunchInput,
): Record<string, string> {
  return {
    RPAI_CREDENTIALS: credentialsPath,
    RPAI_CONFIG: "",
    RPAI_PROFILE: "",
    // A static token lives in the environment, where a blank would erase it.
    ...(staticToken ? {} : { RPAI_TOKEN: "" }),
  };
}

/** Values of the variables that {@linkcode routeEnvironment} sets in a mode. */
function routingValues(
  { mode, relayUrl, providerUrl }: LaunchInput,
): Record<string, string> {
  const baseUrl = relayUrl ?? providerUrl;
  const always = {
    ANTHROPIC_BASE_URL: baseUrl,
    CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK: "1",
  };
  switch (mode) {
    case "managed":
      return always;
    case "passthrough":
      // With the relay the vendor's start-up call carries no header of ours.
      return relayUrl !== undefined
        ? always
        : { ...always, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" };
    case "bedrock":
      return {
        ...always,
        ANTHROPIC_BEDROCK_BASE_URL: baseUrl,
        CLAUDE_CODE_USE_BEDROCK: "1",
        CLAUDE_CODE_SKIP_BEDROCK_AUTH: "1",
      };
  }
}

/** What of the caller's `--settings` is beaten by a file, not by the launch. */
function shadowedWarnings(
  input: LaunchInput,
  overlay: Readonly<Record<string, string>>,
): string[] {
  const { callerSettings, files, platform } = input;
  const warnings: string[] = [];
  for (const { path, values } of files) {
    const names = Object.keys(settingsEnv(values, platform));
    const shadowed = Object.keys(callerSettings.env).filter((name) =>
      names.includes(name) && !Object.hasOwn(overlay, name)
    );
    if (shadowed.length > 0) {
      warnings.push(
        `--settings: env.${shadowed.join(", env.")} is also set in ${path}, ` +
          "which wins: these values travel in the environment, not in argv",
      );
    }
  }
  return warnings;
}
