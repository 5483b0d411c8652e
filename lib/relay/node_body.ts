/**
 * The body of a request on its way to the gateway.
 *
 * @module
 */

import type { IncomingMessage } from "node:http";

/** A body that is to be sent. */
export interface RequestBody {
  /** All of it, or as it comes. */
  content: Uint8Array | AsyncIterable<Uint8Array> | null;
  /** Whether it can be sent again. */
  repeatable: boolean;
  /** Reads to its end what the gateway did not want of it. */
  drain(): Promise<void>;
}

/** Largest body that is kept in case it must be sent again, in bytes. */
const KEPT = 1024 * 1024;

/**
 * Reads a small body whole; a larger one is read as it is sent on.
 *
 * @param count is told of bytes that pass
 */
export async function readBody(
  request: IncomingMessage,
  count: (bytes: number) => void,
): Promise<RequestBody> {
  const { "content-length": length, "transfer-encoding": encoding } =
    request.headers;
  const none = length === undefined && encoding === undefined;
  const small = length !== undefined && Number(length) <= KEPT;
  if (none || small) {
    const content = none ? null : await whole(request, Number(length));
    return { content, repeatable: true, drain: () => Promise.resolve() };
  }
  const content = pieces(request, count);
  return {
    content,
    repeatable: false,
    drain: async () => {
      await content.return(undefined);
      request.on("data", (piece: Uint8Array) => count(piece.length));
    },
  };
}

async function whole(
  request: IncomingMessage,
  length: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const piece of request) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
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
