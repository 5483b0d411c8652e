/**
 * The relay's connections to the gateway. `undici` and not `fetch`, which
 * decompresses every body and adds headers of its own (Deno 2.9.6).
 *
 * @module
 */

import type { Readable } from "node:stream";
import { Agent, type Dispatcher, EnvHttpProxyAgent } from "undici";
import { isLoopback } from "../base/loopback_host.ts";
import type { RawHeaders } from "./header_rules.ts";
import { fetchUpstream } from "./node_fetch.ts";

/** How long the gateway is waited for, in milliseconds. */
export interface UpstreamBounds {
  /** For a connection. */
  connectMs: number;
  /** For the next byte of an answer; longer than Claude Code itself waits. */
  stallMs: number;
}

/** The bounds of a session. */
export const UPSTREAM_BOUNDS: UpstreamBounds = {
  connectMs: 10_000,
  stallMs: 11 * 60_000,
};

/** A request for the gateway. */
export interface UpstreamRequest {
  /** The method. */
  method: string;
  /** Path with the query. */
  path: string;
  /** Names and values in turn. */
  headers: string[];
  /** The body, whole or as it comes. */
  body: Uint8Array | AsyncIterable<Uint8Array> | null;
  /** Ends it. */
  signal: AbortSignal;
}

/** An answer of the gateway, its body still to be read, as it was encoded. */
export interface UpstreamAnswer {
  /** HTTP status. */
  status: number;
  /** Names and values in turn. */
  headers: RawHeaders;
  /** The body. */
  body: Readable;
}

/** Connections to one origin. */
export interface Upstream {
  /** Sends a request; rejects when no answer begins. */
  send(request: UpstreamRequest): Promise<UpstreamAnswer>;
  /** Cuts all connections. */
  destroy(): void;
}

/** Largest head of an answer, in bytes. */
const MAX_HEAD = 64 * 1024;

/** How long an idle connection is kept for the next request, in milliseconds. */
const IDLE_MS = 30_000;

/** What the handshake fails with where HTTP/1.1 is not spoken. */
const NO_HTTP1 = "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL";

/**
 * Opens connections as they are needed, through the user's proxy as `fetch`
 * would, but never to this machine. HTTP/1.1, and HTTP/2 only where the gateway
 * has nothing else.
 */
export function connectUpstream(
  gateway: URL,
  env: Readonly<Record<string, string>>,
  { connectMs, stallMs }: UpstreamBounds,
): Upstream {
  const options = {
    allowH2: false,
    connectTimeout: connectMs,
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
    keepAliveTimeout: IDLE_MS,
    maxHeaderSize: MAX_HEAD,
  };
  const { origin } = gateway;
  const http1: Dispatcher = isLoopback(gateway)
    ? new Agent(options)
    : new EnvHttpProxyAgent({ ...options, ...proxies(env) });
  let onlyHttp2 = false;

  async function request(
    { method, path, headers, body, signal }: UpstreamRequest,
  ): Promise<UpstreamAnswer> {
    const answer = await http1.request({
      origin,
      method: method as Dispatcher.HttpMethod,
      path,
      headers,
      body: body as Uint8Array | Readable | null,
      signal,
      responseHeaders: "raw",
    });
    return {
      status: answer.statusCode,
      headers: answer.headers as unknown as string[],
      body: answer.body,
    };
  }

  return {
    send: async (wanted) => {
      if (onlyHttp2) return await fetchUpstream(origin, wanted);
      return await request(wanted).catch((error) => {
        if (error?.code !== NO_HTTP1) throw error;
        // Nothing was sent: the body is as it was.
        onlyHttp2 = true;
        return fetchUpstream(origin, wanted);
      });
    },
    destroy: () => void http1.destroy().catch(() => {}),
  };
}

/** The variables that Deno's `fetch` reads. */
function proxies(env: Readonly<Record<string, string>>) {
  const of = (name: string) =>
    env[name.toLowerCase()] || env[name] || undefined;
  const all = of("ALL_PROXY");
  return {
    httpProxy: of("HTTP_PROXY") ?? all,
    httpsProxy: of("HTTPS_PROXY") ?? all,
    noProxy: of("NO_PROXY") ?? "",
  };
}
