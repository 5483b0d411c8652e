/**
 * The token of a machine that signs in by itself.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import type { Sys } from "../system/sys.ts";
import type { StoredGrant } from "./credentials.ts";
import type { ClientLogin } from "./login.ts";
import { mintedToken, type StoredTokenSys } from "./stored_token.ts";

/**
 * A token minted with the client's secret.
 *
 * @throws {CliError} `unauthenticated` when none can be minted
 */
export async function clientToken(
  login: ClientLogin,
  refreshWithinMs: number,
  sys: StoredTokenSys,
): Promise<StoredGrant> {
  const { clientId: id, secretFile } = login;
  const secret = secretFile === undefined
    ? sys.env.RPAI_CLIENT_SECRET
    : await readSecret(secretFile, sys);
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
  return await mintedToken(login, { id, secret }, refreshWithinMs, sys);
}

async function readSecret(
  path: string,
  sys: Pick<Sys, "readTextFile">,
): Promise<string> {
  const hint = "check --client-secret-file or RPAI_CLIENT_SECRET_FILE";
  const text = await sys.readTextFile(path).catch((cause) => {
    const message = `cannot read client secret ${path}`;
    throw new CliError("unauthenticated", message, { hint, cause });
  });
  if (text !== undefined && text.trim() !== "") return text.trim();
  throw new CliError(
    "unauthenticated",
    `client secret ${path} ${
      text === undefined ? "does not exist" : "is empty"
    }`,
    { hint },
  );
}
