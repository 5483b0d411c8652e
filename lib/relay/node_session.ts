/**
 * A launch with the relay: it listens before Claude Code starts and is gone when
 * that has ended.
 *
 * @module
 */

import type { Facts } from "../launch/facts.ts";
import type { Sys } from "../system/sys.ts";
import { resolveToken } from "../auth/token.ts";
import { surviveStrayErrors } from "./node_guard.ts";
import { startRelay } from "./node_relay.ts";
import { tokenSupply } from "./token_supply.ts";

/** Most time that a session's end waits for a refresh, in milliseconds. */
const FINISH_MS = 5_000;

/** Runs a launch with a relay of its own, which ends with it. */
export async function withRelay<T>(
  { route, token }: Facts,
  start: (relayUrl: string) => Promise<T>,
  sys: Sys,
): Promise<T> {
  const { mode, providerUrl } = route;
  const { sessionSys, finish } = untilTheEnd(sys);
  const tokens = tokenSupply(
    token.first!,
    (refreshWithinMs) =>
      resolveToken({ ...token.request, refreshWithinMs }, sessionSys),
    sys,
  );
  surviveStrayErrors();
  try {
    using relay = await startRelay({ mode, providerUrl, tokens }, sys);
    return await start(relay.url);
  } finally {
    await finish();
  }
}

/**
 * While Claude Code runs, signals are passed on to it and end nothing here: one
 * that was also held back would reach it twice. But the session may end before a
 * refresh does, whose old token is spent by then.
 */
function untilTheEnd(
  sys: Sys,
): { sessionSys: Sys; finish: () => Promise<void> } {
  let unfinished: Promise<unknown> | undefined;
  const sessionSys: Sys = {
    ...sys,
    uninterrupted: (work) => {
      const done = work();
      const settled = done.catch(() => {}).then(() => {
        if (unfinished === settled) unfinished = undefined;
      });
      unfinished = settled;
      return done;
    },
  };
  const finish = async () => {
    const last = unfinished;
    if (last === undefined) return;
    await sys.uninterrupted(() => Promise.race([last, sys.sleep(FINISH_MS)]));
  };
  return { sessionSys, finish };
}
