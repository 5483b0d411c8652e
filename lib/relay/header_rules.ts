/**
 * Which headers pass the relay: all end-to-end ones, but for the gateway's
 * credential. Pure.
 *
 * @module
 */

import {
  GATEWAY_HEADER,
  HOP_BY_HOP,
  isReservedHeader,
  passesRelay,
} from "../launch/custom_headers.ts";
import type { Mode } from "../gateway/mode.ts";
import { NO_TOKEN } from "../auth/token.ts";

/** What the relay's own connection to the gateway decides. */
const OF_THE_CONNECTION = ["host", "expect"];

/**
 * A request's headers as the gateway gets them. A body is asked for without an
 * encoding: `fetch` decodes every other one (Deno 2.9.6).
 *
 * @param token absent with auth mode `none`
 *
 * @example
 * ```ts
 * import { requestHeaders } from "./header_rules.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const sent = new Headers({
 *   authorization: "Bearer mine",
 *   connection: "x-hop",
 *   "x-hop": "1",
 * });
 * assertEquals([...requestHeaders(sent, "passthrough", "tok")], [
 *   ["accept-encoding", "identity"],
 *   ["authorization", "Bearer mine"],
 *   ["x-redpanda-cloud-token", "tok"],
 * ]);
 * assertEquals([...requestHeaders(sent, "managed", "tok")], [
 *   ["accept-encoding", "identity"],
 *   ["authorization", "Bearer tok"],
 * ]);
 * ```
 */
export function requestHeaders(
  headers: Headers,
  mode: Mode,
  token: string | undefined,
): Headers {
  const kept = endToEnd(headers).filter(([name]) =>
    !OF_THE_CONNECTION.includes(name) && passesRelay(name, mode)
  );
  const sent = new Headers(kept);
  sent.set("accept-encoding", "identity");
  if (mode !== "passthrough") {
    sent.set("authorization", `Bearer ${token ?? NO_TOKEN}`);
  } else if (token !== undefined) sent.set(GATEWAY_HEADER, token);
  return sent;
}

/** An answer's headers as the client gets them. */
export function responseHeaders(headers: Headers): Headers {
  return new Headers(endToEnd(headers));
}

/**
 * Whether it was the gateway that refused the token, and not the provider behind
 * it that refused the user's login: Anthropic and AWS put a request id of their
 * own on every answer.
 */
export function isGatewayRefusal(
  { status, headers }: Pick<Response, "status" | "headers">,
): boolean {
  return status === 401 && !headers.has("request-id") &&
    !headers.has("x-amzn-requestid");
}

function endToEnd(headers: Headers): [string, string][] {
  const named = (headers.get("connection") ?? "").toLowerCase().split(",")
    .map((name) => name.trim());
  return [...headers].filter(([name]) =>
    !HOP_BY_HOP.includes(name) && (!named.includes(name) || isKept(name))
  );
}

/** Whether a header stays whatever `Connection` says: framing, credentials. */
function isKept(name: string): boolean {
  return name === "content-length" || isReservedHeader(name);
}
