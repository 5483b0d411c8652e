/**
 * The launch plan: everything that starting Claude Code needs, as data. The dry
 * run prints the very plan that a launch carries out.
 *
 * @module
 */

import type { JsonObject } from "../base/json_object.ts";
import { mergeSettings } from "../claude/caller_settings.ts";
import type { Mode } from "../gateway/mode.ts";
import { canonicalEnv } from "../system/env_names.ts";
import {
  carrierOf,
  RELAY_HELPER,
  RELAY_PLACEHOLDERS,
  relayPlace,
} from "./carrier.ts";
import type { Conflict } from "./conflict.ts";
import { findConflicts, refuseConflicts } from "./conflicts.ts";
import { CUSTOM_HEADERS, mergeHeaders } from "./custom_headers.ts";
import type { Facts, RelayAddress, Route } from "./facts.ts";
import {
  inspectSettings,
  type KeyFinding,
  overrideNotes,
} from "./inspect_settings.ts";
import { modelInput } from "./model_input.ts";
import { planModels } from "./models.ts";
import { protectPersonal } from "./personal_variables.ts";
import { type Removed, routeEnvironment } from "./routing.ts";

/** How Claude Code is started. */
export interface LaunchPlan {
  mode: Mode;
  provider: string;
  /** The value of `--model`; `null` leaves it to Claude Code. */
  model: string | null;
  /** The one `--settings` argument. Holds no secret. */
  settings: JsonObject;
  /** The whole environment. Holds secrets. */
  env: Record<string, string>;
  /** What was taken out of the environment as found. */
  removed: Removed[];
  /** Keys that are set outside the launch. */
  findings: KeyFinding[];
  /** Arguments, without the program. */
  args: string[];
  /**
   * Whether the session must end with the launcher: the next program to get the
   * relay's port would be sent the subscription login.
   */
  endsWithLauncher: boolean;
  warnings: string[];
}

/**
 * Variables of this program's own credentials. A repository's `.mcp.json` can
 * send any variable of a session anywhere.
 */
const OWN_CREDENTIALS = [
  "RPAI_TOKEN",
  "RPAI_CLIENT_ID",
  "RPAI_CLIENT_SECRET",
  "RPAI_CLIENT_SECRET_FILE",
];

/**
 * Plans a launch.
 *
 * @param relay where the relay listens, if there is to be one; a placeholder by
 * default, good for showing the plan
 * @throws {CliError} `refused` for a conflict that cannot be overridden, `usage`
 * for a model outside the allow-list
 */
export function planLaunch(facts: Facts, relay?: RelayAddress): LaunchPlan {
  const launch = asPlanned(facts, relay);
  const { route, provider, token, user } = launch;
  const { routed, overlay, exported, conflicts, findings, found } = planRouting(
    launch,
  );
  const warnings = [...facts.warnings, ...refuseConflicts(conflicts)];

  const models = planModels(modelInput(launch));
  warnings.push(...models.warnings, ...shadowedWarnings(user, overlay.env));
  if (!user.quiet) warnings.push(...overrideNotes(findings));
  const env = { ...routed.env, ...models.pins, ...exported };
  const removed = [...routed.removed];

  const remove = (name: string, why: string) => {
    if (!(name in env)) return;
    delete env[name];
    removed.push({ name, why });
  };
  const headers = mergeHeaders(
    found[CUSTOM_HEADERS],
    // A dry run without a token still shows the header.
    carrierOf(route) === "header"
      ? token.first === undefined ? "" : token.first.value
      : undefined,
  );
  if (headers.dropped.length > 0) {
    warnings.push(
      `${CUSTOM_HEADERS}: dropped ${headers.dropped.join(", ")}: ` +
        "the launch decides the credentials",
    );
  }
  if (headers.text !== "") env[CUSTOM_HEADERS] = headers.text;
  else remove(CUSTOM_HEADERS, "it held nothing but credentials");

  for (const name of OWN_CREDENTIALS) {
    remove(name, "a repository's files could send it anywhere");
  }
  if (route.mode === "bedrock" && !env.AWS_REGION && !env.AWS_DEFAULT_REGION) {
    const region = provider.record?.region;
    if (region) env.AWS_REGION = region;
  }

  const settings = mergeSettings(user.callerSettings.values, {
    ...overlay,
    ...models.settings,
    env: { ...overlay.env, ...models.pins },
  });
  return {
    mode: route.mode,
    provider: provider.name,
    model: models.model ?? null,
    settings,
    env,
    removed,
    findings,
    args: [
      "--settings",
      JSON.stringify(settings),
      ...(models.model === undefined ? [] : ["--model", models.model]),
      ...user.claudeArgs,
    ],
    endsWithLauncher: route.relay !== undefined &&
      route.relay.socket === undefined,
    warnings,
  };
}

