/**
 * Answers in the shape of the Anthropic Messages API: the whole message, its
 * stream events, and the server-sent events that carry them. Bedrock frames the
 * same events differently, see `bedrock.ts`.
 *
 * @module
 */

/** A call of one of the client's tools. */
export interface ToolCall {
  /** Its name, as in the request's `tools`. */
  tool: string;
  /** What it is called with. */
  input: Record<string, unknown>;
}

/** What an answer says. */
export interface Reply {
  model: string;
  /** A text, or a tool to call. */
  says: string | ToolCall;
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
    content: [block(reply.says)],
    stop_reason: typeof reply.says === "string" ? "end_turn" : "tool_use",
    stop_sequence: null,
    usage: {
      input_tokens: reply.inputTokens,
      output_tokens: estimateTokens(reply.says),
    },
  };
}

function block(says: string | ToolCall): Record<string, unknown> {
  if (typeof says === "string") return { type: "text", text: says };
  const id = `toolu_${crypto.randomUUID().replaceAll("-", "")}`;
  return { type: "tool_use", id, name: says.tool, input: says.input };
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
  const { says } = reply;
  const isText = typeof says === "string";
  yield {
    type: "content_block_start",
    index: 0,
    content_block: { ...block(says), ...isText ? { text: "" } : { input: {} } },
  };
  yield { type: "ping" };
  const whole = isText ? says : JSON.stringify(says.input);
  for (const [piece] of whole.matchAll(PIECE)) {
    yield {
      type: "content_block_delta",
      index: 0,
      delta: isText
        ? { type: "text_delta", text: piece }
        : { type: "input_json_delta", partial_json: piece },
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

/**
 * An answer that streams the events as server-sent events.
 *
 * @param paceMs pause before each event, in milliseconds
 */
export function sseResponse(
  events: Iterable<StreamEvent>,
  paceMs: number,
): Response {
  const frames = sseFrames(events);
  const body = paceMs > 0 ? paced(frames, paceMs) : frames;
  return new Response(ReadableStream.from(body), {
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

async function* paced<T>(items: Iterable<T>, ms: number): AsyncGenerator<T> {
  for (const item of items) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    yield item;
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
