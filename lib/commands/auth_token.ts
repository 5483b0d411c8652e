/**
 * `ai-claude auth token`: what the launched `apiKeyHelper` runs.
 *
 * @module
 */

import type { Flags } from "../profile/flags.ts";
import { clientFlags, resolveOptions } from "../profile/options.ts";
import type { Sys } from "../system/sys.ts";
import { readTarget } from "../profile/active_profile.ts";
import { NO_TOKEN, resolveToken } from "../auth/token.ts";

/** Prints one token line, or nothing and an error. */
export async function authToken(flags: Flags, sys: Sys): Promise<number> {
  const options = resolveOptions(flags, sys);
  let refreshWithinMs: number | undefined;
  if (flags["refresh-within"] !== undefined) {
    const { parseDuration } = await import("../base/duration.ts");
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
