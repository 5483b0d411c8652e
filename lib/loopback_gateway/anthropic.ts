/**
 * Answers in the shape of the Anthropic Messages API: the whole message, its
 * stream events, and the server-sent events that carry them. Bedrock frames the
 * same events differently, see `bedrock.ts`.
 *
 * @module
 */

/** What an answer says. */
export interface Reply {
  model: string;
  text: string;
  inputTokens: number;
}

/** One event of the Anthropic stream. */
export interface StreamEvent {
  type: string;
  [field: string]: unknown;
}

/** Code points per text delta: short, so that even a greeting takes several. */
const PIECE = /.{1,12}/gsu;

/** A made-up but stable token count of a text or JSON value. */
export function estimateTokens(value: unknown): number {
  return Math.ceil((JSON.stringify(value) ?? "").length / 4);
}

/** The whole message, the answer to a request without `stream: true`. */
export function message(reply: Reply): Record<string, unknown> {
  return {
    id: `msg_${crypto.randomUUID().replaceAll("-", "")}`,
    type: "message",
    role: "assistant",
    model: reply.model,
    content: [{ type: "text", text: reply.text }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: {
      input_tokens: reply.inputTokens,
      output_tokens: estimateTokens(reply.text),
    },
  };
}

/** The same message as stream events, the text in several deltas. */
export function* streamEvents(reply: Reply): Generator<StreamEvent> {
  const { stop_reason, stop_sequence, usage, ...start } = message(reply);
  yield {
    type: "message_start",
    message: {
      ...start,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: reply.inputTokens, output_tokens: 1 },
    },
  };
  yield {
    type: "content_block_start",
    index: 0,
    content_block: { type: "text", text: "" },
  };
  yield { type: "ping" };
  for (const [text] of reply.text.matchAll(PIECE)) {
    yield {
      type: "content_block_delta",
      index: 0,
      delta: { type: "text_delta", text },
    };
  }
  yield { type: "content_block_stop", index: 0 };
  yield {
    type: "message_delta",
    delta: { stop_reason, stop_sequence },
    usage,
  };
  yield { type: "message_stop" };
}

/** An answer that streams the events as server-sent events. */
export function sseResponse(events: Iterable<StreamEvent>): Response {
  return new Response(ReadableStream.from(sseFrames(events)), {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
    },
  });
}

function* sseFrames(events: Iterable<StreamEvent>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const event of events) {
    yield encoder.encode(
      `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`,
    );
  }
}

/** The answer to `GET v1/models`, one page with every allowed model. */
export function modelList(models: readonly string[]): Record<string, unknown> {
  return {
    data: models.map((id) => ({
      type: "model",
      id,
      display_name: id,
      created_at: "2026-01-01T00:00:00Z",
    })),
    has_more: false,
    first_id: models.at(0) ?? null,
    last_id: models.at(-1) ?? null,
  };
}
