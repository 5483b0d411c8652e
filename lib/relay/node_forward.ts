/**
 * One request's way through the relay and its answer's way back.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Mode } from "../gateway/mode.ts";
import { printable } from "../base/printable.ts";
import { errorAnswer, type Trouble } from "./error_answer.ts";
import {
  isGatewayRefusal,
  requestHeaders,
  responseHeaders,
} from "./header_rules.ts";
import { readBody, type RequestBody } from "./node_body.ts";
import type { Upstream, UpstreamAnswer } from "./node_upstream.ts";
import type { TokenSupply } from "./token_supply.ts";

/** Where requests go, and as whom. */
export interface Route {
  /** The mode of the launch. */
  mode: Mode;
  /** Connections to the gateway. */
  upstream: Upstream;
  /** The token. */
  tokens: TokenSupply;
  /** Is told of bytes that pass. */
  count(bytes: number): void;
}

/** Sends a request to a path of the gateway, and its answer back. */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  route: Route,
): Promise<void> {
  const { mode, count } = route;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  let body: RequestBody | undefined;
  try {
    body = await readBody(request, count);
    const answer = await exchange(request, body, path, gone.signal, route);
    if ("trouble" in answer) refuse(response, answer.trouble, mode);
    else {
      response.writeHead(answer.status, responseHeaders(answer.headers));
      response.flushHeaders();
      answer.body.on("data", (piece: Uint8Array) => count(piece.length));
      await pipeline(answer.body, response);
    }
  } catch (error) {
    // A part of an answer must not pass for the whole.
    if (gone.signal.aborted || response.headersSent) response.destroy();
    else refuse(response, { kind: "gateway", reason: reasonOf(error) }, mode);
  }
  await body?.drain();
}

/** Asks the gateway, and once more with another token if it refused the first. */
async function exchange(
  request: IncomingMessage,
  body: RequestBody,
  path: string,
  signal: AbortSignal,
  { mode, upstream, tokens }: Route,
): Promise<UpstreamAnswer | { trouble: Trouble }> {
  const send = (token: string | undefined) =>
    upstream.send({
      method: request.method ?? "GET",
      path,
      headers: requestHeaders(request.rawHeaders, mode, token),
      body: body.content,
      signal,
    });
  let token: string | undefined;
  try {
    token = await tokens.current();
  } catch (error) {
    return { trouble: { kind: "token", error } };
  }
  let answer = await send(token);
  if (isGatewayRefusal(answer.status, answer.headers)) {
    let other: string | undefined;
    try {
      other = await tokens.replace(token);
    } catch (error) {
      discard(answer.body);
      return { trouble: { kind: "token", error } };
    }
    // Without another one, the gateway's own words are as good as any.
    if (other !== undefined) {
      discard(answer.body);
      if (!body.repeatable) return { trouble: { kind: "again" } };
      answer = await send(other);
    }
  }
  const { status } = answer;
  if (status < 300 || status >= 400 || status === 304) return answer;
  discard(answer.body);
  // Claude Code would follow it, with the prompt and perhaps the login.
  return { trouble: { kind: "gateway", reason: `it redirects (${status})` } };
}

/** Answers a request without the gateway. */
export function refuse(
  response: ServerResponse,
  trouble: Trouble,
  mode: Mode,
): void {
  const { status, headers, body } = errorAnswer(trouble, mode);
  const length = String(new TextEncoder().encode(body).length);
  response.writeHead(status, [...headers, "Content-Length", length]);
  response.end(body);
}

function discard(body: Readable): void {
  body.on("error", () => {});
  body.destroy();
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const code = "code" in error ? `${error.code}: ` : "";
  return printable(`${code}${error.message}`);
}
