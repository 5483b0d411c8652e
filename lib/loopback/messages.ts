/**
 * Answers in the shape of the Anthropic Messages API: errors, the whole message,
 * its stream events, and the server-sent events that carry them. Bedrock frames
 * the same events differently, see `event_stream.ts`.
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

export interface Reply {
  model: string;
  /** A text, or a tool to call. */
  says: string | ToolCall;
  inputTokens: number;
}

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

/**
 * HTTP status by error type, from https://docs.claude.com/en/api/errors.
 * Claude Code reads the type and shows the message to its user.
 */
const STATUS = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  // The gateway's own.
  model_not_allowed: 403,
  not_found_error: 404,
} as const;

/** An answer `{"type":"error","error":{"type","message"}}` with its status. */
export function anthropicError(
  type: keyof typeof STATUS,
  message: string,
): Response {
  return Response.json({ type: "error", error: { type, message } }, {
    status: STATUS[type],
  });
}
