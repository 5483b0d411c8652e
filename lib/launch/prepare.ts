/**
 * The first half of a launch: who asks which gateway for which provider. The
 * second half, `assemble.ts`, is loaded while the answer is on its way.
 *
 * @module
 */

import type { Flags } from "../profile/flags.ts";
import type { LaunchInput, LaunchPlan } from "./plan.ts";
import { assembleLaunch } from "./assemble.ts";
import { CliError } from "../base/errors.ts";
import {
  type GatewayClient,
  getProvider,
  type Lookup,
} from "../gateway/client.ts";
import { clientFlags, type Options } from "../profile/options.ts";
import { checkProviderName } from "../gateway/provider.ts";
import type { Reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";
import { gatewayUrl } from "../gateway/gateway_url.ts";
import { readTarget, type Target } from "../profile/active_profile.ts";
import { resolveToken, type Token, type TokenRequest } from "../auth/token.ts";

/** What the command line says about a launch. */
export interface LaunchRequest {
  /** Launch flags. */
  flags: Flags;
  /** The caller's arguments for Claude Code. */
  claudeArgs: readonly string[];
}

/** What is known once the gateway was asked. */
export interface Inquiry {
  /** Flags and environment. */
  options: Options;
  /** The profile in force. */
  target: Target;
  /** The gateway, and as whom it is asked. */
  client: GatewayClient;
  /** Name of the provider. */
  name: string;
  /** The token; absent when only the settings are printed and there is none. */
  token?: Token;
  /** What it was resolved from. */
  tokenRequest: TokenRequest;
  /** The gateway's answer about the provider. */
  lookup: Promise<Lookup>;
}

/** What a launch with the relay is carried out from. */
export interface RelayRequest {
  /** What the plan was made from, but for the relay's URL. */
  input: LaunchInput;
  /** The token that the session begins with. */
  token: Token;
  /** What the next ones are resolved from. */
  tokenRequest: TokenRequest;
}

/** A plan and what of it must not be shown. */
export interface Prepared {
  /** The plan; with the relay, one that names a placeholder. */
  plan: LaunchPlan;
  /** Absent without the relay, or when the plan is only printed. */
  relay?: RelayRequest;
  /** Values that must not be shown. */
  secrets: string[];
  /** Variables whose values must not be shown. */
  secretNames: string[];
}

/**
 * Prepares a launch.
 *
 * @param claude path of Claude Code; absent when the plan is only printed
 * @throws {CliError} whatever stands in its way
 */
export async function prepareLaunch(
  request: LaunchRequest,
  claude: string | undefined,
  options: Options,
  sys: Sys,
  report: Reporter,
): Promise<Prepared> {
  const { flags } = request;
  const target = await readTarget(options, sys);
  const endpoint = gatewayUrl(options, target);
  report.debug(
    `profile ${target.profile?.name ?? "(none)"}, gateway ${endpoint}`,
  );
  const printOnly = claude === undefined;
  const tokenRequest: TokenRequest = {
    static: options.token,
    ...target,
    client: clientFlags(flags),
  };
  const { token, failure } = await tokenOrFailure(tokenRequest, sys, printOnly);
  report.debug(`token from ${token?.source ?? "nowhere"}`);
  const client = { gatewayUrl: endpoint, token: token?.value };
  const name = providerName(flags, target) ??
    await missingProvider(client, failure, options, target, sys);
  const lookup = failure === undefined
    ? getProvider(client, name, sys)
    : unreadable(`${endpoint}: ${failure.message}`);
  const inquiry = {
    options,
    target,
    client,
    name,
    token,
    tokenRequest,
    lookup,
  };
  return await assembleLaunch(request, inquiry, claude, sys, report);
}

/** A dry run needs no token: it then shows what can be known without. */
async function tokenOrFailure(
  request: TokenRequest,
  sys: Sys,
  printOnly: boolean,
): Promise<{ token?: Token; failure?: CliError }> {
  try {
    return { token: await resolveToken(request, sys) };
  } catch (error) {
    if (printOnly && error instanceof CliError) return { failure: error };
    throw error;
  }
}

function unreadable(message: string): Promise<Lookup> {
  return Promise.resolve({ kind: "unavailable", message });
}

/**
 * The provider's name: `--llmprovider`, else the profile's.
 *
 * @throws {CliError} `usage` for one that no provider can have
 */
export function providerName(
  flags: Flags,
  { profile }: Target,
): string | undefined {
  if (flags.llmprovider !== undefined) {
    return checkProviderName(flags.llmprovider, "--llmprovider");
  }
  return profile?.provider === undefined
    ? undefined
    : checkProviderName(profile.provider, `profile ${profile.name}`);
}

/** The provider that the user chooses, where somebody can be asked. */
async function missingProvider(
  client: GatewayClient,
  failure: CliError | undefined,
  { color }: Options,
  { profile }: Target,
  sys: Sys,
): Promise<string> {
  const { chooseProvider } = await import("../gateway/choose_provider.ts");
  const place = { gatewayUrl: client.gatewayUrl, profile: profile?.name };
  return await chooseProvider(failure ?? client, place, color, sys);
}
