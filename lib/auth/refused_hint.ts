/**
 * What to do about a token that the gateway refuses.
 *
 * @module
 */

import { RPK_HINT, RPK_SOURCE } from "./rpk_token.ts";
import { FRESH_HINT, SIGN_IN_HINT } from "./token.ts";

/** By where the token is from, for those that signing in does not replace. */
const HINTS: Readonly<Record<string, string>> = {
  "--token": FRESH_HINT,
  RPAI_TOKEN: FRESH_HINT,
  [RPK_SOURCE]: RPK_HINT,
  "client credentials": "check that this client may use this gateway",
  none: "this gateway wants a token: set another auth_mode in the profile",
};

/**
 * The hint, by where the token is from.
 *
 * @example
 * ```ts
 * import { refusedHint } from "./refused_hint.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(refusedHint("rpk ai auth token"), "sign in: rpk ai auth login");
 * ```
 */
export function refusedHint(source = ""): string {
  return HINTS[source] ?? SIGN_IN_HINT;
}
