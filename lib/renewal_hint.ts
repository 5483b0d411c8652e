/**
 * What to do about a token that the gateway refused.
 *
 * @module
 */

import { RPK_HINT, SIGN_IN_HINT } from "./token.ts";

const STATIC_HINT =
  "pass a fresh one, or none and sign in with `ai-claude auth login`";

/** By the token's source, where another is not had by signing in here. */
const HINTS: Readonly<Record<string, string>> = {
  "--token": STATIC_HINT,
  RPAI_TOKEN: STATIC_HINT,
  "rpk ai auth token": RPK_HINT,
  "client credentials": "check the client's rights, and `auth` in the profile",
  none: "this gateway wants a token: set another auth_mode in the profile",
};

/**
 * The hint for a refused token.
 *
 * @param source the token's
 *
 * @example
 * ```ts
 * import { renewalHint } from "./renewal_hint.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   renewalHint("rpk ai auth token"),
 *   "sign in: rpk ai auth login",
 * );
 * ```
 */
export function renewalHint(source: string | undefined): string {
  return HINTS[source ?? ""] ?? SIGN_IN_HINT;
}
