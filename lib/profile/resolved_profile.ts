/**
 * What is in force, and where each value comes from.
 *
 * @module
 */

import { AUTH_DEFAULTS } from "./auth_defaults.ts";
import type { Profile } from "./config.ts";
import type { ProfileKey } from "./profile_keys.ts";
import type { Options } from "./options.ts";
import { REDACTED } from "../base/redact.ts";

/** A value and its source. */
export interface Resolved {
  /** The value; `null` when there is none. */
  value: string | null;
  /** A flag, a variable, `current_profile`, `profile`, `default`, or `-`. */
  source: string;
}

/** What is in force, by key. */
export type ResolvedProfile = Record<
  "profile" | "token" | ProfileKey,
  Resolved
>;

const NONE: Resolved = { value: null, source: "-" };

/**
 * Resolves a profile with the options; a token is only said to be set.
 *
 * @param selectedBy what named the profile
 */
export function resolveProfile(
  profile: Profile | undefined,
  options: Options,
  selectedBy: string = options.profileFrom ?? "current_profile",
): ResolvedProfile {
  const own = (value: string | undefined, fallback?: string): Resolved => {
    if (value !== undefined) return { value, source: "profile" };
    return fallback === undefined
      ? NONE
      : { value: fallback, source: "default" };
  };
  const { auth } = profile ?? {};
  return {
    profile: profile === undefined
      ? NONE
      : { value: profile.name, source: selectedBy },
    ai_gateway_url: options.endpoint === undefined
      ? own(profile?.gatewayUrl && shownUrl(profile.gatewayUrl))
      : { value: shownUrl(options.endpoint), source: "--rpai-endpoint" },
    auth_mode: options.authMode ?? own(profile?.authMode, "device"),
    llm_provider: own(profile?.provider),
    model: own(profile?.model),
    relay: own(profile?.relay?.toString(), "false"),
    quiet: own(profile?.quiet?.toString(), "false"),
    description: own(profile?.description),
    token: options.token ? { ...options.token, value: REDACTED } : NONE,
    "auth.issuer": own(
      auth?.issuer && shownUrl(auth.issuer),
      AUTH_DEFAULTS.issuer,
    ),
    "auth.client_id": own(auth?.clientId, AUTH_DEFAULTS.clientId),
    "auth.audience": own(auth?.audience, AUTH_DEFAULTS.audience),
    "auth.organization": own(auth?.organization),
  };
}

/**
 * A URL as it may be shown, whether it is one that would be used or not: a
 * password or a key in it is not.
 *
 * @example
 * ```ts
 * import { shownUrl } from "./resolved_profile.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   shownUrl("https://me:secret@gw.example.com/?key=x"),
 *   "https://<redacted>@gw.example.com/?<redacted>",
 * );
 * ```
 */
export function shownUrl(url: string): string {
  return url.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, `$1${REDACTED}@`)
    .replace(/([?#]).*$/s, `$1${REDACTED}`);
}
