/**
 * The upstreams the embedded gateway plays: which operations of the Anthropic
 * API and of Amazon Bedrock there are, and how each one answers.
 *
 * @module
 */

import {
  estimateTokens,
  message,
  modelList,
  type Reply,
  sseResponse,
  streamEvents,
} from "./anthropic.ts";
import { anthropicError } from "./anthropic_error.ts";
import { bedrockResponse } from "./bedrock.ts";
import type { LoopbackProvider, LoopbackRules } from "./gateway_options.ts";
import { bodyField, type RecordedRequest } from "./recorded_request.ts";

/** Answers an authenticated request to an enabled provider. */
type Answer = (
  record: RecordedRequest,
  provider: LoopbackProvider,
  rules: LoopbackRules,
) => Response;

/** One operation of one type of provider. */
export interface Operation {
  type: LoopbackProvider["type"];
  /** Method and path; its group is the model id where the path has one. */
  request: RegExp;
  kind: RecordedRequest["kind"];
  /** Answered to anybody: the real client sends no credential with it. */
  open?: boolean;
  answer: Answer;
}

/** All operations; any other request on a provider's prefix is not found. */
export const OPERATIONS: readonly Operation[] = [
  {
    type: "anthropic",
    request: /^POST v1\/messages$/,
    kind: "messages",
    answer: invoke((reply, record, { paceMs }) =>
      bodyField(record, "stream") === true
        ? sseResponse(streamEvents(reply), paceMs)
        : Response.json(message(reply))
    ),
  },
  {
    type: "anthropic",
    request: /^POST v1\/messages\/count_tokens$/,
    kind: "count_tokens",
    answer: (record, provider) =>
      invocationError(record, provider) ??
        Response.json({ input_tokens: estimateTokens(record.body) }),
  },
  {
    type: "anthropic",
    request: /^GET v1\/models$/,
    kind: "other",
    answer: (_record, provider) =>
      Response.json(modelList(allowedModels(provider))),
  },
  {
    type: "bedrock",
    request: /^POST model\/([^/]+)\/invoke$/,
    kind: "bedrock",
    answer: invoke((reply) => Response.json(message(reply))),
  },
  {
    type: "bedrock",
    request: /^POST model\/([^/]+)\/invoke-with-response-stream$/,
    kind: "bedrock",
    answer: invoke((reply) => bedrockResponse(streamEvents(reply))),
  },
  {
    type: "bedrock",
    request: /^GET inference-profiles$/,
    kind: "bedrock_profiles",
    open: true,
    answer: () => Response.json({ inferenceProfileSummaries: [] }),
  },
];

function invoke(
  send: (
    reply: Reply,
    record: RecordedRequest,
    rules: LoopbackRules,
  ) => Response,
): Answer {
  return (record, provider, rules) =>
    invocationError(record, provider) ??
      send(
        {
          model: record.model ?? "",
          says: rules.reply(record),
          inputTokens: estimateTokens(record.body),
        },
        record,
        rules,
      );
}

function invocationError(
  record: RecordedRequest,
  provider: LoopbackProvider,
): Response | undefined {
  const { model } = record;
  if (!model) {
    return anthropicError("invalid_request_error", "model: field required");
  }
  const allowed = allowedModels(provider);
  if (allowed.length > 0 && !allowed.includes(model)) {
    return anthropicError(
      "permission_error",
      `model "${model}" is not allowed by provider "${provider.name}"`,
    );
  }
  if (!Array.isArray(bodyField(record, "messages"))) {
    return anthropicError("invalid_request_error", "messages: field required");
  }
}

function allowedModels(provider: LoopbackProvider): string[] {
  return [...provider.models ?? [], ...provider.deprecatedModels ?? []];
}
