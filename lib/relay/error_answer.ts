/**
 * What the relay answers by itself, in words and shape that Claude Code shows
 * and acts on: it tries again after a 5xx.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import type { Mode } from "../gateway/mode.ts";
import { oneLine } from "../base/printable.ts";

/** Why there is no answer of the gateway. */
export type Trouble =
  /** Not this session's request: like a server that has nothing there. */
  | { kind: "not_found" }
  /** The gateway cannot be reached, or answers nonsense. */
  | { kind: "gateway"; reason: string }
  /** There is no token to send. */
  | { kind: "token"; error: unknown }
  /** The token was replaced, but the request cannot be repeated here. */
  | { kind: "again" }
  /** The provider's allow-list lacks the model. */
  | { kind: "model"; reason: string };

/**
 * The answer for a trouble.
 *
 * @example
 * ```ts
 * import { errorAnswer } from "./error_answer.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const answer = errorAnswer(
 *   { kind: "gateway", reason: "connection refused" },
 *   "managed",
 * );
 * assertEquals(answer.status, 502);
 * assertEquals(await answer.json(), {
 *   type: "error",
 *   error: {
 *     type: "api_error",
 *     message: "ai-claude relay: no answer from the gateway: connection refused",
 *   },
 * });
 * ```
 */
export function errorAnswer(trouble: Trouble, mode: Mode): Response {
  const { status, type, exception, text } = describe(trouble);
  const message = `ai-claude relay: ${oneLine(text)}`;
  const bedrock = mode === "bedrock";
  const body = bedrock
    ? { message }
    : { type: "error", error: { type, message } };
  return Response.json(body, {
    status,
    headers: {
      "cache-control": "no-store",
      ...status >= 500 ? { "x-should-retry": "true" } : {},
      ...bedrock ? { "x-amzn-errortype": exception } : {},
    },
  });
}

function describe(
  trouble: Trouble,
): { status: number; type: string; exception: string; text: string } {
  const unavailable = {
    status: 503,
    type: "api_error",
    exception: "ServiceUnavailableException",
  };
  switch (trouble.kind) {
    case "not_found":
      return {
        status: 404,
        type: "not_found_error",
        exception: "ResourceNotFoundException",
        text: "not found",
      };
    case "gateway":
      return {
        ...unavailable,
        status: 502,
        text: `no answer from the gateway: ${trouble.reason}`,
      };
    case "token": {
      const { error } = trouble;
      const known = error instanceof CliError;
      const hint = known && error.hint ? ` (${error.hint})` : "";
      const reason = known ? error.message : "it could not be refreshed";
      return { ...unavailable, text: `no gateway token: ${reason}${hint}` };
    }
    case "model":
      // Claude Code repeats a 403 for minutes in silence, and shows a 400 at
      // once (2.1.332).
      return {
        status: 400,
        type: "invalid_request_error",
        exception: "ValidationException",
        text: `${trouble.reason}: name an allowed model with -m`,
      };
    case "again":
      return { ...unavailable, text: "the gateway token was refreshed: retry" };
  }
}
