/**
 * Who may ask the embedded issuer, and for which audience.
 *
 * @module
 */

import type { IssuerRequest } from "./issuer_request.ts";
import { oauthError } from "./oauth_answer.ts";
import type { IssuerRules } from "./issuer_options.ts";

/** The refusal of a public client that is not the expected one. */
export function clientError(
  { body }: IssuerRequest,
  rules: IssuerRules,
): Response | undefined {
  if (!body.client_id) {
    return oauthError("invalid_request", "client_id is missing");
  }
  if (rules.clientId !== undefined && body.client_id !== rules.clientId) {
    return oauthError("invalid_client", "Unknown client");
  }
}

/** The refusal of a client that does not know its secret. */
export function secretError(
  { body }: IssuerRequest,
  rules: IssuerRules,
): Response | undefined {
  for (const field of ["client_id", "client_secret"]) {
    if (!body[field]) {
      return oauthError("invalid_request", `${field} is missing`);
    }
  }
  const secret = rules.clients.get(body.client_id);
  if (secret === undefined) {
    return oauthError("invalid_client", "Unknown client");
  }
  if (secret !== body.client_secret) {
    return oauthError("invalid_client", "Wrong client secret");
  }
}

/** The refusal of an audience that is not the expected one. */
export function audienceError(
  { body }: IssuerRequest,
  rules: IssuerRules,
): Response | undefined {
  if (rules.audience !== undefined && body.audience !== rules.audience) {
    // The code and status with which Auth0 refuses.
    return oauthError(
      "access_denied",
      `Service not found: ${body.audience ?? ""}`,
      403,
    );
  }
}
