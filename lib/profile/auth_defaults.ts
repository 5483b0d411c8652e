/**
 * Whom people sign in with unless their profile says otherwise.
 *
 * @module
 */

/**
 * Redpanda Cloud. The client is the public one that `rpk` ships: it has no
 * secret. Its own endpoints take JSON bodies; a standard issuer takes forms.
 */
export const AUTH_DEFAULTS = {
  issuer: "https://auth.prd.cloud.redpanda.com",
  clientId: "ehNhbNUwjPIWUinE2b7njFyE4VBrxXZm",
  audience: "cloudv2-production.redpanda.cloud",
  deviceEndpoint: "https://cloud-api.prd.cloud.redpanda.com/oauth/device/code",
  tokenEndpoint: "https://cloud-api.prd.cloud.redpanda.com/oauth/token",
  /** Where client credentials are exchanged: the issuer itself. */
  clientCredentialsEndpoint: "https://auth.prd.cloud.redpanda.com/oauth/token",
  scope: "openid profile email offline_access",
} as const;
