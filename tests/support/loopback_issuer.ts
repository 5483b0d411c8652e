/**
 * The embedded issuer with what only tests need of one: records of its requests,
 * faults, other outcomes of a sign-in, other tokens, clients with secrets, and
 * the two endpoints of Redpanda's own that take JSON.
 *
 * @module
 */

import { jwtClaims } from "../../lib/auth/jwt.ts";
import { parseObject } from "../../lib/base/json_object.ts";
import {
  embeddedIssuer,
  type IssuerOptions,
  oauthAnswer,
  oauthError,
  ORGANIZATION_CLAIM,
} from "../../lib/loopback/issuer.ts";
import {
  type LoopbackServer,
  serveLoopback,
} from "../../lib/loopback/server.ts";
import { fakeJwt } from "./fake_sys.ts";
import { answerWithFault, type IssuerFault } from "./issuer_faults.ts";

/** What {@linkcode startLoopbackIssuer} is given. */
export interface LoopbackIssuerOptions extends Omit<IssuerOptions, "interval"> {
  /** How a sign-in goes. */
  device?: {
    /** Seconds between two polls. Default: 5. */
    interval?: number;
    /** Seconds until the codes expire. Default: 900. */
    expiresIn?: number;
    /**
     * What every poll is told; `never` waits until somebody opens the page for
     * the code, or the codes expire. Default: `approve`.
     */
    outcome?: "approve" | "deny" | "expire" | "never";
  };
  /** Whether `offline_access` is granted. Default: true. */
  refreshTokens?: boolean;
  /**
   * Seconds for which the refresh token before the current one still works, as
   * issuers grant it to a client that lost their answer. Default: 0.
   */
  refreshLeewaySeconds?: number;
  /** Default: `jwt`. */
  tokens?: "jwt" | "opaque" | "jwt-without-exp";
  /** Id of the organization in every token. Default: `org-loopback`. */
  organization?: string;
  /** How far `iat` and `exp` are ahead. Default: 0. */
  clockSkewMs?: number;
  /** Secrets by client id, for client credentials. Default: none. */
  clients?: Record<string, string>;
  /**
   * `cloud-api` takes JSON bodies only and has no discovery; `standard`, the
   * default, takes form bodies only.
   */
  style?: "standard" | "cloud-api";
}

/** An endpoint at which something can go wrong. */
export type FaultyEndpoint = "discovery" | "device" | "token";

/** A running issuer. */
export interface LoopbackIssuer extends LoopbackServer {
  /** Every request so far, oldest first, also those that wait for an answer. */
  readonly requests: IssuerRequest[];
  /**
   * Plans a fault for the next answers of an endpoint, or takes back the planned
   * one.
   *
   * @param times how many answers; all of them by default
   */
  fault(
    endpoint: FaultyEndpoint,
    fault: IssuerFault | undefined,
    times?: number,
  ): void;
  /** Whether an access token was granted here and has not expired. */
  isValid(accessToken: string): boolean;
  /** How often tokens were granted, also in answers that a fault spoiled. */
  count(grant: string): number;
}

/** One request as the issuer saw it. */
export interface IssuerRequest {
  endpoint: FaultyEndpoint | "other";
  method: string;
  /** What a token request asked for: its grant type without the URN. */
  grant?: string;
  /** The text fields of the body. Holds secrets as they came. */
  body: Record<string, string>;
  /** The media type as it came; `""` when there was none. */
  contentType: string;
}

const ENDPOINTS: Readonly<Record<string, FaultyEndpoint>> = {
  "/.well-known/openid-configuration": "discovery",
  "/oauth/device/code": "device",
  "/oauth/token": "token",
};

