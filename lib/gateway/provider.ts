/**
 * A provider of the AI gateway: its record on the wire, and what a launch needs
 * from it. Field names and their proto3 JSON rules are the gateway's
 * public API description (`redpanda.api.adp.v1alpha1`).
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { isObject, type JsonObject } from "../base/json_object.ts";
import { printable } from "../base/printable.ts";

/** Provider types by their number in the API; others are shown as they came. */
const TYPES = [
  "unspecified",
  "openai",
  "anthropic",
  "google",
  "bedrock",
  "openai_compatible",
] as const;

const TYPE_PREFIX = "LLM_PROVIDER_TYPE_";

/** What this program reads from the record. */
export interface Provider {
  /** The name in its URL. */
  name: string;
  /** `anthropic`, `bedrock`, ... in lower case. */
  type: string;
  /** Whether the gateway serves it. */
  enabled: boolean;
  /** Whether callers bring their own upstream login. */
  passthrough: boolean;
  /** The allow-list; empty means all models. */
  models: string[];
  /** AWS region of a Bedrock provider. */
  region?: string;
  /** The proxy URL that the record names. */
  url?: string;
}

/** Whether a name is well-formed: it becomes part of a URL. */
export function isProviderName(name: string): boolean {
  return /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
}

/**
 * Checks a provider name.
 *
 * @throws {CliError} `usage`
 */
export function checkProviderName(name: string, from: string): string {
  if (isProviderName(name)) return name;
  throw new CliError("usage", `bad provider name "${name}" (${from})`, {
    hint: "a name is a lower-case letter, then up to 62 of a-z, 0-9 and -, " +
      "the last not a -",
    suggest: {
      word: name,
      among: [name.trim().toLowerCase()].filter(isProviderName),
      show: "likely",
    },
  });
}

/**
 * Reads a provider record. proto3 JSON leaves out false, empty and zero fields,
 * so what is missing is false or empty.
 *
 * @example
 * ```ts
 * import { parseProvider } from "./provider.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseProvider({ name: "a", type: 2, enabled: true }), {
 *   name: "a",
 *   type: "anthropic",
 *   enabled: true,
 *   passthrough: false,
 *   models: [],
 * });
 * ```
 *
 * @returns `undefined` when it is not a provider record
 */
export function parseProvider(record: unknown): Provider | undefined {
  if (!isObject(record) || typeof record.name !== "string") return undefined;
  const anthropic = isObject(record.anthropicConfig)
    ? record.anthropicConfig
    : {};
  const bedrock = isObject(record.bedrockConfig) ? record.bedrockConfig : {};
  const provider: Provider = {
    name: record.name,
    type: parseType(record.type),
    enabled: record.enabled === true,
    passthrough: anthropic.authorizationPassthrough === true,
    models: parseModels(record),
  };
  const region = text(bedrock.region);
  if (region !== undefined) provider.region = region;
  const url = text(record.url);
  if (url !== undefined) provider.url = url;
  return provider;
}

/** Whether Claude Code can be routed through a provider. */
export function isUsable(provider: Provider): boolean {
  return provider.enabled && isProviderName(provider.name) &&
    (provider.type === "anthropic" || provider.type === "bedrock");
}

/** `providerModels`, or the deprecated `models` of older gateways. */
function parseModels(record: JsonObject): string[] {
  const entries = list(record.providerModels).map((entry) =>
    isObject(entry) ? text(entry.name) : undefined
  );
  const names = entries.length > 0 ? entries : list(record.models).map(text);
  return names.filter((name) => name !== undefined);
}

function parseType(value: unknown): string {
  if (typeof value === "number") return TYPES[value] ?? `type ${value}`;
  if (typeof value !== "string") return TYPES[0];
  const name = value.startsWith(TYPE_PREFIX)
    ? value.slice(TYPE_PREFIX.length)
    : value;
  return printable(name.toLowerCase());
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
