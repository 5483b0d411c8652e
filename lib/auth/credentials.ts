/**
 * The credentials file: logins by issuer and organization, minted tokens by
 * client. Pure: text in, a document out. Entries that this version does not know
 * are kept.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import {
  isObject,
  type JsonObject,
  parseObject,
  withoutUndefined,
} from "../base/json_object.ts";
import type { Grant } from "./token_answer.ts";

/** A stored login or minted token. */
export interface StoredGrant extends Grant {
  /** When it was granted, in milliseconds since 1970. */
  obtainedAt: number;
}

/** A credentials file as read, unknown entries included. */
export type CredentialsFile = JsonObject;

/** Where a grant is in the file. */
export interface GrantPlace {
  issuer: string;
  /** Logins are by organization, minted tokens by the client's fingerprint. */
  kind: "organizations" | "clients";
  key: string;
}

/** The organization of a token that names none. */
const NO_ORGANIZATION = "default";

/**
 * Reads a credentials file's text; empty text is an empty file.
 *
 * @throws {CliError} `failure` when it is not understood
 */
export function parseCredentials(text: string, path: string): CredentialsFile {
  const file = text.trim() === "" ? {} : parseObject(text);
  if (file !== undefined && isUnderstood(file)) return file;
  throw new CliError(
    "failure",
    `credentials file ${path} is not understood; it is left as it is`,
    { hint: "sign in again: `ai-claude auth login` moves it aside" },
  );
}

function isUnderstood({ issuers = {} }: CredentialsFile): boolean {
  return isObject(issuers) &&
    Object.values(issuers).every((server) =>
      isObject(server) &&
      [server.organizations ?? {}, server.clients ?? {}].every((entries) =>
        isObject(entries) && Object.values(entries).every((entry) =>
          isObject(entry) && toGrant(entry) !== undefined
        )
      )
    );
}

export function findGrant(
  file: CredentialsFile,
  { issuer, kind, key }: GrantPlace,
): StoredGrant | undefined {
  const entry = child(child(serverOf(file, issuer), kind), key);
  return entry && toGrant(entry);
}

/** The login of an organization, or the one that signed in last. */
export function findLogin(
  file: CredentialsFile,
  issuer: string,
  organization: string | undefined = currentOrganization(file, issuer),
): StoredGrant | undefined {
  return organization === undefined
    ? undefined
    : findGrant(file, { issuer, kind: "organizations", key: organization });
}

/** The organization that signed in last, by its key in the file. */
export function currentOrganization(
  file: CredentialsFile,
  issuer: string,
): string | undefined {
  const current = serverOf(file, issuer)?.current_organization;
  return typeof current === "string" ? current : undefined;
}

/** Names of the organizations that are signed in at an issuer. */
export function organizationsOf(
  file: CredentialsFile,
  issuer: string,
): string[] {
  return Object.keys(child(serverOf(file, issuer), "organizations") ?? {});
}

/** The file with a login stored, which becomes the issuer's current one. */
export function withLogin(
  file: CredentialsFile,
  issuer: string,
  grant: StoredGrant,
): CredentialsFile {
  const key = grant.organization || NO_ORGANIZATION;
  const stored = withGrant(file, { issuer, kind: "organizations", key }, grant);
  return withServer(stored, issuer, (server) => ({
    ...server,
    current_organization: key,
  }));
}

/** The file with another grant at a place; who is current stays. */
export function withGrant(
  file: CredentialsFile,
  { issuer, kind, key }: GrantPlace,
  grant: StoredGrant,
): CredentialsFile {
  return withServer(file, issuer, (server) => {
    const before = child(server, kind);
    const entry = { ...child(before, key), ...fromGrant(grant) };
    return {
      ...server,
      [kind]: { ...before, [key]: withoutUndefined(entry) },
    };
  });
}

/** The file without an organization's login, the current one by default. */
export function withoutLogin(
  file: CredentialsFile,
  issuer: string,
  organization?: string,
): CredentialsFile {
  return withServer(file, issuer, (server) => {
    const gone = organization ?? server.current_organization;
    const organizations = Object.entries(child(server, "organizations") ?? {})
      .filter(([name]) => name !== gone);
    const { current_organization: current, ...rest } = server;
    const next = current === gone ? organizations.at(-1)?.[0] : current;
    return {
      ...rest,
      ...(next === undefined ? {} : { current_organization: next }),
      organizations: Object.fromEntries(organizations),
    };
  });
}

export function withoutAll(file: CredentialsFile): CredentialsFile {
  return { ...file, issuers: {} };
}

function serverOf(
  file: CredentialsFile,
  issuer: string,
): JsonObject | undefined {
  return child(child(file, "issuers"), issuer);
}

function withServer(
  file: CredentialsFile,
  issuer: string,
  change: (server: JsonObject) => JsonObject,
): CredentialsFile {
  const server = change(serverOf(file, issuer) ?? {});
  return { ...file, issuers: { ...child(file, "issuers"), [issuer]: server } };
}

function child(
  from: JsonObject | undefined,
  key: string,
): JsonObject | undefined {
  const value = from !== undefined && Object.hasOwn(from, key)
    ? from[key]
    : undefined;
  return isObject(value) ? value : undefined;
}

function toGrant(entry: JsonObject): StoredGrant | undefined {
  const text = (key: string) => {
    const value = entry[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const accessToken = text("access_token");
  const expiresAt = Date.parse(text("expires_at") ?? "");
  const obtainedAt = Date.parse(text("obtained_at") ?? "");
  if (
    accessToken === undefined || !/^[\x21-\x7e]+$/.test(accessToken) ||
    Number.isNaN(expiresAt) || Number.isNaN(obtainedAt)
  ) return undefined;
  return withoutUndefined({
    ...{ accessToken, expiresAt, obtainedAt },
    refreshToken: text("refresh_token"),
    identity: text("identity"),
    organization: text("organization"),
  });
}

function fromGrant(grant: StoredGrant): JsonObject {
  return {
    access_token: grant.accessToken,
    refresh_token: grant.refreshToken,
    expires_at: new Date(grant.expiresAt).toISOString(),
    obtained_at: new Date(grant.obtainedAt).toISOString(),
    identity: grant.identity,
    organization: grant.organization,
  };
}
