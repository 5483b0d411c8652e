/**
 * The token of a session that cannot get another one.
 *
 * @module
 */

import { resolveToken, type Token, type TokenRequest } from "../auth/token.ts";
import { showDuration } from "../base/duration.ts";
import type { Sys } from "../system/sys.ts";

/** Least time that such a token should have, in milliseconds. */
export const SESSION_MS = 15 * 60_000;

/**
 * A token that lasts, or the one there is with a warning.
 *
 * @param request what another token is resolved from
 */
export async function sessionToken(
  token: Token,
  request: TokenRequest,
  sys: Sys,
): Promise<{ token: Token; warnings: string[] }> {
  const left = ({ expiresAt = Infinity }: Token) => expiresAt - sys.now();
  const lasting = left(token) < SESSION_MS && token.refreshable
    ? await resolveToken({ ...request, refreshWithinMs: SESSION_MS }, sys)
    : token;
  if (left(lasting) >= SESSION_MS) return { token: lasting, warnings: [] };
  return {
    token: lasting,
    warnings: [
      `the gateway token expires in ${showDuration(left(lasting))}, and a ` +
      "passthrough session cannot get another: sign in again before a long one",
    ],
  };
}
