/**
 * The keys that a profile may have.
 *
 * @module
 */

import type { Flags } from "./flags.ts";

/**
 * Every key of a profile, and the flag of `profile add` that gives it;
 * `auth.issuer` is a key within `auth`.
 */
export const KEY_FLAGS = {
  ai_gateway_url: "ai-gateway-url",
  auth_mode: "auth-mode",
  llm_provider: "llmprovider",
  model: "model",
  relay: "relay",
  quiet: "quiet",
  description: "description",
  "auth.issuer": "issuer",
  "auth.client_id": "client-id",
  "auth.audience": "audience",
  "auth.organization": "organization",
} as const satisfies Record<string, keyof Flags>;

/** A key of a profile. */
export type ProfileKey = keyof typeof KEY_FLAGS;

/** Every key of a profile. */
export const PROFILE_KEYS = Object.keys(KEY_FLAGS) as readonly ProfileKey[];
