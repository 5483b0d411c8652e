/**
 * The errors of the proxy, one table for both upstream dialects.
 *
 * @module
 */

/**
 * HTTP status by error type, from https://docs.claude.com/en/api/errors.
 * Claude Code reads the type and shows the message to its user.
 */
const STATUS = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  api_error: 500,
} as const;

/** The `error.type` of an error in the shape of the Anthropic API. */
export type AnthropicErrorType = keyof typeof STATUS;

/** An answer `{"type":"error","error":{"type","message"}}` with its status. */
export function anthropicError(
  type: AnthropicErrorType,
  message: string,
): Response {
  return Response.json({ type: "error", error: { type, message } }, {
    status: STATUS[type],
  });
}
