/**
 * `ai-claude auth status`: exit code 0 when signed in, 3 when not.
 *
 * @module
 */

import type { Flags } from "../profile/flags.ts";
import { showDuration } from "../base/duration.ts";
import { CliError } from "../base/errors.ts";
import { resolveOptions } from "../profile/options.ts";
import { render } from "../base/render.ts";
import { reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";
import { sayingWaits } from "../system/waiting.ts";
import { readTarget } from "../profile/active_profile.ts";
import { resolveToken, type Token } from "../auth/token.ts";
import { tokenRequest } from "../auth/token_request.ts";

/** What `-o json` and `-o yaml` print. */
export interface AuthStatus {
  /** Whether a token is to be had now. */
  logged_in: boolean;
  /** The profile in force. */
  profile: string | null;
  /** Its `auth_mode`, or how a static token was given. */
  auth_mode: string;
  /** `email` or `sub` */
  identity: string | null;
  /** As the token says. */
  organization: string | null;
  /** ISO 8601, UTC. */
  expires_at: string | null;
  /** Whether another token follows. */
  refreshable: boolean;
}

/** Prints who is signed in, never the token. */
export async function authStatus(flags: Flags, sys: Sys): Promise<number> {
  const options = resolveOptions(flags, sys);
  const target = await readTarget(options, sys);
  const { profile, authMode } = target;
  let token: Token | undefined;
  let failure: CliError | undefined;
  try {
    const asked = tokenRequest(flags, options, target);
    token = await resolveToken(asked, sayingWaits(sys));
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "unauthenticated") {
      throw error;
    }
    failure = error;
  }
  const status: AuthStatus = {
    logged_in: token !== undefined,
    profile: profile?.name ?? null,
    auth_mode: options.token?.source ?? token?.login.authMode ?? authMode,
    identity: token?.identity ?? null,
    organization: token?.organization ?? null,
    expires_at: token?.expiresAt === undefined
      ? null
      : new Date(token.expiresAt).toISOString(),
    refreshable: token?.refreshable ?? false,
  };
  sys.out(
    render(
      options.format,
      status,
      ({ table }) => table(["KEY", "VALUE"], statusRows(status, token, sys)),
    ),
  );
  const report = await reporter(options, sys);
  if (token?.notice !== undefined) report.warn(token.notice);
  if (token?.reason !== undefined) report.debug(token.reason);
  if (failure === undefined) return 0;
  report.warn(`${failure.message} (${failure.hint})`);
  return failure.exitCode;
}

function statusRows(
  status: AuthStatus,
  token: Token | undefined,
  sys: Pick<Sys, "now">,
): string[][] {
  const left = token?.expiresAt === undefined
    ? ""
    : ` (${showDuration(token.expiresAt - sys.now())} left)`;
  return Object.entries(status).map(([key, value]) => [
    key,
    value === null ? "-" : key === "expires_at" ? value + left : String(value),
  ]);
}
