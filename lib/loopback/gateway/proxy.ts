/**
 * The proxy of the embedded gateway, `/llm/v1/providers/<name>/<upstream path>`:
 * who may use it and for what.
 *
 * @module
 */

import { anthropicError } from "./anthropic_error.ts";
import type { LoopbackProvider, LoopbackRules } from "./gateway_options.ts";
import {
  bearerToken,
  bodyField,
  type RecordedRequest,
} from "./recorded_request.ts";
import { OPERATIONS } from "./upstream.ts";

/** Answers a proxied request and notes what it was; undefined for another path. */
export function answerProxy(
  record: RecordedRequest,
  rules: LoopbackRules,
): Response | undefined {
  const [, name, rest = ""] =
    /^\/llm\/v1\/providers\/([^/?]+)\/?([^?]*)/.exec(record.path) ?? [];
  if (name === undefined) return undefined;
  record.provider = name;
  const provider = rules.providers.find((each) => each.name === name);
  if (provider) record.mode = modeOf(provider);

  const request = `${record.method} ${rest}`;
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
  if (!operation) {
    return anthropicError("not_found_error", `no such endpoint: ${request}`);
  }
  return operation.answer(record, provider, rules);
}

function authenticationError(
  record: RecordedRequest,
  rules: LoopbackRules,
): Response | undefined {
  const bearer = bearerToken(record);
  const cloud = record.headers["x-redpanda-cloud-token"] ?? "";
  if (record.mode !== "passthrough") {
    // Without a provider there is no mode: the token may be in either place.
    const tokens = record.mode === undefined ? [bearer, cloud] : [bearer];
    return tokens.some((token) => rules.accepts(token))
      ? undefined
      : anthropicError(
        "authentication_error",
        "missing or invalid Redpanda token",
      );
  }
  if (!rules.accepts(cloud)) {
    return anthropicError(
      "authentication_error",
      "missing or invalid X-Redpanda-Cloud-Token",
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

function modeOf(provider: LoopbackProvider): RecordedRequest["mode"] {
  if (provider.type === "bedrock") return "bedrock";
  return provider.type === "anthropic" && provider.passthrough
    ? "passthrough"
    : "managed";
}

function modelOf(
  record: RecordedRequest,
  encoded: string | undefined,
): string | undefined {
  if (encoded === undefined) {
    const model = bodyField(record, "model");
    return typeof model === "string" ? model : undefined;
  }
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
