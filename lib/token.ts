/**
 * Where the gateway token comes from.
 *
 * @module
 */

import type { AuthMode } from "./config.ts";
import { CliError } from "./errors.ts";
import { findOnPath } from "./find_program.ts";
import { jwtExpiry } from "./jwt.ts";
import { printable } from "./printable.ts";
import { type Sys, TIMED_OUT } from "./sys.ts";

/** A gateway token and what is known of it. */
export interface Token {
  /** The bearer; `undefined` with auth mode `none`. */
  value?: string;
  /** Where it came from: `--token`, `RPAI_TOKEN`, `rpk`, `none`. */
  source: string;
  /** Milliseconds since 1970, when the token says so. */
  expiresAt?: number;
  /** Whether it lives only in this process's arguments or environment. */
  isStatic: boolean;
  /** What the user should know about the choice. */
  notice?: string;
}

/** A static token and where it was given. */
export interface StaticToken {
  /** The bearer as given. */
  value: string;
  /** `--token` or `RPAI_TOKEN`. */
  source: string;
}

/** What a token is resolved from. */
export interface TokenRequest {
  /** `--token` or `RPAI_TOKEN`. */
  static?: StaticToken;
  /** The profile's `auth_mode`. */
  authMode: AuthMode;
}

/** What Claude Code gets as its credential with auth mode `none`. */
export const NO_TOKEN = "unauthenticated";

/** Bound on `rpk ai auth token`, in milliseconds: it may refresh over the network. */
const RPK_TIMEOUT_MS = 20_000;

type TokenSys = Pick<
  Sys,
  "env" | "platform" | "isExecutable" | "capture" | "now"
>;

/**
 * Resolves a token that is valid now.
 *
 * @throws {CliError} `unauthenticated` when there is none, or only an expired
 * or malformed one
 */
export async function resolveToken(
  request: TokenRequest,
  sys: TokenSys,
): Promise<Token> {
  if (request.static !== undefined) {
    const { value, source } = request.static;
    const hint = "pass a fresh one, or leave it out to use the profile's login";
    return {
      ...checkToken(value, source, sys, hint),
      isStatic: true,
    };
  }
  switch (request.authMode) {
    case "none":
      return { source: "none", isStatic: true };
    case "token":
      throw new CliError("unauthenticated", "no token: auth_mode is token", {
        hint: "set RPAI_TOKEN (or pass --token)",
      });
    case "rpk":
      return await fromRpk(request, sys);
    case "device": {
      const token = await fromRpk(request, sys);
      return { ...token, notice: "no stored login: using the one of rpk" };
    }
    case "client_credentials":
      throw new CliError(
        "unauthenticated",
        "auth_mode client_credentials is not available in this version",
        { hint: "set RPAI_TOKEN, or use auth_mode rpk" },
      );
  }
}

async function fromRpk(
  { authMode }: TokenRequest,
  sys: TokenSys,
): Promise<Token> {
  const hint = "sign in: rpk ai auth login";
  const path = await findOnPath("rpk", sys);
  if (path === undefined) {
    throw authMode === "rpk"
      ? new CliError(
        "unauthenticated",
        "auth_mode is rpk, but rpk is not on PATH",
        {
          hint: "install rpk, or set RPAI_TOKEN",
        },
      )
      : new CliError("unauthenticated", "not signed in", {
        hint: "set RPAI_TOKEN, or install rpk and run `rpk ai auth login`",
      });
  }
  const { code, stdout, stderr } = await sys.capture(
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
    const what = code === TIMED_OUT
      ? `gave no answer within ${RPK_TIMEOUT_MS / 1000} s`
      : `failed with exit code ${code}: ${
        printable(stderr) || "it printed nothing"
      }`;
    throw new CliError("unauthenticated", `rpk ai auth token ${what}`, {
      hint,
    });
  }
  const source = "rpk ai auth token";
  return {
    ...checkToken(stdout.replace(/\r?\n$/, ""), source, sys, hint),
    isStatic: false,
  };
}

/** A token is one run of visible ASCII: anything else could forge a header. */
function checkToken(
  value: string,
  source: string,
  sys: Pick<Sys, "now">,
  hint: string,
): Omit<Token, "isStatic"> {
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
  const expiresAt = jwtExpiry(value);
  if (expiresAt === undefined) return { value, source };
  const left = expiresAt - sys.now();
  if (left <= 0) {
    const when = new Date(expiresAt);
    throw fail(
      Number.isNaN(when.getTime())
        ? "it expired ages ago"
        : `it expired at ${when.toISOString()}`,
    );
  }
  return { value, source, expiresAt };
}
