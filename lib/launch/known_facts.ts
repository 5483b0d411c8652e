/**
 * The facts of a launch, from the answers of an inquiry.
 *
 * @module
 */

import { loginOf } from "../auth/login.ts";
import type { Token } from "../auth/token.ts";
import { tokenRequest } from "../auth/token_request.ts";
import type { UserSettings } from "../claude/user_settings.ts";
import { parseGatewayUrl, providerUrl } from "../gateway/gateway_url.ts";
import type { ModeDecision } from "../gateway/mode.ts";
import { checkProviderName } from "../gateway/provider.ts";
import type { Target } from "../profile/active_profile.ts";
import type { Options } from "../profile/options.ts";
import type { Sys } from "../system/sys.ts";
import type { Facts, LaunchRequest, TokenFacts, UserFacts } from "./facts.ts";
import { helperCommand } from "./helper_command.ts";

/** The mode, and where that sends the requests. */
export interface RouteAnswer extends ModeDecision {
  providerUrl: string;
}

export interface Known {
  request: LaunchRequest;
  options: Options;
  target: Target;
  gateway: string;
  name: string;
  token?: Token;
  route: RouteAnswer;
  settings: UserSettings;
}

export function factsOf(known: Known, sys: Sys): Facts {
  const { request, target, name, token, route, settings } = known;
  const { flags } = request;
  const { profile } = target;
  const warnings = [...target.warnings, ...route.warnings];
  if (token?.notice !== undefined) warnings.push(token.notice);
  const { mode, providerUrl, provider: record } = route;
  const credential = tokenFacts(known, sys);
  const needsRelay = credential.held && mode !== "passthrough";
  return {
    route: { mode, providerUrl },
    relay: !flags["no-relay"] &&
      (needsRelay || (flags.relay ?? profile?.relay ?? false)),
    provider: { name, record },
    token: credential,
    user: {
      ...settings,
      model: requestedModel(known),
      quiet: flags.quiet === true || profile?.quiet === true,
    },
    machine: { env: sys.env, platform: sys.platform },
    warnings,
  };
}

function tokenFacts(
  { request, options, target, token }: Known,
  sys: Sys,
): TokenFacts {
  const asked = tokenRequest(request.flags, options, target);
  const login = token?.login ?? loginOf(asked, sys);
  return {
    first: token,
    request: asked,
    helper: helperCommand(login, sys),
    held: login.authMode === "token" ||
      login.authMode === "client_credentials" && login.secretFile === undefined,
  };
}

/** `?` is chosen later. */
function requestedModel(
  { request: { flags }, target: { profile } }: Known,
): UserFacts["model"] {
  if (flags.model === "?") return undefined;
  if (flags.model !== undefined) return { id: flags.model, from: "--model" };
  return profile?.model === undefined
    ? undefined
    : { id: profile.model, from: `profile ${profile.name}` };
}

/**
 * The provider's name: `--llmprovider`, else the profile's.
 *
 * @throws {CliError} `usage` for one that no provider can have
 */
export function providerName(
  { flags }: LaunchRequest,
  { profile }: Target,
): string | undefined {
  if (flags.llmprovider !== undefined) {
    return checkProviderName(flags.llmprovider, "--llmprovider");
  }
  return profile?.provider === undefined
    ? undefined
    : checkProviderName(profile.provider, `profile ${profile.name}`);
}

/** @throws {CliError} `usage` where a login would travel in clear text */
export function routeOf(
  decided: ModeDecision,
  name: string,
  gateway: string,
): RouteAnswer {
  if (decided.mode === "passthrough") {
    // Here the subscription login travels too, whatever the auth mode says.
    parseGatewayUrl(gateway, { from: "passthrough", sendsCredential: true });
  }
  const { url, ignored } = providerUrl(gateway, name, decided.provider?.url);
  return {
    ...decided,
    providerUrl: url,
    warnings: ignored
      ? [
        ...decided.warnings,
        `provider "${name}" names a URL of another origin; ignored: a token ` +
        `only goes to ${gateway}`,
      ]
      : decided.warnings,
  };
}
