/**
 * One request's way through the relay and its answer's way back.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Mode } from "../mode.ts";
import { printable } from "../printable.ts";
import { errorAnswer, type Trouble } from "./error_answer.ts";
import {
  isGatewayRefusal,
  requestHeaders,
  responseHeaders,
} from "./header_rules.ts";
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
}

/** Largest body that is kept in case it must be sent again, in bytes. */
const KEPT_BODY = 1024 * 1024;

/** Sends a request to a path of the gateway, and its answer back. Never rejects. */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  { mode, upstream, tokens }: Route,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    const answer = await exchange(request, path, gone.signal);
    if ("trouble" in answer) return refuse(response, answer.trouble, mode);
    const { status, headers, body } = answer;
    response.writeHead(status, responseHeaders(headers));
    response.flushHeaders();
    await pipeline(body, response);
  } catch (error) {
    if (gone.signal.aborted || response.headersSent) response.destroy();
    else refuse(response, { kind: "gateway", reason: reasonOf(error) }, mode);
  }

  async function exchange(
    request: IncomingMessage,
    path: string,
    signal: AbortSignal,
  ): Promise<UpstreamAnswer | { trouble: Trouble }> {
    let token: string | undefined;
    try {
      token = await tokens.current();
    } catch (error) {
      return { trouble: { kind: "token", error } };
    }
    const body = await readBody(request);
    const send = (token: string | undefined) =>
      upstream.send({
        method: request.method ?? "GET",
        path,
        headers: requestHeaders(request.rawHeaders, mode, token),
        body,
        signal,
      });
    let answer = await send(token);
    if (isGatewayRefusal(answer.status, answer.headers)) {
      let other: string | undefined;
      try {
        other = await tokens.replace(token);
      } catch (error) {
        discard(answer.body);
        return { trouble: { kind: "token", error } };
      }
      if (other !== undefined) {
        discard(answer.body);
        if (body instanceof PassThrough) return { trouble: { kind: "again" } };
        answer = await send(other);
      }
    }
    const { status } = answer;
    if (!redirects(status)) return answer;
    discard(answer.body);
    // Claude Code would follow it, with the prompt and perhaps the login.
    return {
      trouble: { kind: "gateway", reason: `it redirects (${status})` },
    };
  }
}

/** Answers a request without the gateway, and reads no more of it. */
export function refuse(
  response: ServerResponse,
  trouble: Trouble,
  mode: Mode,
): void {
  const { status, headers, body } = errorAnswer(trouble, mode);
  const length = new TextEncoder().encode(body).length;
  const whole = ["Content-Length", String(length), "Connection", "close"];
  response.writeHead(status, [...headers, ...whole]);
  response.end(body);
}

function redirects(status: number): boolean {
  return status >= 300 && status < 400 && status !== 304;
}

/**
 * A small body whole, so that it can be sent again; else a stream. The stream is
 * not the request itself: ending that would end the client's connection.
 */
async function readBody(
  request: IncomingMessage,
): Promise<Uint8Array | Readable | null> {
  const length = request.headers["content-length"];
  if (length === undefined && !request.headers["transfer-encoding"]) {
    return null;
  }
  if (Number(length) <= KEPT_BODY) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const whole = new Uint8Array(Number(length));
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }
  const body = new PassThrough();
  // The client's going away ends it without its end: nothing half is complete.
  request.once("error", (error) => body.destroy(error));
  body.once("close", () => {
    request.unpipe(body);
    request.resume();
  });
  body.on("error", () => {});
  return request.pipe(body);
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
