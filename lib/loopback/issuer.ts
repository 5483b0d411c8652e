/**
 * The embedded issuer: signs people in as Redpanda's OAuth 2.0 issuer does,
 * except that nobody has to agree in a browser. `demo --with-login` runs against
 * it; the tests put around it what it does not do.
 *
 * @module
 */

import type { JsonObject } from "../base/json_object.ts";

/** What an embedded issuer is told to be. */
export interface IssuerOptions {
  /** Who signs in. Default: `dev@example.com`. */
  email?: string;
  /** Seconds between two polls, fractions allowed. Default: 5. */
  interval?: number;
  /** Lifetime of access tokens, fractions allowed. Default: 3600. */
  accessTokenSeconds?: number;
  /** The clock that lifetimes go by, in milliseconds since 1970. */
  now?: () => number;
}

/** An embedded issuer; `serveLoopback(issuer.handle)` serves it. */
export interface EmbeddedIssuer {
  /** Answers a request to the issuer, whose base URL is that of the request. */
  handle(request: Request): Promise<Response>;
  /** The answer that grants an access token with these claims and more. */
  grant(claims: Claims, refreshToken?: string): Response;
  /** Whether an access token was granted here and has not expired. */
  isValid(accessToken: string): boolean;
}

/** What an access token says of its owner. */
export interface Claims {
  iss: string;
  sub: string;
  /** Absent for a client that signed in for itself. */
  email?: string;
  aud: string;
  azp: string;
  scope: string;
}

/** The claim of an access token that holds the organization's id. */
export const ORGANIZATION_CLAIM = "https://cloud.redpanda.com/organization_id";

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** Letters that cannot be taken for each other (RFC 8628 section 6.1). */
const USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

export function embeddedIssuer(
  {
    email = "dev@example.com",
    interval = 5,
    accessTokenSeconds = 3600,
    now: clock = Date.now,
  }: IssuerOptions = {},
): EmbeddedIssuer {
  /** Claims by device code. */
  const devices = new Map<string, Claims>();
  /** Claims by refresh token, of those that were not used yet. */
  const refreshable = new Map<string, Claims>();
  /** Expiry by access token, in milliseconds since 1970. */
  const expiries = new Map<string, number>();

  async function handle(request: Request): Promise<Response> {
    const { origin, pathname } = new URL(request.url);
    const fields = Object.fromEntries(
      new URLSearchParams(await request.text()),
    );
    // Paths as Auth0 has them, which Redpanda's issuer is.
    switch (`${request.method} ${pathname}`) {
      case "GET /.well-known/openid-configuration":
        return oauthAnswer({
          issuer: origin,
          token_endpoint: `${origin}/oauth/token`,
          device_authorization_endpoint: `${origin}/oauth/device/code`,
          grant_types_supported: [DEVICE_GRANT, "refresh_token"],
        });
      case "POST /oauth/device/code":
        return startDevice(origin, fields);
      case "POST /oauth/token":
        switch (fields.grant_type) {
          case DEVICE_GRANT:
            return poll(fields);
          case "refresh_token":
            return refresh(fields);
        }
        return oauthError("unsupported_grant_type", `${fields.grant_type}`);
      case "GET /activate":
        return new Response("You are signed in.\n");
    }
    return new Response("not a path of the issuer", { status: 404 });
  }

  function startDevice(
    issuer: string,
    { client_id, audience = issuer, scope = "" }: Record<string, string>,
  ): Response {
    if (!client_id) return oauthError("invalid_request", "no client_id");
    const deviceCode = crypto.randomUUID();
    devices.set(deviceCode, {
      iss: issuer,
      sub: "auth0|loopback",
      email,
      aud: audience,
      azp: client_id,
      scope,
    });
    const userCode = newUserCode();
    return oauthAnswer({
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${issuer}/activate`,
      verification_uri_complete: `${issuer}/activate?user_code=${userCode}`,
      expires_in: 900,
      interval,
    });
  }

  function poll(
    { device_code, client_id }: Record<string, string>,
  ): Response {
    const claims = devices.get(device_code);
    if (!claims || claims.azp !== client_id) {
      return oauthError("invalid_grant", "Unknown or used device code");
    }
    devices.delete(device_code);
    return claims.scope.split(" ").includes("offline_access")
      ? grantRefreshable(claims)
      : grant(claims);
  }

  function refresh(
    { refresh_token, client_id }: Record<string, string>,
  ): Response {
    const claims = refreshable.get(refresh_token);
    if (!claims || claims.azp !== client_id) {
      return oauthError("invalid_grant", "Unknown or used refresh token");
    }
    refreshable.delete(refresh_token);
    return grantRefreshable(claims);
  }

  function grantRefreshable(claims: Claims): Response {
    const token = `refresh_${crypto.randomUUID()}`;
    refreshable.set(token, claims);
    return grant(claims, token);
  }

  function grant(claims: Claims, refreshToken?: string): Response {
    const now = clock();
    const token = jwt({
      ...claims,
      [ORGANIZATION_CLAIM]: "org-loopback",
      iat: now / 1000,
      exp: now / 1000 + accessTokenSeconds,
      jti: crypto.randomUUID(),
    });
    expiries.set(token, now + accessTokenSeconds * 1000);
    return oauthAnswer({
      access_token: token,
      token_type: "Bearer",
      expires_in: accessTokenSeconds,
      refresh_token: refreshToken,
      scope: claims.scope,
    });
  }

  return {
    handle,
    grant,
    isValid: (token) => clock() < (expiries.get(token) ?? 0),
  };
}

/** A JSON answer that must not be cached: it may hold a credential. */
export function oauthAnswer(body: JsonObject, status = 200): Response {
  return Response.json(body, {
    status,
    headers: { "cache-control": "no-store" },
  });
}

/** A refusal (RFC 6749 section 5.2, RFC 8628 section 3.5). */
export function oauthError(
  error: string,
  description: string,
  status = 400,
): Response {
  return oauthAnswer({ error, error_description: description }, status);
}

function newUserCode(): string {
  const letters = Array.from(
    crypto.getRandomValues(new Uint8Array(8)),
    (byte) => USER_CODE_LETTERS[byte % USER_CODE_LETTERS.length],
  ).join("");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

/** An unsigned JWT. */
function jwt(claims: JsonObject): string {
  const header = base64Url({ alg: "none", typ: "JWT" });
  return `${header}.${base64Url(claims)}.unsigned`;
}

function base64Url(value: JsonObject): string {
  return new TextEncoder().encode(JSON.stringify(value))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}
