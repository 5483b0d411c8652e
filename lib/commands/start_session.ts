/**
 * Starting a session where its launch has it: behind a relay, if it wants one.
 *
 * @module
 */

import type { Facts, RelayAddress } from "../launch/facts.ts";
import type { Sys } from "../system/sys.ts";

/**
 * Starts a session with a relay of its own, or without one.
 *
 * @param start gets the relay's address
 */
export async function startSession<T>(
  facts: Facts,
  start: (relay?: RelayAddress) => Promise<T>,
  sys: Sys,
): Promise<T> {
  if (!facts.relay) return await start();
  const { withRelay } = await import("../relay/session.ts");
  return await withRelay(facts, start, sys);
}
