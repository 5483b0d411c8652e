/**
 * Token answers of an issuer, checked where they enter.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import type { JsonObject } from "../base/json_object.ts";
import { jwtClaims } from "./jwt.ts";
import { printable } from "../base/printable.ts";
import type { Sys } from "../system/sys.ts";

/**
 * Lifetime of a token whose issuer states none, in seconds: short, because an
 * expired token must never be handed out.
 */
const UNKNOWN_LIFETIME_S = 300;

/** Longest lifetime that is believed, in seconds: a year. */
const MAX_LIFETIME_S = 365 * 86_400;

/** Tokens as an issuer granted them. */
export interface Grant {
  accessToken: string;
  /** For the next one; an issuer may grant none. */
  refreshToken?: string;
  /** Milliseconds since 1970, by this machine's clock. */
  expiresAt: number;
  /** `email`, else `sub`, as the token says. */
  identity?: string;
  organization?: string;
}

/** Claims that say who a token is of, the one that counts first. */
const IDENTITY_CLAIMS = ["email", "https://cloud.redpanda.com/email", "sub"];

/** The organization claim of Redpanda Cloud's tokens, newest name first. */
const ORGANIZATION_CLAIMS = [
  "https://cloud.redpanda.com/organization_id",
  "organization_id",
  "org_id",
];

/**
 * Checks a token answer. The lifetime counts from now on this machine's clock,
 * which keeps a clock that is wrong by an hour from making tokens look expired.
 */
export function toGrant(
  body: JsonObject,
  url: string,
  sys: Pick<Sys, "now">,
): Grant {
  const accessToken = token(body.access_token);
  if (accessToken === undefined) {
    throw nonsense(url, "it holds no usable access_token");
  }
  const claims = jwtClaims(accessToken) ?? {};
  const { exp, iat } = claims;
  const stated = typeof exp === "number" && typeof iat === "number"
    ? exp - iat
    : undefined;
  const lifetime = seconds(body.expires_in) ?? stated;
  const expiresAt = lifetime === undefined && typeof exp === "number"
    ? exp * 1000
    : sys.now() + (lifetime ?? UNKNOWN_LIFETIME_S) * 1000;
  const latest = sys.now() + MAX_LIFETIME_S * 1000;
  const idToken = typeof body.id_token === "string" ? body.id_token : "";
  const known = { ...jwtClaims(idToken), ...claims };
  return {
    accessToken,
    refreshToken: token(body.refresh_token),
    expiresAt: Math.max(0, Math.min(expiresAt, latest)),
    identity: firstText(known, IDENTITY_CLAIMS),
    organization: firstText(known, ORGANIZATION_CLAIMS),
  };
}

function firstText(claims: JsonObject, names: string[]): string | undefined {
  const text = names.map((name) => claims[name])
    .find((value) => typeof value === "string");
  return text === undefined ? undefined : printable(text);
}

/** One run of visible ASCII: anything else could forge a header. */
function token(value: unknown): string | undefined {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value)
    ? value
    : undefined;
}

/** Seconds as a number, or as the text that some issuers send. */
export function seconds(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== ""
    ? Number(value)
    : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0
    ? number
    : undefined;
}

/** The error for an answer that is not what it should be. */
export function nonsense(url: string, what: string): CliError {
  return new CliError(
    "unauthenticated",
    `the issuer's answer from ${url} cannot be used: ${what}`,
    { hint: "check auth.issuer in the profile; a proxy may be in the way" },
  );
}
