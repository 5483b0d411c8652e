/**
 * The provider metadata of the embedded gateway: two unary Connect procedures
 * over JSON (https://connectrpc.com/docs/protocol/).
 *
 * @module
 */

import type { GatewayRules, LoopbackProvider } from "./gateway_options.ts";
import { bearerToken, type RecordedRequest } from "./recorded_request.ts";

const SERVICE = "/redpanda.api.adp.v1alpha1.LLMProviderService/";

/** HTTP status by Connect code, those this service can answer. */
const STATUS = { unauthenticated: 401, not_found: 404 } as const;

/** Answers a metadata request and marks it as one; undefined for another path. */
export function answerMetadata(
  record: RecordedRequest,
  rules: GatewayRules,
  gatewayUrl: string,
): Response | undefined {
  const procedure = PROCEDURES[record.path];
  if (!procedure) return undefined;
  record.kind = "metadata";
  if (!rules.noAuth && !rules.accepts(bearerToken(record))) {
    return connectError("unauthenticated", "missing or invalid bearer token");
  }
  return procedure(record, rules, gatewayUrl);
}

const PROCEDURES: Record<string, typeof getProvider> = {
  [SERVICE + "GetLLMProvider"]: getProvider,
  [SERVICE + "ListLLMProviders"]: listProviders,
};

function getProvider(
  record: RecordedRequest,
  rules: GatewayRules,
  gatewayUrl: string,
): Response {
  const name = String(record.body?.name);
  record.provider = name;
  const provider = rules.providers.find((each) => each.name === name);
  return provider
    ? Response.json({ llmProvider: providerRecord(provider, gatewayUrl) })
    : connectError("not_found", `LLM provider "${name}" not found`);
}

function listProviders(
  { body = {} }: RecordedRequest,
  { providers }: GatewayRules,
  gatewayUrl: string,
): Response {
  const start = Number(body.pageToken ?? 0);
  const end = start + (Number(body.pageSize) || 100);
  return Response.json(protoJson({
    llmProviders: providers.slice(start, end)
      .map((provider) => providerRecord(provider, gatewayUrl)),
    nextPageToken: end < providers.length ? `${end}` : "",
  }));
}

function providerRecord(
  provider: LoopbackProvider,
  gatewayUrl: string,
): Record<string, unknown> {
  const { name, type } = provider;
  return protoJson({
    name,
    type: `LLM_PROVIDER_TYPE_${type.toUpperCase()}`,
    providerModels: provider.models?.map((model) => ({ name: model })),
    enabled: provider.enabled ?? true,
    url: `${gatewayUrl}/llm/v1/providers/${name}`,
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
