/**
 * The tokens that the embedded issuer hands out, and which of them are good.
 *
 * @module
 */

import type { JsonObject } from "../../base/json_object.ts";
import type { GrantName } from "./grant_name.ts";
import type { IssuerState } from "./state.ts";

/** The claim of an access token that holds the organization's id. */
export const ORGANIZATION_CLAIM = "https://cloud.redpanda.com/organization_id";

/** The scope for which a sign-in gets a refresh token. */
export const OFFLINE = "offline_access";

/** Who signed in, through which client, for what. */
export interface Login {
  clientId: string;
  subject: string;
  /** Absent for a client that signed in for itself. */
  email?: string;
  audience: string | undefined;
  scope: string;
}

/** The refresh tokens that came one after the other from one sign-in. */
export interface RefreshFamily {
  login: Login;
  /** The only one that is good; undefined once the family was revoked. */
  current: string | undefined;
  /** The one before it, and when it was replaced. */
  previous?: { token: string; replacedAt: number };
}

/** The body of a token answer (RFC 6749 section 5.1), counted as a grant. */
export function grantTokens(
  state: IssuerState,
  grant: GrantName,
  login: Login,
  family?: RefreshFamily,
): JsonObject {
  const { rules } = state;
  state.granted.set(grant, (state.granted.get(grant) ?? 0) + 1);
  const now = rules.now();
  const token = rules.tokens === "opaque"
    ? `opaque_${randomText()}`
    : jwt(claims(state, login, now));
  state.accessTokens.set(token, now + rules.accessTokenSeconds * 1000);
  return {
    access_token: token,
    token_type: "Bearer",
    expires_in: rules.accessTokenSeconds,
    ...(family && { refresh_token: rotate(state, family) }),
    scope: login.scope,
  };
}

/** Replaces the good refresh token of a family by a new one. */
function rotate(state: IssuerState, family: RefreshFamily): string {
  const token = `refresh_${randomText()}`;
  if (family.current !== undefined) {
    const replacedAt = state.rules.now();
    family.previous = { token: family.current, replacedAt };
  }
  family.current = token;
  state.refreshTokens.set(token, family);
  return token;
}

function claims(state: IssuerState, login: Login, now: number): JsonObject {
  const { rules } = state;
  const issuedAt = (now + rules.clockSkewMs) / 1000;
  return {
    iss: state.url,
    sub: login.subject,
    ...(login.email !== undefined && { email: login.email }),
    [ORGANIZATION_CLAIM]: rules.organization,
    aud: login.audience ?? state.url,
    azp: login.clientId,
    scope: login.scope,
    iat: issuedAt,
    ...(rules.tokens === "jwt" && { exp: issuedAt + rules.accessTokenSeconds }),
    jti: crypto.randomUUID(),
  };
}

/** Three parts like any JWT, the last of which says what it is worth. */
function jwt(payload: JsonObject): string {
  return [
    base64Url(JSON.stringify({ alg: "none", typ: "JWT" })),
    base64Url(JSON.stringify(payload)),
    "unsigned",
  ].join(".");
}

function base64Url(text: string): string {
  return new TextEncoder().encode(text)
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

function randomText(): string {
  return crypto.randomUUID().replaceAll("-", "");
}
