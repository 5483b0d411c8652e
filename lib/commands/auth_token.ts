/**
 * `ai-claude auth token`: what the launched `apiKeyHelper` runs.
 *
 * @module
 */

import type { Flags } from "../flags.ts";
import { clientFlags, resolveOptions } from "../options.ts";
import type { Sys } from "../sys.ts";
import { readTarget } from "../target.ts";
import { NO_TOKEN, resolveToken } from "../token.ts";

/** Prints one token line, or nothing and an error. */
export async function authToken(flags: Flags, sys: Sys): Promise<number> {
  const options = resolveOptions(flags, sys);
  let refreshWithinMs: number | undefined;
  if (flags["refresh-within"] !== undefined) {
    const { parseDuration } = await import("../duration.ts");
    refreshWithinMs = parseDuration(
      flags["refresh-within"],
      "--refresh-within",
    );
  }
  const { authMode, profile } = await readTarget(options, sys);
  const token = await resolveToken({
    static: options.token,
    authMode,
    profile,
    client: clientFlags(flags),
    refreshWithinMs,
  }, sys);
  sys.out(`${token.value ?? NO_TOKEN}\n`);
  return 0;
}
