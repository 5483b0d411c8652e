/**
 * The first run: a launch that finds nobody signed in offers to do that.
 *
 * @module
 */

import { authServer } from "./auth_server.ts";
import { login } from "./sign_in.ts";
import type { Options } from "../profile/options.ts";
import type { Reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";
import { readTarget } from "../profile/active_profile.ts";

/**
 * Asks at the terminal and signs in.
 *
 * @returns whether that was done; `false` without a terminal and after a no
 */
export async function offerSignIn(
  options: Options,
  sys: Sys,
  report: Reporter,
): Promise<boolean> {
  if (!sys.isTerminal("stdin") || !sys.isTerminal("stderr")) return false;
  const { profile } = await readTarget(options, sys);
  const server = authServer(profile);
  sys.err(`Nobody is signed in at ${server.issuer}. Sign in now? [Y/n] `);
  const answer = await sys.readLine();
  if (answer === undefined || !/^(?:y|yes|)$/i.test(answer.trim())) {
    return false;
  }
  await login(server, { browser: true }, sys, report);
  return true;
}
