/**
 * Tokens that live in the credentials file: refreshed or minted by one process
 * at a time, and handed out only while they are valid.
 *
 * @module
 */

import {
  type CredentialsFile,
  currentOrganization,
  findGrant,
  findLogin,
  type GrantPlace,
  organizationsOf,
  type StoredGrant,
  withGrant,
} from "./credentials.ts";
import {
  changeCredentials,
  readCredentials,
  type StoreSys,
} from "./credentials_store.ts";
import { CliError, OAuthError } from "../base/errors.ts";
import type { DeviceLogin } from "./login.ts";
import type { Grant } from "./token_answer.ts";
import type { Sys } from "../system/sys.ts";

/** Longest wait for another process's refresh, in milliseconds. */
const WAIT_MS = 25_000;

/** The machine as far as stored tokens take it. */
export type StoredTokenSys =
  & StoreSys
  & Pick<Sys, "fetch" | "now" | "uninterrupted">;

/** A stored token: where it is, how it is judged and how it is replaced. */
interface Source {
  place: GrantPlace;
  isFresh(grant: StoredGrant): boolean;
  /** How to get the next one; `undefined` when there is no way. */
  renewal(current?: StoredGrant): (() => Promise<Grant>) | undefined;
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
  const source: Source = {
    place: { issuer, kind: "organizations", key: organization },
    isFresh: ({ expiresAt }) => expiresAt - sys.now() > refreshWithinMs,
    renewal: (current) => {
      if (current?.refreshToken === undefined) return undefined;
      const { refreshToken, organization } = current;
      return async () => {
        const { refreshGrant } = await import("./oauth.ts");
        const grant = await refreshGrant(server, refreshToken, sys);
        // An answer without these claims does not change whose login it is.
        const identity = grant.identity ?? current.identity;
        return { ...grant, identity, organization };
      };
    },
  };
  const grant = await freshToken(source, file, credentials, sys);
  return { grant, organization };
}

/**
 * The token of a source, renewed unless it is fresh.
 *
 * @throws {CliError} `unauthenticated` when none that is valid is to be had
 */
export async function freshToken(
  { place, isFresh, renewal }: Source,
  file: CredentialsFile,
  credentials: string | undefined,
  sys: StoredTokenSys,
): Promise<StoredGrant> {
  let grant = findGrant(file, place);
  if (grant !== undefined && isFresh(grant)) return grant;
  const valid = grant !== undefined && isValid(grant, sys);
  // A token that is still good is handed out rather than waited for.
  const waitMs = valid ? 0 : WAIT_MS;
  const since = sys.now();
  try {
    grant = await changeCredentials(
      credentials,
      async (now, replace) => {
        const current = findGrant(now, place);
        if (current !== undefined && isFresh(current)) return current;
        // Another process got it while this one waited: as fresh as it gets.
        const isNew = current !== undefined && current.obtainedAt >= since;
        if (isNew && isValid(current, sys)) return current;
        const renew = renewal(current);
        if (renew === undefined) return current;
        // A disk that is full must show before the refresh token is spent.
        await replace(now);
        // The old refresh token is spent once the issuer answers: Ctrl-C in Claude
        // Code, which reaches its helper too, must not cost the new one.
        return await sys.uninterrupted(async () => {
          const next = { ...await renew(), obtainedAt: sys.now() };
          await replace(withGrant(now, place, next));
          return next;
        });
      },
      sys,
      waitMs,
    );
  } catch (error) {
    // What is still valid serves while the issuer or the disk does not.
    if (!valid) throw asCliError(error);
  }
  if (grant !== undefined && isValid(grant, sys)) return grant;
  throw new CliError("unauthenticated", "the login has expired", {
    hint: "sign in: ai-claude auth login",
  });
}

function isValid(grant: StoredGrant, sys: Pick<Sys, "now">): boolean {
  return grant.expiresAt > sys.now();
}

/** An issuer's refusal, in the words of what to do about it. */
export function asCliError(error: unknown): unknown {
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
