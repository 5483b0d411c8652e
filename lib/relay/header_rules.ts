/**
 * Which headers pass the relay: all end-to-end ones as they came, but for the
 * gateway's credential. Pure; headers are flat lists of names and values, which
 * keep their order, spelling and repetitions.
 *
 * @module
 */

import { GATEWAY_HEADER, passesRelay } from "../launch/custom_headers.ts";
import type { Mode } from "../gateway/mode.ts";
import { NO_TOKEN } from "../auth/token.ts";

/** Names and values in turn. */
export type RawHeaders = readonly string[];

/** Between two neighbours only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What the relay's own connection to the gateway decides. */
const OF_THE_CONNECTION = new Set(["host", "expect"]);

/** The values of a header, in lower case or not. */
export function headerValues(headers: RawHeaders, name: string): string[] {
  return pairs(headers).filter(([key]) => key.toLowerCase() === name)
    .map(([, value]) => value);
}

/**
 * A request's headers as the gateway gets them.
 *
 * @param token absent with auth mode `none`
 *
 * @example
 * ```ts
 * import { requestHeaders } from "./header_rules.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const sent = ["Authorization", "Bearer mine", "Connection", "X-Hop", "X-Hop", "1"];
 * assertEquals(requestHeaders(sent, "passthrough", "tok"), [
 *   ...["Authorization", "Bearer mine"],
 *   ...["X-Redpanda-Cloud-Token", "tok"],
 * ]);
 * assertEquals(requestHeaders(sent, "managed", "tok"), [
 *   ...["Authorization", "Bearer tok"],
 * ]);
 * ```
 */
export function requestHeaders(
  headers: RawHeaders,
  mode: Mode,
  token: string | undefined,
): string[] {
  const kept = endToEnd(headers).filter(([key]) => {
    const name = key.toLowerCase();
    return !OF_THE_CONNECTION.has(name) && passesRelay(name, mode);
  });
  if (mode !== "passthrough") {
    kept.push(["Authorization", `Bearer ${token ?? NO_TOKEN}`]);
  } else if (token !== undefined) kept.push([GATEWAY_HEADER, token]);
  return kept.flat();
}

/** An answer's headers as the client gets them. */
export function responseHeaders(headers: RawHeaders): string[] {
  return endToEnd(headers).flat();
}

/**
 * Whether it was the gateway that refused the token, and not the provider behind
 * it that refused the user's login: Anthropic and AWS put a request id of their
 * own on every answer.
 */
export function isGatewayRefusal(
  status: number,
  headers: RawHeaders,
): boolean {
  return status === 401 &&
    ["request-id", "x-amzn-requestid"].every((name) =>
      headerValues(headers, name).length === 0
    );
}

function endToEnd(headers: RawHeaders): [string, string][] {
  const named = headerValues(headers, "connection")
    .flatMap((value) => value.split(","))
    .map((name) => name.trim().toLowerCase());
  return pairs(headers).filter(([key]) => {
    const name = key.toLowerCase();
    // A framing header stays, whatever `Connection` says.
    return !HOP_BY_HOP.has(name) &&
      (!named.includes(name) || name === "content-length");
  });
}

function pairs(headers: RawHeaders): [string, string][] {
  return Array.from(
    { length: Math.floor(headers.length / 2) },
    (_, at) => [headers[2 * at], headers[2 * at + 1]],
  );
}
