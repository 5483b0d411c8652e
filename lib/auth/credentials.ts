/**
 * The credentials file: logins by issuer and organization, minted tokens by
 * client. Pure: text in, a document out. Entries that this version does not know
 * are kept.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { isObject, type JsonObject, parseObject } from "../base/json_object.ts";
import type { Grant } from "./token_answer.ts";

/** A stored login or minted token. */
export interface StoredGrant extends Grant {
  /** When it was granted, in milliseconds since 1970. */
  obtainedAt: number;
}

/** A credentials file as read. */
export interface CredentialsFile {
  /** The whole document, unknown entries included. */
  document: JsonObject;
}

/** The organization of a token that names none. */
const NO_ORGANIZATION = "default";

/**
 * Reads a credentials file's text; empty text is an empty file.
 *
 * @throws {CliError} `failure` when it is not understood
 */
export function parseCredentials(text: string, path: string): CredentialsFile {
  const root = text.trim() === "" ? {} : parseObject(text);
  if (root === undefined) throw corrupt(path);
  for (const server of Object.values(section(root, path, "issuers"))) {
    if (!isObject(server)) throw corrupt(path);
    for (const key of ["organizations", "clients"]) {
      for (const entry of Object.values(section(server, path, key))) {
        if (!isObject(entry) || toGrant(entry) === undefined) {
          throw corrupt(path);
        }
      }
    }
  }
  return { document: root };
}

/** The login of an organization, or the one that signed in last. */
export function findLogin(
  file: CredentialsFile,
  issuer: string,
  organization: string | undefined = currentOrganization(file, issuer),
): StoredGrant | undefined {
  if (organization === undefined) return undefined;
  const server = serverOf(file, issuer);
  const entry = child(child(server, "organizations"), organization);
  return entry && toGrant(entry);
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
  const organization = grant.organization || NO_ORGANIZATION;
  const renewed = withRenewed(file, issuer, organization, grant);
  return withServer(renewed, issuer, (server) => ({
    ...server,
    current_organization: organization,
  }));
}

/** The file with another token for a login, which need not be the current one. */
export function withRenewed(
  file: CredentialsFile,
  issuer: string,
  organization: string,
  grant: StoredGrant,
): CredentialsFile {
  return withServer(file, issuer, (server) => {
    const before = child(server, "organizations");
    const entry = { ...child(before, organization), ...fromGrant(grant) };
    return {
      ...server,
      organizations: { ...before, [organization]: withoutUndefined(entry) },
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

/** The file without any login or minted token. */
export function withoutAll({ document }: CredentialsFile): CredentialsFile {
  return { document: { ...document, issuers: {} } };
}

/** The minted token of a client, by the client's fingerprint. */
export function findMinted(
  file: CredentialsFile,
  issuer: string,
  fingerprint: string,
): StoredGrant | undefined {
  const entry = child(child(serverOf(file, issuer), "clients"), fingerprint);
  return entry && toGrant(entry);
}

/** The file with a client's minted token stored. */
export function withMinted(
  file: CredentialsFile,
  issuer: string,
  fingerprint: string,
  grant: StoredGrant,
): CredentialsFile {
  return withServer(file, issuer, (server) => ({
    ...server,
    clients: {
      ...child(server, "clients"),
      [fingerprint]: withoutUndefined(fromGrant(grant)),
    },
  }));
}

function serverOf(
  { document }: CredentialsFile,
  issuer: string,
): JsonObject | undefined {
  return child(child(document, "issuers"), issuer);
}

function withServer(
  { document }: CredentialsFile,
  issuer: string,
  change: (server: JsonObject) => JsonObject,
): CredentialsFile {
  const issuers = child(document, "issuers") ?? {};
  const server = child(issuers, issuer) ?? {};
  return {
    document: {
      ...document,
      issuers: { ...issuers, [issuer]: change(server) },
    },
  };
}

/** The part of a document under a key. */
function section(from: JsonObject, path: string, key: string): JsonObject {
  const value = from[key];
  if (value === undefined) return {};
  if (!isObject(value)) throw corrupt(path);
  return value;
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

function withoutUndefined<T extends object>(entry: T): T {
  return Object.fromEntries(
    Object.entries(entry).filter(([, value]) => value !== undefined),
  ) as T;
}

function corrupt(path: string): CliError {
  return new CliError(
    "failure",
    `credentials file ${path} is not understood; it is left as it is`,
    { hint: "sign in again: `ai-claude auth login` moves it aside" },
  );
}
