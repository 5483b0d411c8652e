/**
 * What the checks look at: the answers that a launch is planned from, each with
 * its own error.
 *
 * @module
 */

import {
  type Listing,
  listProviders,
  type Lookup,
} from "../../gateway/client.ts";
import type { Conflict } from "../../launch/conflict.ts";
import type { Facts } from "../../launch/facts.ts";
import {
  type Answer,
  answer,
  beginInquiry,
  factsSoFar,
  type Inquiry,
  need,
} from "../../launch/inquire.ts";
import type { KeyFinding } from "../../launch/inspect_settings.ts";
import { inspectLaunch } from "../../launch/plan.ts";
import type { Flags } from "../../profile/flags.ts";
import type { Options } from "../../profile/options.ts";
import type { Sys } from "../../system/sys.ts";

/** Everything that the checks read. No promise here rejects. */
export interface Examination extends Inquiry {
  sys: Sys;
  /**
   * What the gateway says of the provider, or of all of them where none is
   * chosen; `undefined` when it was not asked.
   */
  said: Promise<Lookup | Listing | undefined>;
  /** The facts of a launch, as far as they are known. */
  facts: Promise<Answer<Facts>>;
  /** What would reroute that launch. */
  inspection: Promise<
    Answer<{ conflicts: Conflict[]; findings: KeyFinding[] }>
  >;
}

/** Starts to find everything out. */
export function examine(
  flags: Flags,
  options: Options,
  sys: Sys,
): Examination {
  const request = { flags, claudeArgs: [], dryRun: false };
  const inquiry = beginInquiry(request, options, sys);
  const facts = answer(() => factsSoFar(inquiry, sys));
  const inspection = answer(async () => inspectLaunch(await need(facts)));
  return {
    ...inquiry,
    sys,
    said: gatewaySays(inquiry, sys),
    facts,
    inspection,
  };
}

async function gatewaySays(
  { provider, lookup, gateway, token }: Inquiry,
  sys: Sys,
): Promise<Lookup | Listing | undefined> {
  const chosen = await provider;
  if (chosen.error !== undefined || chosen.value !== undefined) {
    return (await lookup).value?.lookup;
  }
  const { value: gatewayUrl } = await gateway;
  const { value: bearer } = await token;
  if (gatewayUrl === undefined || bearer === undefined) return undefined;
  return await listProviders({ gatewayUrl, token: bearer.value }, sys);
}
