/**
 * The token of a machine that signs in by itself.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import type { Sys } from "../system/sys.ts";
import type { StoredGrant } from "./credentials.ts";
import { readCredentials } from "./credentials_store.ts";
import type { ClientLogin } from "./login.ts";
import { asCliError, freshToken, type StoredTokenSys } from "./stored_token.ts";

/** Part of its life after which a minted token is minted again. */
const MINT_AGAIN_AT = 0.8;

/**
 * A token minted with the client's secret, cached until 80% of its life.
 *
 * @throws {CliError} `unauthenticated` when none can be minted
 */
export async function clientToken(
  { server, credentials, clientId: id, secretFile }: ClientLogin,
  refreshWithinMs: number,
  sys: StoredTokenSys,
): Promise<StoredGrant> {
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
  const mint = async () => {
    const { clientCredentialsGrant } = await import("./oauth.ts");
    return await clientCredentialsGrant(server, { id, secret }, sys);
  };
  if (credentials === undefined) {
    // A container without a home: nowhere to keep it, nothing that needs it kept.
    const grant = await mint().catch((error) => {
      throw asCliError(error);
    });
    return { ...grant, obtainedAt: sys.now() };
  }
  const { issuer, audience } = server;
  const key = await fingerprint(id, secret, audience);
  const file = await readCredentials(credentials, sys);
  return await freshToken(
    {
      place: { issuer, kind: "clients", key },
      isFresh: ({ expiresAt, obtainedAt }) => {
        const now = sys.now();
        return expiresAt - now > refreshWithinMs &&
          now - obtainedAt < MINT_AGAIN_AT * (expiresAt - obtainedAt);
      },
      renewal: () => mint,
    },
    file,
    credentials,
    sys,
  );
}

/**
 * The key of a minted token in the file: another secret or audience must not find
 * it. SHA-256, so that the file does not give away the secret.
 */
async function fingerprint(
  id: string,
  secret: string,
  audience: string,
): Promise<string> {
  const bytes = new TextEncoder().encode([id, secret, audience].join("\0"));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return `${id}.${new Uint8Array(digest, 0, 8).toHex()}`;
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
