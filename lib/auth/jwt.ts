/**
 * Access tokens as far as a client may look into them: for display and expiry,
 * never for trust.
 *
 * @module
 */

import { type JsonObject, parseObject } from "../base/json_object.ts";

/**
 * When a token expires, in milliseconds since 1970; `undefined` for an opaque
 * token and a JWT without `exp`.
 *
 * @example
 * ```ts
 * import { jwtExpiry } from "./jwt.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(jwtExpiry(`e30.${btoa('{"exp":1700000000}')}.sig`), 17e11);
 * assertEquals(jwtExpiry("opaque"), undefined);
 * ```
 */
export function jwtExpiry(token: string): number | undefined {
  const { exp } = jwtClaims(token) ?? {};
  return typeof exp === "number" && Number.isFinite(exp)
    ? exp * 1000
    : undefined;
}

/** The claims of a JWT, unverified; `undefined` when it is not one. */
export function jwtClaims(token: string): JsonObject | undefined {
  const parts = token.split(".");
  if (parts.length !== 3) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(parts[1], { alphabet: "base64url" });
    return parseObject(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
