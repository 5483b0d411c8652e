/**
 * The provider metadata of the embedded gateway: two unary Connect procedures
 * over JSON (https://connectrpc.com/docs/protocol/).
 *
 * @module
 */

import type { LoopbackProvider, LoopbackRules } from "./gateway_options.ts";
import {
  bearerToken,
  bodyField,
  type RecordedRequest,
} from "./recorded_request.ts";

const SERVICE = "/redpanda.api.adp.v1alpha1.LLMProviderService/";

/** HTTP status by Connect code, those this service can answer. */
const STATUS = {
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
} as const;

/** Name and number of the `LLMProviderType` enum. */
const TYPES = {
  openai: ["LLM_PROVIDER_TYPE_OPENAI", 1],
  anthropic: ["LLM_PROVIDER_TYPE_ANTHROPIC", 2],
  google: ["LLM_PROVIDER_TYPE_GOOGLE", 3],
  bedrock: ["LLM_PROVIDER_TYPE_BEDROCK", 4],
  openai_compatible: ["LLM_PROVIDER_TYPE_OPENAI_COMPATIBLE", 5],
} as const;

/** Answers a metadata request and marks it as one; undefined for another path. */
export function answerConnect(
  record: RecordedRequest,
  rules: LoopbackRules,
  gatewayUrl: string,
): Response | undefined {
  const procedure = PROCEDURES[record.path];
  if (!procedure) return undefined;
  record.kind = "metadata";
  const { method, headers } = record;
  // The two refusals below have no body: they come before the protocol starts.
  if (method !== "POST") {
    return new Response(null, { status: 405, headers: { allow: "POST" } });
  }
  if (!/^application\/json *(;|$)/i.test(headers["content-type"] ?? "")) {
    return new Response(null, {
      status: 415,
      headers: { "accept-post": "application/json" },
    });
  }
  if ((headers["connect-protocol-version"] ?? "1") !== "1") {
    return connectError("invalid_argument", "unsupported protocol version");
  }
  if (!rules.noAuth && !rules.accepts(bearerToken(record))) {
    return connectError("unauthenticated", "missing or invalid bearer token");
  }
  if (rules.metadata === "permission_denied") {
    return connectError(
      "permission_denied",
      "missing permission dataplane_adp_llmprovider_get",
    );
  }
  if (typeof record.body !== "object" || record.body === null) {
    return connectError("invalid_argument", "the body is not a JSON object");
  }
  return procedure(record, rules, gatewayUrl);
}

const PROCEDURES: Record<string, typeof getProvider> = {
  [SERVICE + "GetLLMProvider"]: getProvider,
  [SERVICE + "ListLLMProviders"]: listProviders,
};

function getProvider(
  record: RecordedRequest,
  rules: LoopbackRules,
  gatewayUrl: string,
): Response {
  const name = bodyField(record, "name");
  if (typeof name !== "string" || name === "") {
    return connectError("invalid_argument", "name: value is required");
  }
  record.provider = name;
  const provider = rules.providers.find((each) => each.name === name);
  return provider
    ? Response.json({ llmProvider: providerRecord(provider, gatewayUrl) })
    : connectError("not_found", `LLM provider "${name}" not found`);
}

function listProviders(
  record: RecordedRequest,
  rules: LoopbackRules,
  gatewayUrl: string,
): Response {
  const token = bodyField(record, "pageToken") ?? "";
  const size = bodyField(record, "pageSize") ?? 0;
  const start = token === "" ? 0 : /^after-(\d+)$/.exec(String(token))?.[1];
  if (start === undefined) {
    return connectError("invalid_argument", "page_token: not one of ours");
  }
  if (typeof size !== "number" || !Number.isInteger(size) || size < 0) {
    return connectError("invalid_argument", "page_size: not a count");
  }
  const end = Number(start) + Math.min(size || rules.pageSize, rules.pageSize);
  return Response.json(protoJson({
    llmProviders: rules.providers.slice(Number(start), end)
      .map((provider) => providerRecord(provider, gatewayUrl)),
    nextPageToken: end < rules.providers.length ? `after-${end}` : "",
  }));
}

function providerRecord(
  provider: LoopbackProvider,
  gatewayUrl: string,
): Record<string, unknown> {
  const { name, type } = provider;
  return protoJson({
    name,
    displayName: provider.displayName,
    type: TYPES[type][provider.numericType ? 1 : 0],
    providerModels: provider.models?.map((model) => ({ name: model })),
    models: provider.deprecatedModels,
    enabled: provider.enabled ?? true,
    url: provider.url ?? `${gatewayUrl}/llm/v1/providers/${name}`,
    anthropicConfig: type === "anthropic"
      ? protoJson({
        apiKeyRef: provider.passthrough ? "" : "ANTHROPIC_API_KEY",
        authorizationPassthrough: provider.passthrough,
      })
      : undefined,
    bedrockConfig: type === "bedrock"
      ? protoJson({ region: provider.region })
      : undefined,
  });
}

/** proto3 JSON leaves out false, empty and zero fields, but no set message. */
function protoJson(fields: Record<string, unknown>): Record<string, unknown> {
  const isSet = (value: unknown) => Array.isArray(value) ? value.length : value;
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => isSet(value)),
  );
}

function connectError(code: keyof typeof STATUS, message: string): Response {
  return Response.json({ code, message }, { status: STATUS[code] });
}
