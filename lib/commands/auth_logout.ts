/**
 * `ai-claude auth logout [--all]`
 *
 * @module
 */

import type { Flags } from "../profile/flags.ts";
import { authServer } from "../auth/auth_server.ts";
import {
  type CredentialsFile,
  findLogin,
  withoutAll,
  withoutLogin,
} from "../auth/credentials.ts";
import {
  changeCredentials,
  credentialsPath,
  readCredentials,
} from "../auth/credentials_store.ts";
import { resolveOptions } from "../profile/options.ts";
import type { Sys } from "../system/sys.ts";
import { readTarget } from "../profile/active_profile.ts";

/** Forgets the login of the profile's issuer, or all of them. */
export async function authLogout(flags: Flags, sys: Sys): Promise<number> {
  const options = resolveOptions(flags, sys);
  let forget: (file: CredentialsFile) => CredentialsFile = withoutAll;
  const path = credentialsPath(sys);
  let what = "all logins and minted tokens";
  if (!flags.all) {
    const { profile } = await readTarget(options, sys);
    const { issuer, organization } = authServer(profile);
    const grant = findLogin(
      await readCredentials(path, sys),
      issuer,
      organization,
    );
    if (grant === undefined) {
      sys.err(`nobody is signed in at ${issuer}\n`);
      return 0;
    }
    forget = (file) => withoutLogin(file, issuer, organization);
    what = `the login of ${grant.identity ?? "(no name)"} at ${issuer}`;
  }
  await changeCredentials(path, (file, replace) => replace(forget(file)), sys);
  sys.err(`forgot ${what}\n`);
  return 0;
}
