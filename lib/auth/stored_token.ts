/**
 * Tokens that live in the credentials file: refreshed or minted by one process
 * at a time, and handed out only while they are valid.
 *
 * @module
 */

import type { AuthServer } from "./auth_server.ts";
import {
  type CredentialsFile,
  currentOrganization,
  findLogin,
  findMinted,
  organizationsOf,
  type StoredGrant,
  withMinted,
  withRenewed,
} from "./credentials.ts";
import {
  changeCredentials,
  readCredentials,
  type StoreSys,
} from "./credentials_store.ts";
import { CliError, OAuthError } from "../base/errors.ts";
import type { ClientLogin, DeviceLogin } from "./login.ts";
import type { Grant } from "./token_answer.ts";
import type { Sys } from "../system/sys.ts";

/** Longest wait for another process's refresh, in milliseconds. */
const WAIT_MS = 25_000;

/** Part of its life after which a minted token is minted again. */
const MINT_AGAIN_AT = 0.8;

/** The machine as far as stored tokens take it. */
export type StoredTokenSys =
  & StoreSys
  & Pick<Sys, "fetch" | "now" | "uninterrupted">;

/** How a stored token is found, judged and replaced. */
interface Source {
  find(file: CredentialsFile): StoredGrant | undefined;
  isFresh(grant: StoredGrant): boolean;
  canRenew(grant: StoredGrant | undefined): boolean;
  renew(grant: StoredGrant | undefined): Promise<Grant>;
  store(file: CredentialsFile, grant: StoredGrant): CredentialsFile;
}

/**
 * The stored login of a server and the key of its organization in the file,
 * refreshed when less than `refreshWithinMs` is left; `undefined` when nobody is
 * signed in there.
 *
 * @throws {CliError} `unauthenticated` when it expired and cannot be refreshed
 */
export async function loginToken(
  { server, credentials }: DeviceLogin,
  refreshWithinMs: number,
  sys: StoredTokenSys,
): Promise<{ grant: StoredGrant; organization: string } | undefined> {
  const { issuer } = server;
  const file = await readCredentials(credentials, sys);
  const organization = server.organization ?? currentOrganization(file, issuer);
  if (
    organization === undefined ||
    findLogin(file, issuer, organization) === undefined
  ) {
    const others = organizationsOf(file, issuer);
    if (server.organization === undefined || others.length === 0) {
      return undefined;
    }
    throw new CliError(
      "unauthenticated",
      `not signed in to organization "${organization}" at ${issuer}`,
      {
        hint: `signed in there: ${
          others.join(", ")
        }; run \`ai-claude auth login\``,
      },
    );
  }
  const grant = await freshToken(
    {
      find: (file) => findLogin(file, issuer, organization),
      isFresh: ({ expiresAt }) => expiresAt - sys.now() > refreshWithinMs,
      canRenew: (grant) => grant?.refreshToken !== undefined,
      renew: async (grant) => {
        const { refreshGrant } = await import("./oauth.ts");
        return await refreshGrant(server, grant?.refreshToken ?? "", sys);
      },
      // An answer without these claims does not change whose login it is.
      store: (file, grant) => {
        const before = findLogin(file, issuer, organization);
        return withRenewed(file, issuer, organization, {
          ...grant,
          identity: grant.identity ?? before?.identity,
          organization: before?.organization,
        });
      },
    },
    file,
    credentials,
    sys,
  );
  return grant && { grant, organization };
}

/** The stored login of a server as it is. */
export async function storedLogin(
  { server: { issuer, organization }, credentials }: DeviceLogin,
  sys: StoreSys,
): Promise<StoredGrant | undefined> {
  const file = await readCredentials(credentials, sys);
  return findLogin(file, issuer, organization);
}

/** A client that signs in by itself. */
export interface MachineClient {
  id: string;
  secret: string;
}

/**
 * A token minted with client credentials, cached until 80% of its life.
 *
 * @throws {CliError} `unauthenticated` when none can be minted
 */
