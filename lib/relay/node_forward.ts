/**
 * One request's way through the relay and its answer's way back.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
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
  /** Is told of bytes that pass. */
  count(bytes: number): void;
}

/** Largest body that is kept in case it must be sent again, in bytes. */
const KEPT_BODY = 1024 * 1024;

/** Sends a request to a path of the gateway, and its answer back. Never rejects. */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  { mode, upstream, tokens, count }: Route,
): Promise<void> {
  const gone = new AbortController();
  /** Reads what the gateway did not want to read of the request. */
  let drain: (() => Promise<void>) | undefined;
  response.once("close", () => gone.abort());
  try {
    const answer = await exchange(request, path, gone.signal);
    if ("trouble" in answer) return refuse(response, answer.trouble, mode);
    const { status, headers, body } = answer;
    response.writeHead(status, responseHeaders(headers));
    response.flushHeaders();
    body.on("data", (piece: Uint8Array) => count(piece.length));
    await pipeline(body, response);
    await drain?.();
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
    const body = await readBody(request, count);
    if (body !== null && !(body instanceof Uint8Array)) {
      drain = async () => {
        await body.return(undefined);
        request.on("data", (piece: Uint8Array) => count(piece.length));
      };
    }
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
        if (body !== null && !(body instanceof Uint8Array)) {
          return { trouble: { kind: "again" } };
        }
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

/** A small body whole, so that it can be sent again; else as it comes. */
async function readBody(
  request: IncomingMessage,
  count: (bytes: number) => void,
): Promise<Uint8Array | AsyncGenerator<Uint8Array> | null> {
  const { "content-length": length, "transfer-encoding": encoding } =
    request.headers;
  if (length === undefined && encoding === undefined) return null;
  if (length === undefined || Number(length) > KEPT_BODY) {
    return pieces(request, count);
  }
  const whole = new Uint8Array(Number(length));
  let at = 0;
  for await (const piece of pieces(request, count)) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Not the request itself: ending that would end the client's connection. */
async function* pieces(
  request: IncomingMessage,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    count(piece.length);
    yield piece;
  }
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
