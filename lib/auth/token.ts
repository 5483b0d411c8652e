/**
 * Where the gateway token comes from.
 *
 * @module
 */

import type { AuthMode, Profile } from "../profile/config.ts";
import { CliError } from "../base/errors.ts";
import { absolutePath, findOnPath } from "../system/find_program.ts";
import type { ClientFlags, StaticToken } from "../profile/options.ts";
import { printable } from "../base/printable.ts";
import type { Sys } from "../system/sys.ts";

/** A gateway token and what is known of it. */
export interface Token {
  /** The bearer; `undefined` with auth mode `none`. */
  value?: string;
  /** Where it came from: `--token`, `RPAI_TOKEN`, `rpk`, `none`, ... */
  source: string;
  /** Milliseconds since 1970, when that is known. */
  expiresAt?: number;
  /** Whether another follows when it expires. */
  refreshable: boolean;
  /** `email` or `sub`, when that is known. */
  identity?: string;
  /** The organization, when that is known. */
  organization?: string;
  /** What the user should know about the choice. */
  notice?: string;
}

/** What a token is resolved from. */
export interface TokenRequest {
  /** `--token` or `RPAI_TOKEN`. */
  static?: StaticToken;
  /** The profile's `auth_mode`. */
  authMode: AuthMode;
  /** The profile, for its `auth` block. */
  profile?: Profile;
  /** Flags of `client_credentials`. */
  client?: ClientFlags;
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

/** What to do about a token that was given and does not hold. */
export const FRESH_HINT =
  "pass a fresh one, or leave it out to use the profile's login";

/** How to sign in where `rpk` has the login. */
export const RPK_HINT = "sign in: rpk ai auth login";

/** Bound on `rpk ai auth token`, in milliseconds: it may refresh over the network. */
const RPK_TIMEOUT_MS = 20_000;

/** Nobody is signed in: a person at a terminal can be asked to. */
export class NotSignedInError extends CliError {
  /** Names the profile that nobody is signed in to. */
  constructor(profile: Profile | undefined) {
    const where = profile === undefined ? "" : ` to profile "${profile.name}"`;
    super("unauthenticated", `not signed in${where}`, { hint: SIGN_IN_HINT });
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
  if (request.static !== undefined) {
    const { value, source } = request.static;
    return await checkToken(value, source, sys, FRESH_HINT);
  }
  switch (request.authMode) {
    case "none":
      return { source: "none", refreshable: false };
    case "token":
      throw new CliError("unauthenticated", "no token: auth_mode is token", {
        hint: "set RPAI_TOKEN (or pass --token)",
      });
    case "rpk":
      return await fromRpk(request, sys);
    case "device":
      return await fromStore(() => fromLogin(request, sys));
    case "client_credentials":
      return await fromStore(() => fromClient(request, sys));
  }
}

/** Whatever is wrong with the store, what it comes to is that there is no token. */
async function fromStore(work: () => Promise<Token>): Promise<Token> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "failure") throw error;
    throw new CliError("unauthenticated", error.message, error);
  }
}

/** What stored tokens take, loaded side by side. */
function storedTokens() {
  return Promise.all([
    import("./auth_server.ts"),
    import("./stored_token.ts"),
  ]);
}

/** The stored login; without one, that of `rpk`. */
async function fromLogin(request: TokenRequest, sys: Sys): Promise<Token> {
  const { profile, refreshWithinMs = REFRESH_WITHIN_MS } = request;
  const [{ authServer }, { loginToken }] = await storedTokens();
  const grant = await loginToken(authServer(profile), refreshWithinMs, sys);
  if (grant !== undefined) {
    return {
      value: grant.accessToken,
      source: "stored login",
      expiresAt: grant.expiresAt,
      refreshable: grant.refreshToken !== undefined,
      identity: grant.identity,
      organization: grant.organization,
    };
  }
  if (await findOnPath("rpk", sys) === undefined) {
    throw new NotSignedInError(profile);
  }
  try {
    const token = await fromRpk(request, sys);
    return { ...token, notice: "no stored login: using the one of rpk" };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const missing = new NotSignedInError(profile);
    missing.message += `; tried rpk: ${error.message}`;
    throw missing;
  }
}

