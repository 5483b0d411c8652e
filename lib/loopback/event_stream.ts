/**
 * The stream events of `messages.ts` as Amazon Bedrock sends them: binary
 * frames of `application/vnd.amazon.eventstream`.
 *
 * @module
 */

import { EventStreamCodec } from "@smithy/core/event-streams";
import type { StreamEvent } from "./messages.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Headers of every frame; Claude Code drops frames of another event type. */
const CHUNK_HEADERS = {
  ":event-type": { type: "string", value: "chunk" },
  ":content-type": { type: "string", value: "application/json" },
  ":message-type": { type: "string", value: "event" },
} as const;

/** The codec both ways, for text headers in UTF-8. */
export function eventStreamCodec(): EventStreamCodec {
  return new EventStreamCodec(
    (input) => typeof input === "string" ? input : decoder.decode(input),
    (input) => encoder.encode(input),
  );
}

/** An answer that streams the events as `chunk` frames. */
export function bedrockResponse(events: Iterable<StreamEvent>): Response {
  return new Response(ReadableStream.from(bedrockFrames(events)), {
    headers: {
      "content-type": "application/vnd.amazon.eventstream",
      // The real service always says what the payload is in these.
      "x-amzn-bedrock-content-type": "application/json",
    },
  });
}

function* bedrockFrames(events: Iterable<StreamEvent>): Generator<Uint8Array> {
  const codec = eventStreamCodec();
  for (const event of events) {
    // A keep-alive of server-sent events, which Bedrock's framing has no use for.
    if (event.type === "ping") continue;
    const bytes = encoder.encode(JSON.stringify(event)).toBase64();
    yield codec.encode({
      headers: CHUNK_HEADERS,
      body: encoder.encode(JSON.stringify({ bytes })),
    });
  }
}
