/**
 * From options to a launch plan: asks the token source, the gateway and the
 * settings files, and hands what they say to the pure planner.
 *
 * @module
 */

import type { Flags } from "./args.ts";
import { readCallerSettings } from "./caller_settings.ts";
import { takeSettings } from "./claude_args.ts";
import { claudeConfigHome, readSettings } from "./claude_settings.ts";
import { CliError } from "./errors.ts";
import { getProvider, listProviders, type Lookup } from "./gateway.ts";
import { parseGatewayUrl, providerUrl } from "./gateway_url.ts";
import { helperCommand } from "./helper_command.ts";
import { decideMode, type ModeInput, wantsAlternatives } from "./mode.ts";
import type { ModelChoice } from "./models.ts";
import { absolutePath, type Options } from "./options.ts";
import { type LaunchPlan, planLaunch } from "./plan.ts";
import { checkProviderName, isUsable } from "./provider.ts";
import type { Reporter } from "./report.ts";
import type { Sys } from "./sys.ts";
import { gatewayUrl, readTarget, type Target } from "./target.ts";
import { resolveToken, type Token } from "./token.ts";
import { VERSION } from "./version.ts";

/** A plan and what of it must not be shown. */
export interface Prepared {
  /** The plan. */
  plan: LaunchPlan;
  /** Values that must not be shown. */
  secrets: string[];
  /** Variables whose values must not be shown. */
  secretNames: string[];
}

/** What the command line says about a launch. */
export interface LaunchRequest {
  /** Launch flags. */
  flags: Flags;
  /** The caller's arguments for Claude Code. */
  claudeArgs: readonly string[];
}

/**
 * Prepares a launch.
 *
 * @param claude path of Claude Code; absent when the plan is only printed
 * @throws {CliError} whatever stands in its way
 */
export async function prepareLaunch(
  { flags, claudeArgs }: LaunchRequest,
  claude: string | undefined,
  options: Options,
  sys: Sys,
  report: Reporter,
): Promise<Prepared> {
  const { values, rest } = takeSettings(claudeArgs);
  const callerSettings = await readCallerSettings(
    values.map((value) => settingsSource(value, sys)),
    sys,
  );
  const target = await readTarget(options, sys);
  const { profile } = target;
  const endpoint = gatewayUrl(options, target);
  report.debug(`profile ${profile?.name ?? "(none)"}, gateway ${endpoint}`);

  const printOnly = flags["print-settings"] === true;
  const { token, failure } = await tokenOrFailure(
    options,
    target,
    sys,
    printOnly,
  );
  report.debug(`token from ${token?.source ?? "nowhere"}`);
  const client = { gatewayUrl: endpoint, token: token?.value };
  const name = providerName(flags, target) ??
    await missingProvider(client, failure, sys);

  const claudeConfigDir = flags["claude-config-dir"] === undefined
    ? undefined
    : absolutePath(flags["claude-config-dir"], sys);
  const [lookup, files] = await Promise.all([
    failure === undefined
      ? getProvider(client, name, sys)
      : unreadable(`${endpoint}: ${failure.message}`),
    readSettings(sys, claudeConfigDir),
  ]);
  report.debug(`provider ${name}: ${lookup.kind}`);

  const modeInput: ModeInput = {
    name,
    lookup,
    flags: { passthrough: !!flags.passthrough, bedrock: !!flags.bedrock },
    printOnly,
  };
  if (wantsAlternatives(modeInput)) {
    const list = await listProviders(client, sys);
    if (list.kind === "providers") modeInput.others = list.providers;
  }
  const { mode, provider, warnings } = decideMode(modeInput);
  if (mode === "passthrough") {
    // Here the subscription login travels too, whatever the auth mode says.
    parseGatewayUrl(endpoint, { from: "passthrough", sendsCredential: true });
  }
  const address = providerUrl(endpoint, name, provider?.url);
  if (address.ignored) {
    warnings.push(
      `provider "${name}" names a URL of another origin; ignored: a token only ` +
        `goes to ${endpoint}`,
    );
  }
  if (token?.notice !== undefined) warnings.push(token.notice);

  const plan = planLaunch({
    mode,
    providerName: name,
    provider,
    providerUrl: address.url,
    helper: helperCommand({
      runtime: sys.runtime,
      version: VERSION,
      platform: sys.platform,
      configPath: profile && options.configPath,
      profile: profile?.name,
      endpoint,
    }),
    token: token?.value,
    staticToken: options.token !== undefined,
    requestedModel: requestedModel(flags, target),
    claudeConfigDir,
    configHome: claudeConfigHome(sys, claudeConfigDir),
    claudeArgs: rest,
    callerSettings,
    files,
    env: sys.env,
    platform: sys.platform,
  });
  plan.warnings.unshift(...warnings);
  if (claude !== undefined && values.length > 0) {
    const { validateSettings } = await import("./validate_settings.ts");
    await validateSettings(claude, callerSettings.values, sys);
  }
  return {
    plan,
    secrets: token?.value === undefined ? [] : [token.value],
    secretNames: Object.keys(callerSettings.env),
  };
}

/** A dry run needs no token: it then shows what can be known without. */
async function tokenOrFailure(
  options: Options,
  target: Target,
  sys: Sys,
  printOnly: boolean,
): Promise<{ token?: Token; failure?: CliError }> {
  try {
    const request = { static: options.token, authMode: target.authMode };
    return { token: await resolveToken(request, sys) };
  } catch (error) {
    if (printOnly && error instanceof CliError) return { failure: error };
    throw error;
  }
}

function unreadable(message: string): Lookup {
  return { kind: "unavailable", message };
}

function providerName(flags: Flags, { profile }: Target): string | undefined {
  if (flags.llmprovider !== undefined) {
    return checkProviderName(flags.llmprovider, "--llmprovider");
  }
  return profile?.provider === undefined
    ? undefined
    : checkProviderName(profile.provider, `profile ${profile.name}`);
}

/** The error for a launch without a provider, with those there are. */
async function missingProvider(
  client: { gatewayUrl: string; token?: string },
  failure: CliError | undefined,
  sys: Pick<Sys, "fetch">,
): Promise<never> {
  const list = failure === undefined
    ? await listProviders(client, sys)
    : undefined;
  const usable = list?.kind === "providers"
    ? list.providers.filter(isUsable).map(({ name }) => name)
    : [];
  throw new CliError("usage", "no provider: give one with --llmprovider NAME", {
    hint: usable.length > 0
      ? `providers Claude Code can use: ${usable.join(", ")}`
      : "or set llm_provider in the profile",
  });
}

function requestedModel(
  flags: Flags,
  { profile }: Target,
): ModelChoice | undefined {
  if (flags.model !== undefined) return { id: flags.model, from: "--model" };
  return profile?.model === undefined
    ? undefined
    : { id: profile.model, from: `profile ${profile.name}` };
}

function settingsSource(value: string, sys: Sys): string {
  return value.trimStart().startsWith("{") ? value : absolutePath(value, sys);
}
