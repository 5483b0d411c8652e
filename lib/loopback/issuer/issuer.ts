/**
 * The embedded issuer: a real HTTP server on the loopback interface that signs
 * people and programs in as Redpanda's OAuth 2.0 issuer does. The demo and the
 * tests run against it.
 *
 * @module
 */

import { answerDevice, decide, type Decision } from "./device.ts";
import { answerDiscovery } from "./discovery.ts";
import type { IssuerFault } from "./fault_effects.ts";
import {
  answerWithFault,
  type FaultPlan,
  type FaultyEndpoint,
} from "./faults.ts";
import type { GrantName } from "./grant_name.ts";
import {
  hasBody,
  type IssuerRequest,
  recordRequest,
} from "./issuer_request.ts";
import { oauthError } from "./oauth_answer.ts";
import { issuerRules, type LoopbackIssuerOptions } from "./issuer_options.ts";
import { type IssuerState, issuerState } from "./state.ts";
import { answerToken } from "./token_endpoint.ts";
import { answerVerify } from "./verify_page.ts";

export type { IssuerFault } from "./fault_effects.ts";
export type { FaultyEndpoint } from "./faults.ts";
export type { GrantName } from "./grant_name.ts";
export type { IssuerRequest } from "./issuer_request.ts";
export type {
  DeviceOutcome,
  LoopbackDeviceOptions,
  LoopbackIssuerOptions,
} from "./issuer_options.ts";
export { ORGANIZATION_CLAIM } from "./tokens.ts";

/** A running embedded issuer. */
export interface LoopbackIssuer extends AsyncDisposable {
  /** The issuer: a base URL without a trailing slash. */
  readonly url: string;
  /** Every request so far, oldest first, also those that wait for an answer. */
  readonly requests: IssuerRequest[];
  /**
   * Plans a fault for the next answers of an endpoint that it can hit, or takes
   * back the planned one.
   *
   * @param times how many answers; all of them by default
   */
  fault(
    endpoint: FaultyEndpoint,
    fault: IssuerFault | undefined,
    times?: number,
  ): void;
  /**
   * Approves a sign-in as the person in the browser would; without a code, all
   * that wait.
   *
   * @throws {RangeError} when none waits
   */
  approve(userCode?: string): void;
  /** Denies a sign-in; otherwise as {@linkcode approve}. */
  deny(userCode?: string): void;
  /** Whether an access token was issued here and has not expired. */
  isValid(accessToken: string): boolean;
  /** How often tokens were granted, also in answers that a fault spoiled. */
  count(grant: GrantName): number;
  /** Stops the server and cuts off answers still being sent. */
  close(): Promise<void>;
}

const LOOPBACK = /^(localhost|127\.0\.0\.1)(:\d+)?$/i;

/** Starts an embedded issuer on a free port of `127.0.0.1`. */
export function startLoopbackIssuer(
  options: LoopbackIssuerOptions = {},
): LoopbackIssuer {
  const rules = issuerRules(options);
  const requests: IssuerRequest[] = [];
  const plan: FaultPlan = new Map();
  const aborter = new AbortController();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: options.port ?? 0,
    signal: aborter.signal,
    onListen() {},
    // A request that could not be read to its end; the default would print it.
    onError: () => oauthError("server_error", "the request broke off"),
  }, async (request): Promise<Response> => {
    const record = await recordRequest(request);
    requests.push(record);
    // A web page whose name was rebound to 127.0.0.1 still sends its own name.
    const isLocal = LOOPBACK.test(request.headers.get("host") ?? "");
    const response = isLocal
      ? await answerWithFault(
        record.endpoint,
        plan,
        { issuerUrl: url, closing: aborter.signal },
        () => answer(record, state),
      )
      : oauthError("invalid_request", "not a loopback Host", 403);
    if (!aborter.signal.aborted) record.status = response.status;
    return response;
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  const state = issuerState(url, rules);

  function decideOrThrow(decision: Decision, userCode?: string): void {
    if (decide(state, decision, userCode) > 0) return;
    const which = userCode === undefined ? "" : ` with code "${userCode}"`;
    throw new RangeError(`Cannot ${decision}: no sign-in${which} waits`);
  }

  async function close(): Promise<void> {
    // Not `shutdown()`, see the embedded gateway.
    aborter.abort();
    await server.finished;
  }

  return {
    url,
    requests,
    fault(endpoint, fault, times = Infinity) {
      if (fault === undefined) plan.delete(endpoint);
      else plan.set(endpoint, { fault, timesLeft: times });
    },
    approve: (userCode) => decideOrThrow("approve", userCode),
    deny: (userCode) => decideOrThrow("deny", userCode),
    isValid: (token) => rules.now() < (state.accessTokens.get(token) ?? 0),
    count: (grant) => state.granted.get(grant) ?? 0,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** An endpoint: its only method and how it answers. */
interface Endpoint {
  method: "GET" | "POST";
  answer: (record: IssuerRequest, state: IssuerState) => Response;
}

const ENDPOINTS: Readonly<Record<IssuerRequest["endpoint"], Endpoint | null>> =
  {
    discovery: { method: "GET", answer: answerDiscovery },
    device: { method: "POST", answer: answerDevice },
    token: { method: "POST", answer: answerToken },
    verify: { method: "GET", answer: answerVerify },
    other: null,
  };

function answer(record: IssuerRequest, state: IssuerState): Response {
  const endpoint = ENDPOINTS[record.endpoint];
  if (!endpoint) {
    return oauthError("invalid_request", "not a path of the issuer", 404);
  }
  const { method } = endpoint;
  if (record.method !== method) {
    return oauthError("invalid_request", `only ${method} is allowed`, 405);
  }
  const format = state.rules.style === "cloud-api" ? "json" : "form";
  if (method === "POST" && !hasBody(record, format)) {
    return oauthError("invalid_request", `the body is not ${format}`, 415);
  }
  return endpoint.answer(record, state);
}
