/**
 * A request over HTTP/2. With `fetch`: the GOAWAY by which a gateway ends a
 * connection for good, as all do, can end the whole process under `node:http2`
 * (Deno 2.9.6, denoland/deno#36788), which is what undici uses.
 *
 * @module
 */

import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import type { UpstreamAnswer, UpstreamRequest } from "./node_upstream.ts";

/** What `fetch` decodes whether asked or not; it leaves the header as it was. */
const DECODED = ["gzip", "br", "deflate"];

/**
 * Sends a request. A body that would come encoded is asked for as it is, since
 * `fetch` decodes it; all else passes as over HTTP/1.1.
 */
export async function fetchUpstream(
  origin: string,
  { method, path, headers, body, signal }: UpstreamRequest,
): Promise<UpstreamAnswer> {
  const sent = new Headers();
  for (let at = 0; at < headers.length; at += 2) {
    sent.append(headers[at], headers[at + 1]);
  }
  sent.set("accept-encoding", "identity");
  const response = await fetch(origin + path, {
    method,
    headers: sent,
    body: body === null || body instanceof Uint8Array
      ? body as Uint8Array<ArrayBuffer> | null
      : ReadableStream.from(body) as ReadableStream<Uint8Array<ArrayBuffer>>,
    redirect: "manual",
    signal,
  });
  const decoded = DECODED.includes(
    response.headers.get("content-encoding") ?? "",
  );
  return {
    status: response.status,
    headers: [...response.headers]
      .filter(([name]) =>
        !decoded || name !== "content-encoding" && name !== "content-length"
      ).flat(),
    body: response.body === null
      ? Readable.from([])
      : Readable.fromWeb(response.body as NodeReadableStream),
  };
}
