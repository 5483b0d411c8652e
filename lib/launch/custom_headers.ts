/**
 * `ANTHROPIC_CUSTOM_HEADERS`: one `Name: value` a line, added by Claude Code to
 * every request.
 *
 * @module
 */

import type { Mode } from "../gateway/mode.ts";

/** The header that authenticates the organization in passthrough mode. */
export const GATEWAY_HEADER = "X-Redpanda-Cloud-Token";

const CREDENTIALS = [
  "authorization",
  "x-api-key",
  GATEWAY_HEADER.toLowerCase(),
];

/** Between two neighbours only (RFC 9110, 7.6.1). */
export const HOP_BY_HOP: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * What the launch and the connection decide: credentials, where a request goes
 * and where it ends, and for whom it is sent.
 */
const RESERVED = [
  ...[...CREDENTIALS, ...HOP_BY_HOP],
  ...["cookie", "host", "content-length", "expect", "forwarded"],
];
const RESERVED_PREFIX = /^(?:proxy|x-forwarded)-/;

/** A header name (RFC 9110, 5.6.2); anything else breaks the request. */
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

export const CUSTOM_HEADERS = "ANTHROPIC_CUSTOM_HEADERS";

/** Lower-case header names in the variable's text. */
export function headerNames(text: string): string[] {
  return lines(text).map(headerName);
}

/** Whether a header is not the user's to set, or its name is not valid. */
export function isReservedHeader(name: string): boolean {
  return RESERVED.includes(name) || RESERVED_PREFIX.test(name) ||
    !NAME.test(name);
}

/**
 * Whether the relay leaves a credential of the client's own as it is: in
 * passthrough that is the subscription login.
 */
export function passesRelay(name: string, mode: Mode): boolean {
  return !CREDENTIALS.includes(name) ||
    mode === "passthrough" && name !== GATEWAY_HEADER.toLowerCase();
}

/**
 * The user's lines without the reserved ones, plus the gateway's own.
 *
 * @example
 * ```ts
 * import { mergeHeaders } from "./custom_headers.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   mergeHeaders("X-Team: a\nAuthorization: Bearer x", "tok"),
 *   { text: "X-Team: a\nX-Redpanda-Cloud-Token: tok", dropped: ["authorization"] },
 * );
 * ```
 */
export function mergeHeaders(
  text: string | undefined,
  gatewayToken: string | undefined,
): { text: string; dropped: string[] } {
  const all = lines(text ?? "");
  const kept = all.filter((line) => !isReservedHeader(headerName(line)));
  const dropped = all.map(headerName).filter(isReservedHeader);
  if (gatewayToken !== undefined) {
    kept.push(`${GATEWAY_HEADER}: ${gatewayToken}`);
  }
  return { text: kept.join("\n"), dropped };
}

function lines(text: string): string[] {
  return text.split(/\r?\n|\r/).filter((line) => line.trim() !== "");
}

function headerName(line: string): string {
  return line.split(":")[0].trim().toLowerCase();
}
