/**
 * The embedded gateway of the benchmark, and requests as the measured relay gets
 * them.
 *
 * @module
 */

import { gatewayHandler } from "../lib/loopback/gateway.ts";
import { type LoopbackServer, serveLoopback } from "../lib/loopback/server.ts";

/** The Redpanda token that everything is asked with. */
export const TOKEN = "bench-token";

/** How large a large reply is. */
export const LARGE_MIB = 100;

/** About the pace of a model: 80 events a second, 12 characters each. */
const PACE_MS = 12;

const REPLIES = {
  small: "ok",
  stream: "twelve chars".repeat(80),
  large: "ok",
};

/** Ready-made: what making it takes would be on both sides. */
const LARGE_BODY = new Uint8Array(LARGE_MIB * 1024 * 1024).fill(120);

/** What is asked for. */
export type Kind = keyof typeof REPLIES;

/** A gateway that tells when a model is asked. */
export interface BenchGateway extends LoopbackServer {
  /** When the next request to a model arrives, by `performance.now()`. */
  nextModelRequest(): Promise<number>;
}

/** Starts it, with a provider of each mode's name. */
export function startBenchGateway(): BenchGateway {
  const { handle, requests } = gatewayHandler({
    accepts: (token) => token === TOKEN,
    reply: ({ model }) => REPLIES[model as Kind] ?? "ok",
    providers: [
      { name: "managed", type: "anthropic" },
      { name: "passthrough", type: "anthropic", passthrough: true },
      { name: "bedrock", type: "bedrock", region: "us-east-1" },
    ],
  });
  let next = Promise.withResolvers<number>();
  const server = serveLoopback(async (request) => {
    const now = performance.now();
    const response = await handle(request);
    const { kind, model } = requests.pop()!;
    if (kind === "messages" || kind === "bedrock") next.resolve(now);
    if (model === "large") return new Response(LARGE_BODY, response);
    return model === "stream"
      ? new Response(ReadableStream.from(paced(response.body!)), response)
      : response;
  });
  return {
    ...server,
    nextModelRequest: () => {
      next = Promise.withResolvers();
      return next.promise;
    },
  };
}

async function* paced(
  events: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const event of events) {
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    yield event;
  }
}

/** Milliseconds from the start of a request to a byte of the answer's body. */
export async function ask(
  baseUrl: string,
  kind: Kind,
  until: "first byte" | "end" = "end",
): Promise<number> {
  const begin = performance.now();
  const response = await fetch(`${baseUrl}/v1/messages`, {
    method: "POST",
    headers: {
      authorization: "Bearer mine",
      "x-redpanda-cloud-token": TOKEN,
    },
    body: JSON.stringify({
      model: kind,
      stream: kind === "stream",
      messages: [],
    }),
  });
  if (!response.ok || response.body === null) {
    throw new Error(`a measured request got ${response.status}`);
  }
  let first: number | undefined;
  // To its end, so that the connection can be used again.
  for await (const _ of response.body) first ??= performance.now();
  const end = until === "end" ? performance.now() : first!;
  return end - begin;
}
