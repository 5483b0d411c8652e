/**
 * The grant types that the embedded issuer knows.
 *
 * @module
 */

/** A grant type as this project calls it. */
export type GrantName = "device_code" | "refresh_token" | "client_credentials";

/** What comes before the short name in a grant type that an RFC added. */
const URN = "urn:ietf:params:oauth:grant-type:";

/** Grant type on the wire by short name. */
export const GRANT_TYPES: Readonly<Record<GrantName, string>> = {
  device_code: `${URN}device_code`,
  refresh_token: "refresh_token",
  client_credentials: "client_credentials",
};

/** The short name of a grant type; one that is not known stays as it is. */
export function shortGrantName(grantType: string): string {
  for (const [name, type] of Object.entries(GRANT_TYPES)) {
    if (type === grantType) return name;
  }
  return grantType;
}
