/**
 * Where a profile signs in: one table of defaults, overridden by the profile's
 * `auth` block.
 *
 * @module
 */

import { AUTH_DEFAULTS } from "../profile/auth_defaults.ts";
import type { Profile, ProfileAuth } from "../profile/config.ts";
import { checkAddress } from "../base/server_address.ts";

/** Where to send grants, and in which form. */
export interface Endpoints {
  /** `device_authorization_endpoint`; absent when the issuer has none. */
  device?: string;
  /** `token_endpoint` */
  token: string;
  /** `token_endpoint` for client credentials. */
  clientCredentials: string;
  /** Whether the first two take JSON bodies. */
  json: boolean;
}

/** An authorization server as a profile names it. */
export interface AuthServer {
  /** The issuer: the key of its stored logins. */
  issuer: string;
  /** The public client of the device grant. */
  clientId: string;
  audience: string;
  /** The organization whose login is wanted; any when absent. */
  organization?: string;
  /** Known endpoints; otherwise they are discovered. */
  endpoints?: Endpoints;
}

/**
 * The server of a profile.
 *
 * @throws {CliError} `usage` for an issuer that is not https and not loopback
 */
export function authServer(profile: Profile | undefined): AuthServer {
  return namedServer(
    profile?.auth ?? {},
    `auth.issuer of profile "${profile?.name ?? ""}"`,
  );
}

/**
 * The server that is named, with the defaults for what is not.
 *
 * @param from what names the issuer, for messages
 * @throws {CliError} `usage` for an issuer that is not https and not loopback
 */
export function namedServer(
  { issuer, clientId, audience, organization }: ProfileAuth,
  from: string,
): AuthServer {
  const server: AuthServer = {
    issuer: AUTH_DEFAULTS.issuer,
    clientId: clientId ?? AUTH_DEFAULTS.clientId,
    audience: audience ?? AUTH_DEFAULTS.audience,
  };
  if (organization !== undefined) server.organization = organization;
  if (issuer === undefined || issuer.replace(/\/+$/, "") === server.issuer) {
    server.endpoints = {
      device: AUTH_DEFAULTS.deviceEndpoint,
      token: AUTH_DEFAULTS.tokenEndpoint,
      clientCredentials: AUTH_DEFAULTS.clientCredentialsEndpoint,
      json: true,
    };
    return server;
  }
  return { ...server, issuer: checkIssuer(issuer, from) };
}

/**
 * Checks an issuer's URL and returns it without a trailing slash.
 *
 * @param from what names it, for messages
 * @throws {CliError} `usage` for one that is not https and not loopback, and for
 * an endpoint of an issuer; the hint has the right one
 */
export function checkIssuer(text: string, from: string): string {
  checkAddress(text, {
    what: "issuer",
    from,
    below: /\/(?:\.well-known\/.*|oauth\/(?:token|device\/code))$/,
    hint: "an issuer is an https URL, or http on loopback",
  });
  return text.replace(/\/+$/, "");
}
