/**
 * What the provider commands ask the gateway.
 *
 * @module
 */

import { resolveToken } from "../../auth/token.ts";
import { tokenRequest } from "../../auth/token_request.ts";
import { CliError } from "../../base/errors.ts";
import {
  type GatewayClient,
  getProvider,
  listProviders,
} from "../../gateway/client.ts";
import { gatewayUrl } from "../../gateway/gateway_url.ts";
import { lookupError } from "../../gateway/lookup_error.ts";
import { isProviderName, type Provider } from "../../gateway/provider.ts";
import { readTarget, type Target } from "../../profile/active_profile.ts";
import type { Flags } from "../../profile/flags.ts";
import type { Options } from "../../profile/options.ts";
import type { Reporter } from "../../system/reporter.ts";
import type { Sys } from "../../system/sys.ts";

/** The gateway in force, and the token to ask it with. */
export interface Access {
  client: GatewayClient;
  /** Where the token came from. */
  source: string;
  target: Target;
  report: Reporter;
}

/** Resolves the gateway and the token. */
export async function access(
  options: Options,
  flags: Flags,
  report: Reporter,
  sys: Sys,
): Promise<Access> {
  const target = await readTarget(options, sys);
  const url = gatewayUrl(options, target);
  const request = tokenRequest(flags, options, target);
  const { value, source, reason } = await resolveToken(request, sys);
  if (reason !== undefined) report.debug(reason);
  const { timeoutMs } = options;
  return {
    client: { gatewayUrl: url, token: value, timeoutMs },
    source,
    target,
    report,
  };
}

/**
 * All providers.
 *
 * @throws {CliError} `unauthenticated`, `unavailable`
 */
export async function allProviders(
  { client, source, report }: Access,
  sys: Sys,
): Promise<Provider[]> {
  const listing = await listProviders(client, sys);
  if (listing.kind !== "providers") {
    throw lookupError(listing, "the providers", source);
  }
  if (listing.partial) {
    report.warn(
      `the list of ${client.gatewayUrl} does not end: ` +
        `its first ${listing.providers.length} providers`,
    );
  }
  return listing.providers;
}

/**
 * One provider.
 *
 * @throws {CliError} `not_found`, `unauthenticated`, `unavailable`
 */
export async function oneProvider(
  name: string,
  { client, source }: Access,
  sys: Sys,
): Promise<Provider> {
  const lookup = await getProvider(client, name, sys);
  if (lookup.kind === "provider") return lookup.provider;
  if (lookup.kind !== "not_found") {
    throw lookupError(lookup, `provider "${name}"`, source);
  }
  const listing = await listProviders(client, sys);
  const providers = listing.kind === "providers" ? listing.providers : [];
  throw new CliError(
    "not_found",
    `provider "${name}" is not on this gateway`,
    {
      hint: "see `ai-claude provider list`",
      suggest: {
        word: name,
        among: providers.map(({ name }) => name).filter(isProviderName),
        show: "closest",
      },
    },
  );
}
