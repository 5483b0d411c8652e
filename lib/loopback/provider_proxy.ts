/**
 * The proxy of the embedded gateway, `/llm/v1/providers/<name>/<upstream path>`:
 * who may use it for what, and how the upstream behind it answers.
 *
 * @module
 */

import { loadOnUse } from "../base/load_on_use.ts";
import type { GatewayRules, LoopbackProvider } from "./gateway_options.ts";
import {
  anthropicError,
  estimateTokens,
  message,
  modelList,
  type Reply,
  sseResponse,
  streamEvents,
} from "./messages.ts";
import { bearerToken, type RecordedRequest } from "./recorded_request.ts";

interface Operation {
  type: LoopbackProvider["type"];
  /** Method and path; its group is the model id where the path has one. */
  request: RegExp;
  kind: RecordedRequest["kind"];
  /** Answers a request to invoke a model that is allowed. */
  invoke?: (
    reply: Reply,
    record: RecordedRequest,
  ) => Response | Promise<Response>;
  /** Answers a request that names no model. */
  read?: (provider: LoopbackProvider) => Response;
  /** Answered to anybody: the real client sends no credential with it. */
  open?: boolean;
}

/** All operations; any other request on a provider's prefix is not found. */
const OPERATIONS: readonly Operation[] = [
  {
    type: "anthropic",
    request: /^POST v1\/messages$/,
    kind: "messages",
    invoke: (reply, record) =>
      record.body?.stream === true
        ? sseResponse(streamEvents(reply))
        : Response.json(message(reply)),
  },
  {
    type: "anthropic",
    request: /^POST v1\/messages\/count_tokens$/,
    kind: "count_tokens",
    invoke: ({ inputTokens }) => Response.json({ input_tokens: inputTokens }),
  },
  {
    type: "anthropic",
    request: /^GET v1\/models$/,
    kind: "other",
    read: ({ models = [] }) => Response.json(modelList(models)),
  },
  {
    type: "bedrock",
    request: /^POST model\/([^/]+)\/invoke$/,
    kind: "bedrock",
    invoke: (reply) => Response.json(message(reply)),
  },
  {
    type: "bedrock",
    request: /^POST model\/([^/]+)\/invoke-with-response-stream$/,
    kind: "bedrock",
    invoke: async (reply) => {
      const { bedrockResponse } = await loadOnUse<
        typeof import("./event_stream.ts")
      >("./event_stream.ts", import.meta.url);
      return bedrockResponse(streamEvents(reply));
    },
  },
  {
    type: "bedrock",
    request: /^GET inference-profiles$/,
    kind: "bedrock_profiles",
    read: () => Response.json({ inferenceProfileSummaries: [] }),
    open: true,
  },
];

/** Answers a proxied request and notes what it was; undefined for another path. */
export async function answerProxied(
  record: RecordedRequest,
  rules: GatewayRules,
): Promise<Response | undefined> {
  const [, name, path = ""] =
    /^\/llm\/v1\/providers\/([^/?]+)\/?([^?]*)/.exec(record.path) ?? [];
  if (name === undefined) return undefined;
  record.provider = name;
  const provider = rules.providers.find((each) => each.name === name);
  if (provider) record.mode = modeOf(provider);

  const request = `${record.method} ${path}`;
  const asked = OPERATIONS.find((each) => each.request.test(request));
  if (asked) {
    record.kind = asked.kind;
    record.model = modelOf(record, asked.request.exec(request)?.[1]);
  }
  const operation = asked?.type === provider?.type ? asked : undefined;

  if (!operation?.open) {
    const refusal = authenticationError(record, rules);
    if (refusal) return refusal;
  }
  if (!provider) {
    return anthropicError("not_found_error", `provider "${name}" not found`);
  }
  if (provider.enabled === false) {
    return anthropicError("permission_error", `provider "${name}" is disabled`);
  }
  if (operation?.read) return operation.read(provider);
  if (operation?.invoke) {
    return invocationError(record, provider) ?? await operation.invoke({
      model: record.model ?? "",
      says: rules.reply(record),
      inputTokens: estimateTokens(record.body),
    }, record);
  }
  return anthropicError("not_found_error", `no such endpoint: ${request}`);
}

function authenticationError(
  record: RecordedRequest,
  { accepts }: GatewayRules,
): Response | undefined {
  const bearer = bearerToken(record);
  const cloud = record.headers["x-redpanda-cloud-token"] ?? "";
  if (record.mode !== "passthrough") {
    // Without a provider there is no mode: the token may be in either place.
    const isGood = accepts(bearer) ||
      record.mode === undefined && accepts(cloud);
    return isGood ? undefined : anthropicError(
      "authentication_error",
      "missing or invalid Redpanda token",
    );
  }
  if (cloud === "") {
    return anthropicError(
      "invalid_request_error",
      "authorization passthrough requires gateway authentication in " +
        "X-Redpanda-Cloud-Token",
    );
  }
  if (!accepts(cloud)) {
    return anthropicError(
      "authentication_error",
      "invalid X-Redpanda-Cloud-Token",
    );
  }
  // Only the upstream could judge the caller's own login: any will do here.
  if (bearer !== "") return undefined;
  const refusal = anthropicError(
    "authentication_error",
    "upstream: no Authorization",
  );
  // As on every answer of the provider's own: clients tell it apart by that.
  refusal.headers.set("request-id", `req_${crypto.randomUUID()}`);
  return refusal;
}

function invocationError(
  record: RecordedRequest,
  { name, models = [] }: LoopbackProvider,
): Response | undefined {
  const { model } = record;
  if (!model) {
    return anthropicError("invalid_request_error", "model: field required");
  }
  if (models.length > 0 && !models.includes(model)) {
    return anthropicError(
      "model_not_allowed",
      `model "${model}" is not allowed by provider "${name}"`,
    );
  }
}

function modeOf(
  { type, passthrough }: LoopbackProvider,
): RecordedRequest["mode"] {
  if (type === "bedrock") return "bedrock";
  return type === "anthropic" && passthrough ? "passthrough" : "managed";
}

function modelOf(
  { body }: RecordedRequest,
  encoded: string | undefined,
): string | undefined {
  if (encoded !== undefined) return decodeURIComponent(encoded);
  return typeof body?.model === "string" ? body.model : undefined;
}