async function fromClient(request: TokenRequest, sys: Sys): Promise<Token> {
  const { profile, client, refreshWithinMs = REFRESH_WITHIN_MS } = request;
  const id = client?.id ?? sys.env.RPAI_CLIENT_ID;
  const secret = await clientSecret(client?.secretFile, sys);
  if (!id || !secret) {
    const missing = !id ? "client id" : "client secret";
    throw new CliError(
      "unauthenticated",
      `auth_mode is client_credentials, but there is no ${missing}`,
      {
        hint: "set RPAI_CLIENT_ID, and RPAI_CLIENT_SECRET or " +
          "RPAI_CLIENT_SECRET_FILE",
      },
    );
  }
  const [{ authServer }, { mintedToken }] = await storedTokens();
  const server = authServer(profile);
  const grant = await mintedToken(server, { id, secret }, refreshWithinMs, sys);
  return {
    value: grant.accessToken,
    source: "client credentials",
    expiresAt: grant.expiresAt,
    refreshable: true,
    identity: grant.identity ?? id,
    organization: grant.organization,
  };
}

/** From the named file, else the variable; never from an argument. */
async function clientSecret(
  flag: string | undefined,
  sys: Sys,
): Promise<string | undefined> {
  const file = flag ?? sys.env.RPAI_CLIENT_SECRET_FILE;
  if (!file) return sys.env.RPAI_CLIENT_SECRET;
  const path = absolutePath(file, sys);
  const text = await sys.readTextFile(path).catch((cause) => {
    throw new CliError("unauthenticated", `cannot read client secret ${path}`, {
      hint: "check --client-secret-file or RPAI_CLIENT_SECRET_FILE",
      cause,
    });
  });
  if (text !== undefined && text.trim() !== "") return text.trim();
  throw new CliError(
    "unauthenticated",
    `client secret ${path} ${
      text === undefined ? "does not exist" : "is empty"
    }`,
    { hint: "check --client-secret-file or RPAI_CLIENT_SECRET_FILE" },
  );
}

async function fromRpk({ authMode }: TokenRequest, sys: Sys): Promise<Token> {
  const path = await findOnPath("rpk", sys);
  if (path === undefined) {
    throw new CliError(
      "unauthenticated",
      `auth_mode is ${authMode}, but rpk is not on PATH`,
      { hint: "install rpk, or set RPAI_TOKEN" },
    );
  }
  const { code, stdout, stderr, timedOut } = await sys.capture(
    { path, args: ["ai", "auth", "token"], env: { ...sys.env } },
    RPK_TIMEOUT_MS,
  ).catch((error) => {
    const reason = error instanceof Error ? printable(error.message) : "";
    throw new CliError("unauthenticated", `cannot start ${path}: ${reason}`, {
      hint: "mend rpk, or set RPAI_TOKEN",
      cause: error,
    });
  });
  if (code !== 0) {
    const what = timedOut
      ? `gave no answer within ${RPK_TIMEOUT_MS / 1000} s`
      : `failed with exit code ${code}: ${
        printable(stderr) || "it printed nothing"
      }`;
    throw new CliError("unauthenticated", `rpk ai auth token ${what}`, {
      hint: RPK_HINT,
    });
  }
  const source = "rpk ai auth token";
  const token = await checkToken(
    stdout.replace(/\r?\n$/, ""),
    source,
    sys,
    RPK_HINT,
  );
  return { ...token, refreshable: true };
}

/** A token is one run of visible ASCII: anything else could forge a header. */
async function checkToken(
  value: string,
  source: string,
  sys: Pick<Sys, "now">,
  hint: string,
): Promise<Token> {
  const fail = (what: string) =>
    new CliError("unauthenticated", `bad token from ${source}: ${what}`, {
      hint,
    });
  if (value === "") throw fail("it is empty");
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw fail(
      "it holds a blank, a line break or a character that is not ASCII",
    );
  }
  const token: Token = { value, source, refreshable: false };
  const { jwtExpiry } = await import("./jwt.ts");
  const expiresAt = jwtExpiry(value);
  if (expiresAt === undefined) return token;
  if (expiresAt <= sys.now()) {
    const when = new Date(expiresAt);
    throw fail(
      Number.isNaN(when.getTime())
        ? "it expired ages ago"
        : `it expired at ${when.toISOString()}`,
    );
  }
  return { ...token, expiresAt };
}
