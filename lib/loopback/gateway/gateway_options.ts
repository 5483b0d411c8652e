/**
 * What the embedded gateway is told to be: its providers and the rules it
 * applies.
 *
 * @module
 */

import type { ToolCall } from "./anthropic.ts";
import type { RecordedRequest } from "./recorded_request.ts";

/** A provider's kind, as in the `LLM_PROVIDER_TYPE_*` enum. */
export type LoopbackProviderType =
  | "anthropic"
  | "bedrock"
  | "openai"
  | "google"
  | "openai_compatible";

/** One provider the embedded gateway serves. */
export interface LoopbackProvider {
  /** Last part of the provider's proxy URL. */
  name: string;
  type: LoopbackProviderType;
  displayName?: string;
  /** Default: true. A disabled provider can be read but not invoked. */
  enabled?: boolean;
  /** The allow-list, sent as `providerModels[].name`. None: all are allowed. */
  models?: string[];
  /** Also allowed; sent in the `models[]` of older gateways. */
  deprecatedModels?: string[];
  /** Anthropic only: the caller's own subscription login goes upstream. */
  passthrough?: boolean;
  /** Bedrock only: the AWS region in the record. */
  region?: string;
  /** Replaces the output-only `url` of the record, which is the proxy URL. */
  url?: string;
  /** Sends the type as the enum's number instead of its name. */
  numericType?: boolean;
}

/** What {@linkcode startLoopbackGateway} is given. */
export interface LoopbackGatewayOptions {
  providers: LoopbackProvider[];
  /** Whether a Redpanda token, never empty, is good. Default: any. */
  accepts?: (token: string) => boolean;
  /** The metadata needs no Authorization; the proxy still does. */
  noAuth?: boolean;
  /** `permission_denied` answers as to a caller who may only invoke. */
  metadata?: "ok" | "permission_denied";
  /** The text of an answer, or a tool to call. Default: a greeting that names the mode. */
  reply?: (request: RecordedRequest) => string | ToolCall;
  /** Pause before each server-sent event, in milliseconds. Default: none. */
  paceMs?: number;
  /** Most providers in one page of a listing. Default: 100. */
  pageSize?: number;
  /** A loopback name or address. Default: `127.0.0.1`. */
  hostname?: string;
  /** Default: 0, a free port. */
  port?: number;
}

/** The options with their defaults filled in, as the request handlers see them. */
export interface LoopbackRules {
  providers: readonly LoopbackProvider[];
  accepts: (token: string) => boolean;
  noAuth: boolean;
  metadata: "ok" | "permission_denied";
  reply: (request: RecordedRequest) => string | ToolCall;
  pageSize: number;
  paceMs: number;
}

/** Fills in the defaults of the options. */
export function loopbackRules(options: LoopbackGatewayOptions): LoopbackRules {
  return {
    providers: options.providers,
    // A missing token is refused whatever the caller's function says.
    accepts: (token) => token !== "" && (options.accepts?.(token) ?? true),
    noAuth: options.noAuth ?? false,
    metadata: options.metadata ?? "ok",
    reply: options.reply ??
      ((request) => `Hello from the embedded gateway (${request.mode}).`),
    pageSize: options.pageSize ?? 100,
    paceMs: options.paceMs ?? 0,
  };
}