/** Starts an issuer. */
export function startLoopbackIssuer(
  options: LoopbackIssuerOptions = {},
): LoopbackIssuer {
  const { device = {}, style = "standard" } = options;
  const issuer = embeddedIssuer({ ...options, interval: device.interval });
  const requests: IssuerRequest[] = [];
  const faults = new Map<string, { fault: IssuerFault; timesLeft: number }>();
  const counts = new Map<string, number>();
  const closing = new AbortController();
  const signIns = signInsThatEnd(device);
  const leeway = refreshLeeway(options.refreshLeewaySeconds ?? 0);
  /** The embedded issuer's own access token by the one handed out. */
  const originals = new Map<string, string>();

  const server = serveLoopback(async (request) => {
    const record = await recordRequest(request, style);
    requests.push(record);
    const { origin: issuerUrl } = new URL(request.url);
    const answer = () => answerCounted(request.url, record);
    const planned = faults.get(record.endpoint);
    if (!planned || planned.timesLeft <= 0) return await answer();
    planned.timesLeft--;
    const place = { issuerUrl, closing: closing.signal };
    return await answerWithFault(planned.fault, place, answer);
  });

  async function answerCounted(
    url: string,
    record: IssuerRequest,
  ): Promise<Response> {
    if (record.endpoint === "discovery" && style === "cloud-api") {
      return new Response(null, { status: 404 });
    }
    const fields = { ...record.body };
    if (options.refreshTokens === false && fields.scope !== undefined) {
      fields.scope = fields.scope.replace(" offline_access", "");
    }
    const response = signIns.refusal(url, fields) ??
      await answerGrant(url, record, leeway.exchange(fields));
    const body = parseObject(await response.clone().text());
    if (!response.ok || !body) return response;
    if (record.endpoint === "device") return signIns.started(body);
    if (record.endpoint !== "token") return response;
    const { grant = "" } = record;
    counts.set(grant, (counts.get(grant) ?? 0) + 1);
    leeway.granted(record.body, body);
    const original = String(body.access_token);
    const token = otherToken(original, options);
    originals.set(token, original);
    return oauthAnswer({ ...body, access_token: token });
  }

  async function answerGrant(
    url: string,
    { method, grant }: IssuerRequest,
    fields: Record<string, string>,
  ): Promise<Response> {
    if (grant !== "client_credentials") {
      const body = method === "GET" ? undefined : new URLSearchParams(fields);
      return await issuer.handle(new Request(url, { method, body }));
    }
    const { client_id, client_secret, audience, scope = "" } = fields;
    if (!Object.hasOwn(options.clients ?? {}, client_id)) {
      return oauthError("invalid_client", "Unknown client", 401);
    }
    if (options.clients?.[client_id] !== client_secret) {
      return oauthError("invalid_client", "Wrong client secret", 401);
    }
    return issuer.grant({
      iss: new URL(url).origin,
      sub: `${client_id}@clients`,
      aud: audience,
      azp: client_id,
      scope,
    });
  }

  async function close(): Promise<void> {
    closing.abort();
    await server.close();
  }

  return {
    url: server.url,
    requests,
    fault(endpoint, fault, times = Infinity) {
      if (fault === undefined) faults.delete(endpoint);
      else faults.set(endpoint, { fault, timesLeft: times });
    },
    isValid: (token) => issuer.isValid(originals.get(token) ?? ""),
    count: (grant) => counts.get(grant) ?? 0,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function recordRequest(
  request: Request,
  style: "standard" | "cloud-api",
): Promise<IssuerRequest> {
  const text = await request.text();
  const body: Record<string, string> = style === "cloud-api"
    ? Object.fromEntries(
      Object.entries(parseObject(text) ?? {}).map(([k, v]) => [k, String(v)]),
    )
    : Object.fromEntries(new URLSearchParams(text));
  return {
    endpoint: ENDPOINTS[new URL(request.url).pathname] ?? "other",
    method: request.method,
    grant: body.grant_type?.replace(/^.*:/, ""),
    body,
    contentType: request.headers.get("content-type") ?? "",
  };
}

/** Sign-ins that need not end with tokens. */
function signInsThatEnd(
  { outcome = "approve", expiresIn = 900 }: NonNullable<
    LoopbackIssuerOptions["device"]
  >,
) {
  const waiting = new Map<string, { userCode: string; expiresAt: number }>();
  const approved = new Set<string>();
  return {
    /** Notes the codes of a new one. */
    started(codes: Record<string, unknown>): Response {
      waiting.set(String(codes.device_code), {
        userCode: String(codes.user_code),
        expiresAt: Date.now() + expiresIn * 1000,
      });
      return oauthAnswer({ ...codes, expires_in: expiresIn });
    },
    /** What a poll is told in place of an approval. */
    refusal(
      url: string,
      { device_code }: Record<string, string>,
    ): Response | undefined {
      const visited = new URL(url).searchParams.get("user_code");
      if (visited !== null) approved.add(visited);
      const signIn = waiting.get(device_code);
      if (!signIn) return undefined;
      if (outcome === "deny") {
        return oauthError("access_denied", "The user denied the sign-in");
      }
      if (outcome === "expire" || Date.now() >= signIn.expiresAt) {
        return oauthError("expired_token", "The device code has expired");
      }
      if (outcome === "approve" || approved.has(signIn.userCode)) {
        return undefined;
      }
      return oauthError("authorization_pending", "The user has yet to decide");
    },
  };
}

/** Lets a refresh token live on for a while after it was replaced. */
function refreshLeeway(seconds: number) {
  const successors = new Map<string, { token: string; until: number }>();
  return {
    /** The fields with the token that is good now, within the leeway. */
    exchange(fields: Record<string, string>): Record<string, string> {
      const next = successors.get(fields.refresh_token);
      return next && Date.now() < next.until
        ? { ...fields, refresh_token: next.token }
        : fields;
    },
    /** Notes which token replaced the one that a request showed. */
    granted(
      { refresh_token }: Record<string, string>,
      answer: Record<string, unknown>,
    ): void {
      if (refresh_token === undefined) return;
      const token = String(answer.refresh_token);
      successors.set(refresh_token, {
        token,
        until: Date.now() + seconds * 1000,
      });
    },
  };
}

/** The token that is handed out in place of the embedded issuer's. */
function otherToken(
  original: string,
  { tokens, organization, clockSkewMs = 0 }: LoopbackIssuerOptions,
): string {
  if (tokens === "opaque") return `opaque_${crypto.randomUUID()}`;
  const { iat, exp, ...claims } = jwtClaims(original) ?? {};
  const skewed = (time: unknown) => Number(time) + clockSkewMs / 1000;
  return fakeJwt({
    ...claims,
    ...(organization && { [ORGANIZATION_CLAIM]: organization }),
    iat: skewed(iat),
    exp: tokens === "jwt-without-exp" ? undefined : skewed(exp),
  });
}
