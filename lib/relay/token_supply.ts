/**
 * The gateway token of a session that outlives it: refreshed before it expires,
 * by one request at a time, and once more when the gateway refuses it.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import type { Sys } from "../system/sys.ts";
import type { Token } from "../auth/token.ts";

/** Where the relay's requests get their token. */
export interface TokenSupply {
  /**
   * The token to send; `undefined` with auth mode `none`.
   *
   * @throws {CliError} when no valid one can be had
   */
  current(): Promise<string | undefined>;
  /**
   * Another token for one that the gateway refused; `undefined` when there is no
   * other.
   *
   * @throws {CliError} when it could not be replaced now
   */
  replace(refused: string | undefined): Promise<string | undefined>;
}

/** Most time before its end that a token is refreshed, in milliseconds. */
const AHEAD_MS = 60_000;

/** Part of a short token's life that is left when it is refreshed. */
const AHEAD_SHARE = 0.2;

/** Least time from a failed refresh to the next, in milliseconds. */
const RETRY_MS = 2_000;

/** Least time between replacing two tokens that look valid, in milliseconds. */
const REPLACE_MS = 10_000;

/**
 * Makes a supply.
 *
 * @param first the token that the launch began with
 * @param resolve gets a token with more than so many milliseconds left
 */
export function tokenSupply(
  first: Token,
  resolve: (refreshWithinMs: number) => Promise<Token>,
  sys: Pick<Sys, "now">,
): TokenSupply {
  let token = first;
  let aheadMs = aheadOf(first);
  let renewal: Promise<void> | undefined;
  let failed: { at: number; error: unknown } | undefined;
  let replacedAt = -Infinity;

  function left(): number {
    return (token.expiresAt ?? Infinity) - sys.now();
  }

  function aheadOf({ expiresAt = Infinity }: Token): number {
    return Math.min(AHEAD_MS, AHEAD_SHARE * (expiresAt - sys.now()));
  }

  function renew(refreshWithinMs: number): Promise<void> {
    renewal ??= resolveOnce(refreshWithinMs).finally(() => {
      renewal = undefined;
    });
    return renewal;
  }

  async function resolveOnce(refreshWithinMs: number): Promise<void> {
    if (failed !== undefined && sys.now() - failed.at < RETRY_MS) {
      throw failed.error;
    }
    try {
      token = await resolve(refreshWithinMs);
      aheadMs = aheadOf(token);
      failed = undefined;
    } catch (error) {
      failed = { at: sys.now(), error };
      throw error;
    }
  }

  return {
    current: async () => {
      if (left() > aheadMs) return token.value;
      const renewed = renew(aheadMs);
      // What is still valid serves meanwhile, and if the issuer does not.
      if (left() > 0) renewed.catch(() => {});
      else await renewed;
      return token.value;
    },
    replace: async (refused) => {
      if (token.value !== refused) return token.value;
      if (renewal === undefined && sys.now() - replacedAt < REPLACE_MS) {
        return undefined;
      }
      await renew(Infinity);
      if (token.value === refused) {
        if (!token.refreshable) return undefined;
        // The issuer is down. Otherwise a token that is valid by the clock would
        // serve meanwhile, but this one is refused.
        const error = new CliError(
          "unauthenticated",
          `the gateway refuses the one from ${token.source}, and there is no ` +
            "other yet",
          { hint: "if that stays so, sign in again" },
        );
        failed = { at: sys.now(), error };
        throw error;
      }
      replacedAt = sys.now();
      return token.value;
    },
  };
}
