/**
 * The discovery document of the embedded issuer (OpenID Connect Discovery 1.0).
 *
 * @module
 */

import { GRANT_TYPES } from "./grant_name.ts";
import { type IssuerRequest, PATHS } from "./issuer_request.ts";
import { oauthAnswer } from "./oauth_answer.ts";
import type { IssuerState } from "./state.ts";

/** Answers a request for the discovery document. */
export function answerDiscovery(
  _record: IssuerRequest,
  { url, rules }: IssuerState,
): Response {
  if (rules.style === "cloud-api") return new Response(null, { status: 404 });
  return oauthAnswer({
    issuer: url,
    token_endpoint: url + PATHS.token,
    device_authorization_endpoint: url + PATHS.device,
    grant_types_supported: Object.values(GRANT_TYPES),
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    token_endpoint_auth_methods_supported: ["none", "client_secret_post"],
  });
}
