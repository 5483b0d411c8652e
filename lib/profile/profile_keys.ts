/**
 * The keys that a profile may have.
 *
 * @module
 */

/** Every key of a profile; `auth.issuer` is a key within `auth`. */
export const PROFILE_KEYS = [
  "ai_gateway_url",
  "auth_mode",
  "llm_provider",
  "model",
  "relay",
  "quiet",
  "description",
  "auth.issuer",
  "auth.client_id",
  "auth.audience",
  "auth.organization",
] as const;

/** One of {@linkcode PROFILE_KEYS}. */
export type ProfileKey = typeof PROFILE_KEYS[number];
