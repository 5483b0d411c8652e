/**
 * `ai-claude auth token`: what the launched `apiKeyHelper` runs.
 *
 * @module
 */

import type { Flags } from "../args.ts";
import { resolveOptions } from "../options.ts";
import type { Sys } from "../sys.ts";
import { readTarget } from "../target.ts";
import { NO_TOKEN, resolveToken } from "../token.ts";

/** Prints one token line, or nothing and an error. */
export async function authToken(flags: Flags, sys: Sys): Promise<number> {
  const options = resolveOptions(flags, sys);
  const { authMode } = await readTarget(options, sys);
  const token = await resolveToken({ static: options.token, authMode }, sys);
  sys.out(`${token.value ?? NO_TOKEN}\n`);
  return 0;
}
