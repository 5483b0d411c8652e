/**
 * Where the gateway token comes from.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import type { Profile } from "../profile/config.ts";
import type { Given } from "../profile/options.ts";
import type { Sys } from "../system/sys.ts";
import {
  type ClientLogin,
  type DeviceLogin,
  type Login,
  loginOf,
  type LoginRequest,
} from "./login.ts";
import { findLogin } from "./credentials.ts";
import { readCredentials } from "./credentials_store.ts";
import { loginToken, type StoredTokenSys } from "./stored_token.ts";

/** A gateway token and what is known of it. */
export interface Token {
  /** The bearer; `undefined` with auth mode `none`. */
  value?: string;
  /** Where it came from: `--token`, `RPAI_TOKEN`, `rpk`, `none`, ... */
  source: string;
  /** Exactly whose token this is: the next one comes from the same login. */
  login: Login;
  /** Milliseconds since 1970, when that is known. */
  expiresAt?: number;
  /** Whether another follows when it expires. */
  refreshable: boolean;
  /** `email` or `sub`, when that is known. */
  identity?: string;
  organization?: string;
  /** What the user should know about the choice. */
  notice?: string;
  /** Why this way to a token was taken, when it was not asked for. */
  reason?: string;
}

/** What a token is resolved from. */
export interface TokenRequest extends LoginRequest {
  /** `--token` or `RPAI_TOKEN`. */
  static?: Given;
  /** Set when the auth mode is the default one: others may be tried. */
  authModeByDefault?: true;
  /**
   * A stored token with less left than this is refreshed, in milliseconds; a
   * minute by default.
   */
  refreshWithinMs?: number;
}

/** What Claude Code gets as its credential with auth mode `none`. */
export const NO_TOKEN = "unauthenticated";

const REFRESH_WITHIN_MS = 60_000;

/** How to sign in, for errors. */
export const SIGN_IN_HINT =
  "sign in with `ai-claude auth login`, or pass RPAI_TOKEN";

/** The same for a machine, where nobody can sign in. */
const MACHINE_HINT = "set RPAI_TOKEN, or RPAI_CLIENT_ID and RPAI_CLIENT_SECRET";

/** What to do about a given token that is not valid. */
export const FRESH_HINT =
  "pass a fresh one, or leave it out to use the profile's login";

/** Nobody is signed in: a person at a terminal can be asked to. */
export class NotSignedInError extends CliError {
  /** Names the profile that nobody is signed in to. */
  constructor(profile?: Profile, hint = SIGN_IN_HINT) {
    const where = profile === undefined ? "" : ` to profile "${profile.name}"`;
    super("unauthenticated", `not signed in${where}`, { hint });
  }
}

/**
 * Resolves a token that is valid now.
 *
 * @throws {NotSignedInError} when a login is missing
 * @throws {CliError} `unauthenticated` when there is only an expired or malformed
 * token
 */
export async function resolveToken(
  request: TokenRequest,
  sys: Sys,
): Promise<Token> {
  const { static: given, profile, refreshWithinMs } = request;
  if (given !== undefined) {
    const token = await givenToken(given, sys);
    if (given.source !== "RPAI_TOKEN") return token;
    return { ...token, ...await outranked(request, sys) };
  }
  const login = loginOf(request, sys);
  try {
    return await tokenOf(login, sys, refreshWithinMs);
  } catch (error) {
    if (!(error instanceof NotSignedInError)) throw error;
    return await fromClientInstead(request, sys) ??
      await fromRpkInstead(profile, sys);
  }
}

/**
 * The token of a login, valid now.
 *
 * @throws {NotSignedInError} when a login is missing
 * @throws {CliError} `unauthenticated` when there is only an expired or malformed
 * token
 */
export async function tokenOf(
  login: Login,
  sys: StoredTokenSys & Pick<Sys, "isExecutable" | "capture">,
  refreshWithinMs: number = REFRESH_WITHIN_MS,
): Promise<Token> {
  switch (login.authMode) {
    case "none":
      return { source: "none", login, refreshable: false };
    case "token":
      throw new CliError("unauthenticated", "no token: auth_mode is token", {
        hint: "set RPAI_TOKEN (or pass --token)",
      });
    case "rpk": {
      const { findRpk, RPK_SOURCE, rpkToken } = await import("./rpk_token.ts");
      const rpk = login.rpk ?? await findRpk(sys);
      return {
        ...await rpkToken(rpk, sys),
        source: RPK_SOURCE,
        login: { authMode: "rpk", rpk },
        refreshable: true,
      };
    }
    case "device":
    case "client_credentials":
      try {
        return login.authMode === "device"
          ? await fromLogin(login, refreshWithinMs, sys)
          : await fromClient(login, refreshWithinMs, sys);
      } catch (error) {
        const storeFailed = error instanceof CliError &&
          error.code === "failure";
        if (!storeFailed) throw error;
        // Whatever is wrong with the store, it means that there is no token.
        throw new CliError("unauthenticated", error.message, error);
      }
  }
}