/** Findings that allow or block a launch. */
export function inspectLaunch(
  facts: Facts,
): { conflicts: Conflict[]; findings: KeyFinding[] } {
  const { conflicts, findings } = planRouting(asPlanned(facts));
  return { conflicts, findings };
}

/** The launch as it is planned: with the relay's address, canonical names. */
function asPlanned(facts: Facts, relay?: RelayAddress): Facts {
  const { route, machine } = facts;
  const placeholder =
    RELAY_PLACEHOLDERS[relayPlace(route.mode, machine.platform)];
  return {
    ...facts,
    route: facts.relay ? { ...route, relay: relay ?? placeholder } : route,
    machine: { ...machine, env: canonicalEnv(machine.env, machine.platform) },
  };
}

/** The part of a plan that does not depend on the models. */
function planRouting(facts: Facts) {
  const { route, token, user, machine } = facts;
  const { files, callerSettings } = user;
  const values = routingValues(route);
  const found = { ...machine.env, ...callerSettings.env };
  const routed = routeEnvironment({
    route,
    env: found,
    settingsNames: files.flatMap(({ env }) => Object.keys(env)),
    values,
    platform: machine.platform,
  });
  const personal = protectPersonal(facts);
  const overlay = {
    apiKeyHelper: helperOf(route, token.helper),
    env: { ...routed.overlay, ...personal.pins },
  };
  const conflicts = [...findConflicts(facts, values), ...personal.conflicts];
  const exported: Record<string, string> = user.claudeConfigDir === undefined
    ? {}
    : { CLAUDE_CONFIG_DIR: user.claudeConfigDir };
  const input = { ...facts, overlay, exported, conflicts };
  const findings = inspectSettings(input);
  return { found, routed, overlay, exported, conflicts, findings };
}

/**
 * The `apiKeyHelper`. In passthrough an empty one erases one on disk, which would
 * replace the subscription login; `null` does not.
 */
function helperOf({ mode, relay }: Route, helper: string): string {
  if (mode === "passthrough") return "";
  return relay === undefined ? helper : RELAY_HELPER;
}

/** Values of the variables that {@linkcode routeEnvironment} sets in a mode. */
function routingValues(
  { mode, relay, providerUrl }: Route,
): Record<string, string> {
  const baseUrl = relay?.url ?? providerUrl;
  const always = {
    ANTHROPIC_BASE_URL: baseUrl,
    CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK: "1",
    // Without it the table blanks it.
    ...relay?.socket === undefined
      ? {}
      : { ANTHROPIC_UNIX_SOCKET: relay.socket },
  };
  switch (mode) {
    case "managed":
      return always;
    case "passthrough":
      // With the relay the vendor's start-up call carries no header of ours.
      return relay !== undefined
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

/** Warns of the caller's `--settings` that a file beats, not the launch. */
function shadowedWarnings(
  { callerSettings, files }: Facts["user"],
  overlay: Readonly<Record<string, string>>,
): string[] {
  const warnings: string[] = [];
  for (const { path, env } of files) {
    const shadowed = Object.keys(callerSettings.env).filter((name) =>
      Object.hasOwn(env, name) && !Object.hasOwn(overlay, name)
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
