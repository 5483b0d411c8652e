/**
 * The relay of a launch: it carries Claude Code's requests to the gateway and
 * puts the credential on each, so that Claude Code never has it.
 *
 * @module
 */

import { resolveToken, type Token } from "../auth/token.ts";
import { type RelayPlace, relayPlace } from "../launch/carrier.ts";
import type { Facts, RelayAddress } from "../launch/facts.ts";
import type { Sys } from "../system/sys.ts";
import type { Destination } from "./forward.ts";
import { listen } from "./listen.ts";
import { tokenSupply } from "./token_supply.ts";

/** What a relay serves. */
export interface Session extends Pick<Destination, "mode" | "providerUrl"> {
  token: Token;
  /** Gets a token with more than so many milliseconds left. */
  resolve(refreshWithinMs: number, sys: Sys): Promise<Token>;
}

/**
 * A relay that listens. Disposing of it cuts off what is under way at once, then
 * waits until a refresh that is under way is stored.
 */
export interface Relay extends AsyncDisposable {
  /** Where Claude Code finds it; the URL of a port holds the secret. */
  readonly address: RelayAddress;
  /** Begins to forward requests, which have waited until now. */
  serve(session: Session): Promise<void>;
}

/** Most time that a session's end waits for a refresh, in milliseconds. */
const FINISH_MS = 5_000;

/**
 * Makes a relay, whose address is known from now on.
 *
 * @throws {CliError} `failure` when it cannot listen
 */
export async function bindRelay(
  place: RelayPlace,
  sys: Sys,
): Promise<Relay> {
  const { sessionSys, finish } = untilTheEnd(sys);
  await using stack = new AsyncDisposableStack();
  stack.defer(finish);
  const listener = stack.use(await listen(place, sys));
  const relay = stack.move();
  return {
    address: listener.address,
    serve: async ({ mode, providerUrl, token, resolve }) => {
      const connections = relay.use(await sys.connect());
      const tokens = tokenSupply(token, (ms) => resolve(ms, sessionSys), sys);
      listener.start({ mode, providerUrl, tokens, connections });
    },
    [Symbol.asyncDispose]: () => relay.disposeAsync(),
  };
}

/** Runs a launch with a relay of its own, which ends with it. */
export async function withRelay<T>(
  { route, token, machine }: Facts,
  start: (relay: RelayAddress) => Promise<T>,
  sys: Sys,
): Promise<T> {
  const place = relayPlace(route.mode, machine.platform);
  await using relay = await bindRelay(place, sys);
  await relay.serve({
    ...route,
    token: token.first!,
    resolve: (refreshWithinMs, sys) =>
      resolveToken({ ...token.request, refreshWithinMs }, sys),
  });
  return await start(relay.address);
}

/**
 * While Claude Code runs, signals go to it and end nothing here, so a refresh
 * does not hold them back: they would reach it twice. But a session may end
 * during a refresh, when the old token is already spent: that one is waited for.
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