async function fromLogin(
  login: DeviceLogin,
  refreshWithinMs: number,
  sys: StoredTokenSys,
): Promise<Token> {
  const stored = await loginToken(login, refreshWithinMs, sys);
  if (stored === undefined) throw new NotSignedInError();
  const { grant, organization } = stored;
  return {
    value: grant.accessToken,
    source: "stored login",
    login: { ...login, server: { ...login.server, organization } },
    expiresAt: grant.expiresAt,
    refreshable: grant.refreshToken !== undefined,
    identity: grant.identity,
    organization: grant.organization,
  };
}

async function fromClient(
  login: ClientLogin,
  refreshWithinMs: number,
  sys: StoredTokenSys,
): Promise<Token> {
  const { clientToken } = await import("./client_token.ts");
  const grant = await clientToken(login, refreshWithinMs, sys);
  return {
    value: grant.accessToken,
    source: "client credentials",
    login,
    expiresAt: grant.expiresAt,
    refreshable: true,
    identity: grant.identity ?? login.clientId,
    organization: grant.organization,
  };
}

/** Without a stored login, that of a client whose id and secret are set. */
async function fromClientInstead(
  request: TokenRequest,
  sys: Sys,
): Promise<Token | undefined> {
  if (!request.authModeByDefault) return undefined;
  const login = loginOf({ ...request, authMode: "client_credentials" }, sys);
  if (login.authMode !== "client_credentials") return undefined;
  const hasSecret = login.secretFile !== undefined ||
    !!sys.env.RPAI_CLIENT_SECRET;
  if (login.clientId === undefined || !hasSecret) return undefined;
  return {
    ...await tokenOf(login, sys, request.refreshWithinMs),
    reason: "auth mode client_credentials: nobody is signed in, and there is " +
      "a client with its secret",
  };
}

/** Without a stored login, that of `rpk`. */
async function fromRpkInstead(
  profile: Profile | undefined,
  sys: Sys,
): Promise<Token> {
  const { findOnPath } = await import("../system/find_program.ts");
  const rpk = await findOnPath("rpk", sys);
  const hint = sys.isTerminal("stderr") ? SIGN_IN_HINT : MACHINE_HINT;
  if (rpk === undefined) throw new NotSignedInError(profile, hint);
  try {
    const token = await tokenOf({ authMode: "rpk", rpk }, sys);
    return { ...token, notice: "no stored login: using the one of rpk" };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const missing = new NotSignedInError(profile, hint);
    missing.message += `; tried rpk: ${error.message}`;
    throw missing;
  }
}

async function givenToken(
  { value, source }: Given,
  sys: Pick<Sys, "now">,
): Promise<Token> {
  const { checkToken } = await import("./check_token.ts");
  const expiresAt = checkToken(value, source, FRESH_HINT, sys);
  return {
    ...{ value, source, login: { authMode: "token" }, refreshable: false },
    ...expiresAt === undefined ? {} : { expiresAt },
  };
}

/** Says when `RPAI_TOKEN` comes before a stored login that is valid. */
async function outranked(
  request: TokenRequest,
  sys: Sys,
): Promise<{ notice?: string }> {
  const login = loginOf(request, sys);
  if (login.authMode !== "device") return {};
  const { server: { issuer, organization }, credentials } = login;
  const file = await readCredentials(credentials, sys).catch(() => ({}));
  const grant = findLogin(file, issuer, organization);
  if (grant === undefined || grant.expiresAt <= sys.now()) return {};
  const whose = grant.identity === undefined ? "" : ` of ${grant.identity}`;
  return {
    notice:
      `RPAI_TOKEN is used instead of the stored login${whose}, which is ` +
      "valid: unset RPAI_TOKEN to use that",
  };
}
