/**
 * One request's way through the relay and its answer's way back.
 *
 * @module
 */

import { isObject, parseObject } from "../base/json_object.ts";
import { printable } from "../base/printable.ts";
import type { Mode } from "../gateway/mode.ts";
import { fetchFailure } from "../system/request_json.ts";
import type { Connections } from "../system/sys.ts";
import { errorAnswer, type Trouble } from "./error_answer.ts";
import {
  isGatewayRefusal,
  requestHeaders,
  responseHeaders,
} from "./header_rules.ts";
import { stallTimer } from "./stall_timer.ts";
import type { TokenSupply } from "./token_supply.ts";

/** Where requests go, and with which token. */
export interface Destination {
  mode: Mode;
  /** The provider's proxy URL: requests go below it and nowhere else. */
  providerUrl: string;
  tokens: TokenSupply;
  connections: Connections;
  /**
   * How long to wait for the gateway's answer, and for each next piece of it, in
   * milliseconds.
   */
  stallMs?: number;
}

/** Longer than Claude Code itself waits. */
const STALL_MS = 11 * 60_000;

/** Largest head of an answer, in characters. */
const MAX_HEAD = 64 * 1024;

/** Largest refusal that is read, in bytes. */
const MAX_REFUSAL = 16 * 1024;

/** Largest body that is kept in case it must be sent again, in bytes. */
const KEPT = 1024 * 1024;

/**
 * Sends a request to a path below the provider's, and its answer back; in
 * trouble, an answer of the relay's own.
 */
export async function forward(
  request: Request,
  path: string,
  destination: Destination,
): Promise<Response> {
  using stack = new DisposableStack();
  try {
    const body = await requestBody(request);
    const timer = stack.use(stallTimer(destination.stallMs ?? STALL_MS));
    const signal = AbortSignal.any([request.signal, timer.signal]);
    const answer = await exchange(request, body, path, signal, destination);
    if (!(answer instanceof Response)) {
      return errorAnswer(answer, destination.mode);
    }
    const { status, headers } = answer;
    const init = { status, headers: responseHeaders(headers) };
    if (answer.body === null) return new Response(null, init);
    // The timer goes with the body from here.
    stack.move();
    return new Response(timer.watch(answer.body), init);
  } catch (error) {
    return errorAnswer(
      {
        kind: "gateway",
        reason: fetchFailure(error, destination.stallMs ?? STALL_MS),
      },
      destination.mode,
    );
  }
}

/** A small body whole, which can be sent again; a larger one as it comes. */
async function requestBody(request: Request) {
  const length = request.headers.get("content-length");
  if (length === null && !request.headers.has("transfer-encoding")) return null;
  const small = length !== null && Number(length) <= KEPT;
  return small && request.body !== null ? await request.bytes() : request.body;
}

/** Asks the gateway, and once more with another token if it refused the first. */
async function exchange(
  { method, headers }: Request,
  body:
    | Uint8Array<ArrayBuffer>
    | ReadableStream<Uint8Array<ArrayBuffer>>
    | null,
  path: string,
  signal: AbortSignal,
  { mode, providerUrl, tokens, connections }: Destination,
): Promise<Response | Trouble> {
  const send = (token: string | undefined) =>
    connections.fetch(providerUrl.replace(/\/+$/, "") + path, {
      method,
      headers: requestHeaders(headers, mode, token),
      body,
      redirect: "manual",
      signal,
    });
  let token: string | undefined;
  try {
    token = await tokens.current();
  } catch (error) {
    return { kind: "token", error };
  }
  let answer = await send(token);
  if (isGatewayRefusal(answer)) {
    let other: string | undefined;
    try {
      other = await tokens.replace(token);
    } catch (error) {
      await answer.body?.cancel();
      return { kind: "token", error };
    }
    // Without another one, the gateway's own words are as good as any.
    if (other !== undefined) {
      await answer.body?.cancel();
      if (body instanceof ReadableStream) return { kind: "again" };
      answer = await send(other);
    }
  }
  const refused = await modelRefusal(answer);
  if (refused !== undefined) return { kind: "model", reason: refused };
  const reason = unacceptable(answer);
  if (reason === undefined) return answer;
  await answer.body?.cancel();
  return { kind: "gateway", reason };
}

/** The gateway's words for a model that is not in its list; it says 403. */
async function modelRefusal(answer: Response): Promise<string | undefined> {
  const { status, headers } = answer;
  const length = Number(headers.get("content-length") ?? Infinity);
  if (status !== 403 || length > MAX_REFUSAL) return undefined;
  const { error } = parseObject(await answer.clone().text()) ?? {};
  if (!isObject(error) || error.type !== "model_not_allowed") return undefined;
  await answer.body?.cancel();
  return printable(String(error.message ?? "the model is not allowed"));
}

/** Why an answer must not reach the client, if it must not. */
function unacceptable({ status, headers }: Response): string | undefined {
  // Claude Code would follow it, with the prompt and perhaps the login.
  if (status >= 300 && status < 400 && status !== 304) {
    return `it redirects (${status})`;
  }
  const size = [...headers].join("").length;
  return size > MAX_HEAD
    ? `the head of its answer has ${size} characters`
    : undefined;
}
