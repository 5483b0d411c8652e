/**
 * `ai-claude auth login`
 *
 * @module
 */

import type { Flags } from "../profile/flags.ts";
import { authServer } from "../auth/auth_server.ts";
import { CliError } from "../base/errors.ts";
import { login } from "../auth/sign_in.ts";
import { resolveOptions } from "../profile/options.ts";
import { reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";
import { readTarget } from "../profile/active_profile.ts";

/** What to do instead, by the auth modes that have no sign-in of their own. */
const INSTEAD: Partial<Record<string, string>> = {
  rpk: "sign in with `rpk ai auth login`, or set auth_mode: device",
  client_credentials: "set RPAI_CLIENT_ID and RPAI_CLIENT_SECRET",
  token: "set RPAI_TOKEN, or set auth_mode: device",
  none: "nothing is needed: this profile sends no token",
};

/** Signs in with a fresh device grant; the selected profile stays selected. */
export async function authLogin(flags: Flags, sys: Sys): Promise<number> {
  const options = resolveOptions(flags, sys);
  const report = await reporter(options, sys);
  const { profile, authMode } = await readTarget(options, sys);
  const instead = INSTEAD[authMode];
  if (instead !== undefined) {
    const source = options.authMode?.source ?? `profile "${profile?.name}"`;
    throw new CliError(
      "usage",
      `auth_mode ${authMode} (${source}) has no sign-in here`,
      { hint: instead },
    );
  }
  const server = authServer(profile);
  await login(server, { browser: !flags["no-browser"] }, sys, report);
  return 0;
}
