/**
 * Checks a token of `--token`, `RPAI_TOKEN` or `rpk` where it enters.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import type { Sys } from "../system/sys.ts";
import { jwtExpiry } from "./jwt.ts";

/**
 * When a token expires, in milliseconds since 1970, as far as it says so.
 *
 * @param source where it is from, for messages
 * @throws {CliError} `unauthenticated` for one that is malformed or expired
 */
export function checkToken(
  value: string,
  source: string,
  hint: string,
  sys: Pick<Sys, "now">,
): number | undefined {
  const fail = (what: string) =>
    new CliError("unauthenticated", `bad token from ${source}: ${what}`, {
      hint,
    });
  if (value === "") throw fail("it is empty");
  // One run of visible ASCII: anything else could forge a header.
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw fail(
      "it holds a blank, a line break or a character that is not ASCII",
    );
  }
  const expiresAt = jwtExpiry(value);
  if (expiresAt !== undefined && expiresAt <= sys.now()) {
    const when = new Date(expiresAt);
    throw fail(
      Number.isNaN(when.getTime())
        ? "it expired ages ago"
        : `it expired at ${when.toISOString()}`,
    );
  }
  return expiresAt;
}
