/**
 * Provider metadata from the AI gateway: Connect protocol, unary, JSON.
 *
 * @module
 */

import type { JsonObject } from "../base/json_object.ts";
import { parseProvider, type Provider } from "./provider.ts";
import { printable } from "../base/printable.ts";
import { requestJson } from "../system/request_json.ts";
import type { Sys } from "../system/sys.ts";

const SERVICE = "redpanda.api.adp.v1alpha1.LLMProviderService";

/** Bound on one request to the gateway by default, in milliseconds. */
export const GATEWAY_TIMEOUT_MS = 5_000;

/** Most pages of a provider list that are followed. */
const MAX_PAGES = 200;

/** How long a whole list may take, in multiples of that bound. */
const LIST_BOUNDS = 4;

/** Why a metadata call failed. */
export interface LookupFailure {
  kind: "permission_denied" | "not_found" | "unauthenticated" | "unavailable";
  message: string;
}

export type Lookup = { kind: "provider"; provider: Provider } | LookupFailure;

/** The gateway, and the token to ask with. */
export interface GatewayClient {
  /** Base URL without a trailing slash. */
  gatewayUrl: string;
  /** Redpanda token; absent with auth mode `none`. */
  token?: string;
  /** Bound on one request, in milliseconds. */
  timeoutMs?: number;
}

/** Reads one provider. Never throws: what went wrong is in the result. */
export async function getProvider(
  client: GatewayClient,
  name: string,
  sys: Pick<Sys, "fetch">,
): Promise<Lookup> {
  const answer = await call(client, "GetLLMProvider", { name }, sys);
  if (answer.kind !== "ok") return answer;
  const provider = parseProvider(answer.body.llmProvider);
  return provider === undefined
    ? unavailable(client, "the answer holds no llmProvider record")
    : { kind: "provider", provider };
}

export type Listing =
  | {
    kind: "providers";
    /** Each name once. */
    providers: Provider[];
    /** Set when the list was cut off: too many pages, or too slow. */
    partial?: true;
  }
  | LookupFailure;

/** Reads all providers, page by page. Never throws. */
export async function listProviders(
  client: GatewayClient,
  sys: Pick<Sys, "fetch" | "now">,
): Promise<Listing> {
  const byName = new Map<string, Provider>();
  const pages = new Set<string>();
  const { timeoutMs = GATEWAY_TIMEOUT_MS } = client;
  const end = sys.now() + LIST_BOUNDS * timeoutMs;
  let pageToken = "";
  // A gateway that repeats a page token would be followed for ever.
  while (!pages.has(pageToken) && pages.size < MAX_PAGES && sys.now() < end) {
    pages.add(pageToken);
    const request = { pageSize: 100, pageToken };
    const answer = await call(client, "ListLLMProviders", request, sys);
    if (answer.kind !== "ok") return answer;
    const { llmProviders, nextPageToken } = answer.body;
    for (const record of Array.isArray(llmProviders) ? llmProviders : []) {
      const provider = parseProvider(record);
      if (provider !== undefined && !byName.has(provider.name)) {
        byName.set(provider.name, provider);
      }
    }
    if (typeof nextPageToken !== "string" || nextPageToken === "") {
      return { kind: "providers", providers: [...byName.values()] };
    }
    pageToken = nextPageToken;
  }
  return { kind: "providers", providers: [...byName.values()], partial: true };
}

type CallAnswer = { kind: "ok"; body: JsonObject } | LookupFailure;

async function call(
  client: GatewayClient,
  method: string,
  request: unknown,
  sys: Pick<Sys, "fetch">,
): Promise<CallAnswer> {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "connect-protocol-version": "1",
  };
  if (client.token !== undefined) {
    headers.authorization = `Bearer ${client.token}`;
  }
  const answer = await requestJson(
    `${client.gatewayUrl}/${SERVICE}/${method}`,
    { method: "POST", headers, body: JSON.stringify(request) },
    client.timeoutMs ?? GATEWAY_TIMEOUT_MS,
    sys,
  );
  if (answer.kind === "none") return unavailable(client, answer.reason);
  const { status, location, body, shown } = answer;
  if (status >= 300 && status < 400) {
    return unavailable(
      client,
      `it redirects (${status}) to ${printable(location ?? "nowhere")}`,
    );
  }
  if (body === undefined) {
    const reason = `not a gateway answer: status ${status}, "${shown}"`;
    return unavailable(client, reason + pathHint(client));
  }
  if (status === 200) return { kind: "ok", body };
  const message = printable(
    typeof body.message === "string" ? body.message : `status ${status}`,
  );
  switch (body.code) {
    case "unauthenticated":
    case "permission_denied":
    case "not_found":
      return { kind: body.code, message };
  }
  const code = typeof body.code === "string" ? printable(body.code) : "no code";
  const reason = `status ${status}, ${code}: ${message}`;
  return unavailable(client, reason + (body.code ? "" : pathHint(client)));
}

/** What to try when something else than a gateway answers below a path. */
function pathHint({ gatewayUrl }: GatewayClient): string {
  const { origin, pathname } = new URL(gatewayUrl);
  return pathname === "/" ? "" : `; try it without the path: ${origin}`;
}

function unavailable(client: GatewayClient, reason: string): LookupFailure {
  return { kind: "unavailable", message: `${client.gatewayUrl}: ${reason}` };
}
