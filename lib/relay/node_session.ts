/**
 * A launch with the relay: it listens before Claude Code starts and is gone when
 * that has ended.
 *
 * @module
 */

import { type LaunchPlan, planLaunch } from "../plan.ts";
import type { RelayRequest } from "../prepare.ts";
import type { Sys } from "../sys.ts";
import { resolveToken } from "../token.ts";
import { surviveStrayErrors } from "./node_guard.ts";
import { startRelay } from "./node_relay.ts";
import { tokenSupply } from "./token_supply.ts";

/** Runs a launch with a relay of its own, which ends with it. */
export async function withRelay<T>(
  { input, token, tokenRequest }: RelayRequest,
  start: (plan: LaunchPlan) => Promise<T>,
  sys: Sys,
): Promise<T> {
  const { mode, providerUrl } = input;
  const tokens = tokenSupply(
    token,
    (refreshWithinMs) =>
      resolveToken({ ...tokenRequest, refreshWithinMs }, sys),
    sys,
  );
  surviveStrayErrors();
  using relay = await startRelay({ mode, providerUrl, tokens }, sys);
  return await start(planLaunch({ ...input, relayUrl: relay.url }));
}
