/**
 * Answers in the shape of OAuth 2.0.
 *
 * @module
 */

import type { JsonObject } from "../../base/json_object.ts";

/**
 * HTTP status by error code, from RFC 6749 section 5.2 and RFC 8628 section 3.5;
 * `server_error` is what a client may expect with a 5xx.
 */
const STATUS = {
  access_denied: 400,
  authorization_pending: 400,
  expired_token: 400,
  invalid_client: 401,
  invalid_grant: 400,
  invalid_request: 400,
  server_error: 500,
  slow_down: 400,
  unsupported_grant_type: 400,
} as const;

/** The `error` of an OAuth answer. */
export type OAuthErrorCode = keyof typeof STATUS;

/** A JSON answer that must not be cached: it may hold a credential. */
export function oauthAnswer(body: JsonObject, status = 200): Response {
  return Response.json(body, {
    status,
    headers: { "cache-control": "no-store" },
  });
}

/** An answer `{"error","error_description"}`, by default with the code's status. */
export function oauthError(
  error: OAuthErrorCode,
  description: string,
  status: number = STATUS[error],
): Response {
  return oauthAnswer({ error, error_description: description }, status);
}
