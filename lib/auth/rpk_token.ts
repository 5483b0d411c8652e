/**
 * The token of people who use `rpk ai`: that program is asked for it.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { printable } from "../base/printable.ts";
import { findOnPath } from "../system/find_program.ts";
import type { Sys } from "../system/sys.ts";
import { checkToken } from "./check_token.ts";

export const RPK_SOURCE = "rpk ai auth token";

/** How to sign in where `rpk` has the login. */
export const RPK_HINT = "sign in: rpk ai auth login";

/** Bound on `rpk`, in milliseconds: it may refresh over the network. */
const TIMEOUT_MS = 20_000;

/**
 * Path of `rpk`.
 *
 * @throws {CliError} `unauthenticated` when it is not on PATH
 */
export async function findRpk(
  sys: Pick<Sys, "env" | "platform" | "isExecutable">,
): Promise<string> {
  const path = await findOnPath("rpk", sys);
  if (path !== undefined) return path;
  throw new CliError(
    "unauthenticated",
    "auth_mode is rpk, but rpk is not on PATH",
    { hint: "install rpk, or set RPAI_TOKEN" },
  );
}

/**
 * Asks `rpk` for its token.
 *
 * @throws {CliError} `unauthenticated` when it has none that is valid
 */
export async function rpkToken(
  path: string,
  sys: Pick<Sys, "env" | "capture" | "now">,
): Promise<{ value: string; expiresAt?: number }> {
  const { code, stdout, stderr, timedOut } = await sys.capture(
    { path, args: ["ai", "auth", "token"], env: { ...sys.env } },
    TIMEOUT_MS,
  ).catch((error) => {
    const reason = error instanceof Error ? printable(error.message) : "";
    throw new CliError("unauthenticated", `cannot start ${path}: ${reason}`, {
      hint: "install rpk again, or set RPAI_TOKEN",
      cause: error,
    });
  });
  if (code !== 0) {
    const what = timedOut
      ? `gave no answer within ${TIMEOUT_MS / 1000} s`
      : `failed with exit code ${code}: ${
        printable(stderr) || "it printed nothing"
      }`;
    throw new CliError("unauthenticated", `${RPK_SOURCE} ${what}`, {
      hint: RPK_HINT,
    });
  }
  const value = stdout.replace(/\r?\n$/, "");
  const expiresAt = checkToken(value, RPK_SOURCE, RPK_HINT, sys);
  return expiresAt === undefined ? { value } : { value, expiresAt };
}
