/**
 * The OAuth 2.0 grants of this program: device (RFC 8628), refresh, client
 * credentials. Each answer is checked where it enters.
 *
 * @module
 */

import type { AuthServer, Endpoints } from "./auth_server.ts";
import { AUTH_DEFAULTS } from "../profile/auth_defaults.ts";
import { CliError, OAuthError } from "../base/errors.ts";
import type { JsonObject } from "../base/json_object.ts";
import { type Grant, nonsense, seconds, toGrant } from "./token_answer.ts";
import { printable } from "../base/printable.ts";
import { requestJson } from "../system/request_json.ts";
import type { Sys } from "../system/sys.ts";

/** Bound on one request and its answer, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** Least time between two polls, in seconds, whatever the issuer allows. */
const LEAST_INTERVAL_S = 1;

/** A device grant that waits for its user. */
export interface DeviceCode {
  /** The code this program polls with. */
  deviceCode: string;
  /** The code the user compares or types. */
  userCode: string;
  /** Where the user goes: with the code filled in, if the issuer has that. */
  url: string;
  /** Lifetime in seconds. */
  expiresIn: number;
  /** Least seconds between two polls. */
  interval: number;
}

type Net = Pick<Sys, "fetch" | "now">;

/**
 * The endpoints of a server: the known ones, else from its discovery document.
 *
 * @throws {CliError} `unauthenticated`
 */
export async function endpointsOf(
  server: AuthServer,
  sys: Net,
): Promise<Endpoints> {
  if (server.endpoints !== undefined) return server.endpoints;
  const url = `${server.issuer}/.well-known/openid-configuration`;
  const { status, body } = await request(url, { method: "GET" }, sys);
  if (status !== 200) throw nonsense(url, `status ${status}`);
  const { issuer } = body;
  if (
    typeof issuer === "string" && issuer.replace(/\/+$/, "") !== server.issuer
  ) throw nonsense(url, `it names another issuer, "${printable(issuer)}"`);
  const endpoint = (key: string): string | undefined => {
    const value = body[key];
    if (value === undefined) return undefined;
    // A refresh token or a secret goes there: only to the issuer's own origin.
    if (
      typeof value !== "string" || !URL.canParse(value) ||
      new URL(value).origin !== new URL(server.issuer).origin
    ) throw nonsense(url, `its ${key} is not on the issuer's own origin`);
    return value;
  };
  const token = endpoint("token_endpoint");
  if (token === undefined) throw nonsense(url, "it has no token_endpoint");
  return {
    device: endpoint("device_authorization_endpoint"),
    token,
    clientCredentials: token,
    json: false,
  };
}

export async function requestDeviceCode(
  server: AuthServer,
  sys: Net,
): Promise<DeviceCode> {
  const endpoints = await endpointsOf(server, sys);
  const url = endpoints.device;
  if (url === undefined) {
    throw new CliError(
      "unauthenticated",
      `issuer ${server.issuer} has no device grant`,
      { hint: "use auth_mode client_credentials, rpk or token" },
    );
  }
  const body = await post(url, endpoints.json, {
    client_id: server.clientId,
    audience: server.audience,
    scope: AUTH_DEFAULTS.scope,
  }, sys);
  const text = (key: string): string => {
    const value = body[key];
    if (typeof value === "string" && /^[\x21-\x7e]+$/.test(value)) return value;
    throw nonsense(url, `it has no usable ${key}`);
  };
  const address = typeof body.verification_uri_complete === "string"
    ? "verification_uri_complete"
    : "verification_uri";
  return {
    deviceCode: text("device_code"),
    userCode: text("user_code"),
    url: webUrl(text(address), url),
    expiresIn: seconds(body.expires_in) ?? 900,
    interval: Math.max(LEAST_INTERVAL_S, seconds(body.interval) ?? 5),
  };
}

/**
 * Asks once whether the user has agreed.
 *
 * @throws {OAuthError} `authorization_pending`, `slow_down`, `access_denied`,
 * `expired_token`
 */
export async function pollDeviceGrant(
  server: AuthServer,
  deviceCode: string,
  sys: Net,
): Promise<Grant> {
  return await userGrant(server, {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    device_code: deviceCode,
  }, sys);
}

/** Exchanges a refresh token; an issuer that rotates revokes the old one. */
export async function refreshGrant(
  server: AuthServer,
  refreshToken: string,
  sys: Net,
): Promise<Grant> {
  const grant = await userGrant(server, {
    grant_type: "refresh_token",
    refresh_token: refreshToken,
  }, sys);
  return { ...grant, refreshToken: grant.refreshToken ?? refreshToken };
}

async function userGrant(
  server: AuthServer,
  fields: Record<string, string>,
  sys: Net,
): Promise<Grant> {
  const { token, json } = await endpointsOf(server, sys);
  const asked = { ...fields, client_id: server.clientId };
  return toGrant(await post(token, json, asked, sys), token, sys);
}

export async function clientCredentialsGrant(
  server: AuthServer,
  client: { id: string; secret: string },
  sys: Net,
): Promise<Grant> {
  const { clientCredentials: url } = await endpointsOf(server, sys);
  const body = await post(url, false, {
    grant_type: "client_credentials",
    client_id: client.id,
    client_secret: client.secret,
    audience: server.audience,
  }, sys);
  return toGrant(body, url, sys);
}

async function post(
  url: string,
  json: boolean,
  fields: Record<string, string>,
  sys: Net,
): Promise<JsonObject> {
  const { status, body } = await request(url, {
    method: "POST",
    headers: {
      "content-type": json
        ? "application/json"
        : "application/x-www-form-urlencoded",
      accept: "application/json",
    },
    body: json
      ? JSON.stringify(fields)
      : new URLSearchParams(fields).toString(),
  }, sys);
  if (typeof body.error === "string") {
    const { error_description: description } = body;
    throw new OAuthError(
      printable(body.error),
      typeof description === "string" ? printable(description) : "",
    );
  }
  if (status !== 200) throw nonsense(url, `status ${status}`);
  return body;
}

async function request(
  url: string,
  init: RequestInit,
  sys: Net,
): Promise<{ status: number; body: JsonObject }> {
  const answer = await requestJson(url, init, TIMEOUT_MS, sys);
  if (answer.kind === "none") {
    throw new CliError(
      "unauthenticated",
      `cannot reach the issuer at ${url}: ${answer.reason}`,
      {
        hint: "check the network and proxy variables, then try again",
        cause: answer.cause,
      },
    );
  }
  const { status, body, shown } = answer;
  if (body === undefined) throw nonsense(url, `status ${status}, "${shown}"`);
  return { status, body };
}

function webUrl(text: string, from: string): string {
  if (/^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : "")) {
    return text;
  }
  throw nonsense(from, `"${printable(text)}" is not a web address`);
}
