/**
 * What the embedded gateway is told to be: its providers and the rules it
 * applies.
 *
 * @module
 */

import type { ToolCall } from "./messages.ts";
import type { RecordedRequest } from "./recorded_request.ts";

export interface LoopbackProvider {
  /** Last part of the provider's proxy URL. */
  name: string;
  /** As in the `LLM_PROVIDER_TYPE_*` enum. */
  type: "anthropic" | "bedrock" | "openai" | "google" | "openai_compatible";
  /** Default: true. A disabled provider can be read but not invoked. */
  enabled?: boolean;
  /** The allow-list. None: all are allowed. */
  models?: string[];
  /** Anthropic only: the caller's own subscription login goes upstream. */
  passthrough?: boolean;
  /** Bedrock only: the AWS region in the record. */
  region?: string;
}

/** What {@linkcode startLoopbackGateway} is given. */
export interface LoopbackGatewayOptions {
  providers: LoopbackProvider[];
  /** Whether a Redpanda token, never empty, is good. Default: any. */
  accepts?: (token: string) => boolean;
  /** The metadata needs no Authorization; the proxy still does. */
  noAuth?: boolean;
  /** The text of an answer, or a tool to call. Default: a greeting that names the mode. */
  reply?: (request: RecordedRequest) => string | ToolCall;
}

/** The options with their defaults filled in, as the request handlers see them. */
export type GatewayRules = Required<LoopbackGatewayOptions>;
