/**
 * The error for provider metadata that could not be read.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import type { LookupFailure } from "./client.ts";
import { refusedHint } from "../auth/refused_hint.ts";

/**
 * Makes the error from a failed lookup.
 *
 * @example
 * ```ts
 * import { lookupError } from "./lookup_error.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const failure = { kind: "unavailable", message: "https://gw: down" } as const;
 * assertEquals(
 *   lookupError(failure, "the providers").message,
 *   "cannot read the providers: https://gw: down",
 * );
 * ```
 *
 * @param what what was asked for
 * @param tokenSource where the token came from
 */
export function lookupError(
  { kind, message }: LookupFailure,
  what: string,
  tokenSource?: string,
): CliError {
  switch (kind) {
    case "unauthenticated":
      return new CliError(
        "unauthenticated",
        `the gateway refused the token: ${message}`,
        { hint: refusedHint(tokenSource) },
      );
    case "permission_denied":
      return new CliError(
        "unauthenticated",
        `${what} cannot be read with this token: ${message}`,
        {
          hint: "reading needs dataplane_adp_llmprovider_get; a launch does " +
            "not: ai-claude --llmprovider NAME",
        },
      );
    case "not_found":
    case "unavailable":
      return new CliError("unavailable", `cannot read ${what}: ${message}`, {
        hint: "check the URL, the network and proxy variables, then try again",
      });
  }
}