export async function mintedToken(
  { server, credentials }: ClientLogin,
  client: MachineClient,
  refreshWithinMs: number,
  sys: StoredTokenSys,
): Promise<StoredGrant> {
  const key = await fingerprint(server, client);
  const mint = async () => {
    const { clientCredentialsGrant } = await import("./oauth.ts");
    return await clientCredentialsGrant(server, client, sys);
  };
  if (credentials === undefined) {
    // A container without a home: nowhere to keep it, nothing that needs it kept.
    const grant = await mint().catch((error) => {
      throw asCliError(error);
    });
    return { ...grant, obtainedAt: sys.now() };
  }
  const grant = await freshToken(
    {
      find: (file) => findMinted(file, server.issuer, key),
      isFresh: ({ expiresAt, obtainedAt }) => {
        const now = sys.now();
        return expiresAt - now > refreshWithinMs &&
          now - obtainedAt < MINT_AGAIN_AT * (expiresAt - obtainedAt);
      },
      canRenew: () => true,
      renew: mint,
      store: (file, grant) => withMinted(file, server.issuer, key, grant),
    },
    await readCredentials(credentials, sys),
    credentials,
    sys,
  );
  if (grant !== undefined) return grant;
  throw new CliError("unauthenticated", "no token could be minted");
}

async function freshToken(
  source: Source,
  file: CredentialsFile,
  credentials: string | undefined,
  sys: StoredTokenSys,
): Promise<StoredGrant | undefined> {
  const stored = source.find(file);
  if (stored !== undefined && source.isFresh(stored)) return stored;
  const valid = stored !== undefined && isValid(stored, sys);
  const since = sys.now();
  let outcome: { value: StoredGrant | undefined } | undefined;
  try {
    outcome = await changeCredentials(
      credentials,
      // A token that is still good is handed out rather than waited for.
      valid ? 0 : WAIT_MS,
      async (now, replace) => {
        const current = source.find(now);
        if (current !== undefined && source.isFresh(current)) return current;
        // Another process got it while this one waited: as fresh as it gets.
        const isNew = current !== undefined && current.obtainedAt >= since;
        if (isNew && isValid(current, sys)) return current;
        if (!source.canRenew(current)) return current;
        // A disk that is full must show before the refresh token is spent.
        await replace(now);
        // The old refresh token is spent once the issuer answers: Ctrl-C in
        // Claude Code, which reaches its helper too, must not cost the new one.
        return await sys.uninterrupted(async () => {
          const grant = await source.renew(current);
          const next = { ...grant, obtainedAt: sys.now() };
          await replace(source.store(now, next));
          return next;
        });
      },
      sys,
    );
  } catch (error) {
    // What is still valid serves while the issuer or the disk does not.
    if (!valid) throw asCliError(error);
  }
  const grant = outcome === undefined ? stored : outcome.value;
  if (grant === undefined) return undefined;
  if (isValid(grant, sys)) return grant;
  throw outcome === undefined
    ? new CliError(
      "unauthenticated",
      "another process has been refreshing the token for too long",
      { hint: "try again; -v shows more" },
    )
    : new CliError("unauthenticated", "the login has expired", {
      hint: "sign in: ai-claude auth login",
    });
}

function isValid(grant: StoredGrant, sys: Pick<Sys, "now">): boolean {
  return grant.expiresAt > sys.now();
}

/** An issuer's refusal, in the words of what to do about it. */
function asCliError(error: unknown): unknown {
  if (!(error instanceof OAuthError)) return error;
  return new CliError(
    "unauthenticated",
    `the issuer refused: ${error.message}`,
    {
      hint: error.code === "invalid_client"
        ? "check RPAI_CLIENT_ID and RPAI_CLIENT_SECRET"
        : "sign in: ai-claude auth login",
      cause: error,
    },
  );
}

/**
 * The key of a minted token in the file: another secret or audience must not find
 * it. SHA-256, so that the file does not give away the secret.
 */
async function fingerprint(
  { audience }: AuthServer,
  { id, secret }: MachineClient,
): Promise<string> {
  const bytes = new TextEncoder().encode([id, secret, audience].join("\0"));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return `${id}.${new Uint8Array(digest, 0, 8).toHex()}`;
}
