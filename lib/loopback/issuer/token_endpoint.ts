/**
 * The token endpoint of the embedded issuer, one answer per grant type.
 *
 * @module
 */

import { audienceError, clientError, secretError } from "./client_error.ts";
import { GRANT_TYPES, type GrantName } from "./grant_name.ts";
import type { IssuerRequest } from "./issuer_request.ts";
import { oauthAnswer, oauthError } from "./oauth_answer.ts";
import { answerPoll } from "./poll.ts";
import type { IssuerState } from "./state.ts";
import { grantTokens, type RefreshFamily } from "./tokens.ts";

const GRANTS: Readonly<Record<GrantName, typeof answerPoll>> = {
  device_code: answerPoll,
  refresh_token: answerRefresh,
  client_credentials: answerClientCredentials,
};

/** Answers a token request. */
export function answerToken(
  record: IssuerRequest,
  state: IssuerState,
): Response {
  const { grant_type } = record.body;
  if (!grant_type) {
    return oauthError("invalid_request", "grant_type is missing");
  }
  for (const [name, answer] of Object.entries(GRANTS)) {
    // By the name on the wire: the short one of the device grant is not one.
    if (GRANT_TYPES[name as GrantName] === grant_type) {
      return answer(record, state);
    }
  }
  return oauthError("unsupported_grant_type", `Unknown: ${grant_type}`);
}

/**
 * Rotates: whoever shows an old token once more ends the whole family, but for
 * the leeway.
 */
function answerRefresh(record: IssuerRequest, state: IssuerState): Response {
  const refusal = clientError(record, state.rules);
  if (refusal) return refusal;
  const { refresh_token, client_id } = record.body;
  if (!refresh_token) {
    return oauthError("invalid_request", "refresh_token is missing");
  }
  const family = state.refreshTokens.get(refresh_token);
  if (family?.login.clientId !== client_id) {
    return oauthError("invalid_grant", "Unknown or invalid refresh token");
  }
  if (family.current !== refresh_token && !inLeeway(family, record, state)) {
    const reason = family.current === undefined ? "revoked" : "reused";
    family.current = undefined;
    return oauthError("invalid_grant", `The refresh token was ${reason}`);
  }
  return oauthAnswer(
    grantTokens(state, "refresh_token", family.login, family),
  );
}

function inLeeway(
  { current, previous }: RefreshFamily,
  { body }: IssuerRequest,
  { rules }: IssuerState,
): boolean {
  return current !== undefined && previous?.token === body.refresh_token &&
    rules.now() - previous.replacedAt < rules.refreshLeewaySeconds * 1000;
}

function answerClientCredentials(
  record: IssuerRequest,
  state: IssuerState,
): Response {
  const { rules } = state;
  const refusal = secretError(record, rules) ?? audienceError(record, rules);
  if (refusal) return refusal;
  const { client_id, audience, scope = "" } = record.body;
  return oauthAnswer(grantTokens(state, "client_credentials", {
    clientId: client_id,
    subject: `${client_id}@clients`,
    audience,
    scope,
  }));
}
