/**
 * What a command resolves its token from.
 *
 * @module
 */

import type { Target } from "../profile/active_profile.ts";
import type { Flags } from "../profile/flags.ts";
import type { Options } from "../profile/options.ts";
import type { TokenRequest } from "./token.ts";

/** The request of a command's flags, of the environment and the profile in force. */
export function tokenRequest(
  flags: Flags,
  { token }: Pick<Options, "token">,
  { authMode, authModeByDefault, profile }: Target,
): TokenRequest {
  return {
    static: token,
    authMode,
    authModeByDefault,
    profile,
    client: {
      id: flags["client-id"],
      secretFile: flags["client-secret-file"],
    },
  };
}
