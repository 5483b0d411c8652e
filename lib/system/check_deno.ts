/**
 * The oldest Deno that can run this program.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { isOlder } from "../base/older_version.ts";
import type { Sys } from "./sys.ts";

/** The first with `FsFile.tryLock`, which guards logins and the config file. */
export const OLDEST_DENO = "2.7.1";

/**
 * Checks that this Deno is new enough.
 *
 * @throws {CliError} failure
 */
export function checkDeno({ runtime }: Pick<Sys, "runtime">): void {
  const { denoVersion, standalone } = runtime;
  if (standalone || !isOlder(denoVersion, OLDEST_DENO)) return;
  throw new CliError(
    "failure",
    `cannot run on Deno ${denoVersion}: ai-claude needs ${OLDEST_DENO} or newer`,
    { hint: "deno upgrade" },
  );
}
