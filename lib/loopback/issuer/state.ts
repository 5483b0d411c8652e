/**
 * What the embedded issuer remembers between requests.
 *
 * @module
 */

import type { DeviceLogin } from "./device.ts";
import type { GrantName } from "./grant_name.ts";
import type { IssuerRules } from "./issuer_options.ts";
import type { RefreshFamily } from "./tokens.ts";

/** The memory of one embedded issuer, and what it goes by. */
export interface IssuerState {
  /** The issuer's name and base URL. */
  url: string;
  rules: IssuerRules;
  /** Sign-ins by device code, oldest first. */
  devices: Map<string, DeviceLogin>;
  /** Families by refresh token, the old ones too: they tell a reuse. */
  refreshTokens: Map<string, RefreshFamily>;
  /** Expiry by access token, in milliseconds since 1970 at the rules' `now`. */
  accessTokens: Map<string, number>;
  /** How many token answers were granted. */
  granted: Map<GrantName, number>;
}

/** The memory of an issuer that has just started. */
export function issuerState(url: string, rules: IssuerRules): IssuerState {
  return {
    url,
    rules,
    devices: new Map(),
    refreshTokens: new Map(),
    accessTokens: new Map(),
    granted: new Map(),
  };
}
