/**
 * The smallest request that a provider answers: one word for a model, and an
 * answer of one token.
 *
 * @module
 */

import type { ErrorCode } from "../base/errors.ts";
import { isObject, type JsonObject } from "../base/json_object.ts";
import { printable } from "../base/printable.ts";
import { type JsonAnswer, requestJson } from "../system/request_json.ts";
import type { Sys } from "../system/sys.ts";
import type { Mode } from "./mode.ts";

/** A request for one token. */
export interface Ping {
  /** The provider's proxy URL. */
  url: string;
  mode: Mode;
  model: string;
  /** The credentials. */
  headers: Record<string, string>;
  /** Bound on the answer, in milliseconds. */
  timeoutMs: number;
}

export interface PingFailure {
  /** As the gateway's protocol calls it: `permission_denied`, ... */
  code: string;
  /** What kind of failure this is for this program. */
  kind: ErrorCode;
  /** The provider's words. */
  message: string;
}

export type Pong = { ms: number } | { failure: PingFailure };

/** Codes of the protocol by HTTP status (https://connectrpc.com/docs/protocol/). */
const CODES: Readonly<Record<number, [code: string, kind: ErrorCode]>> = {
  400: ["invalid_argument", "failure"],
  401: ["unauthenticated", "unauthenticated"],
  403: ["permission_denied", "unauthenticated"],
  404: ["not_found", "not_found"],
  429: ["resource_exhausted", "failure"],
};

/** Sends it. Never throws: what went wrong is in the result. */
export async function ping(
  { url, mode, model, headers, timeoutMs }: Ping,
  sys: Pick<Sys, "fetch" | "now">,
): Promise<Pong> {
  const isBedrock = mode === "bedrock";
  const body = {
    ...isBedrock ? { anthropic_version: "bedrock-2023-05-31" } : { model },
    max_tokens: 1,
    messages: [{ role: "user", content: "ping" }],
  };
  const start = sys.now();
  const answer = await requestJson(
    isBedrock
      ? `${url}/model/${encodeURIComponent(model)}/invoke`
      : `${url}/v1/messages`,
    {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "anthropic-version": "2023-06-01",
        ...headers,
      },
      body: JSON.stringify(body),
    },
    timeoutMs,
    sys,
  );
  const ms = sys.now() - start;
  if (answer.kind === "none") return unavailable(answer.reason);
  const { status, location, body: said, shown } = answer;
  if (status >= 300 && status < 400) {
    const to = printable(location ?? "nowhere");
    return unavailable(`it redirects (${status}) to ${to}`);
  }
  if (said === undefined) {
    return unavailable(`not a gateway answer: status ${status}, "${shown}"`);
  }
  if (status !== 200) return { failure: refusal(answer, said) };
  return Array.isArray(said.content)
    ? { ms }
    : unavailable(`not a model's answer: "${shown}"`);
}

function refusal({ status }: JsonAnswer, said: JsonObject): PingFailure {
  const [code, kind] = CODES[status] ??
    (status >= 500
      ? ["unavailable", "unavailable"] as const
      : [`status_${status}`, "failure"] as const);
  const { message } = isObject(said.error) ? said.error : said;
  return {
    code,
    kind,
    message: printable(
      typeof message === "string" && message !== ""
        ? message
        : `status ${status}`,
    ),
  };
}

function unavailable(message: string): Pong {
  return { failure: { code: "unavailable", kind: "unavailable", message } };
}
