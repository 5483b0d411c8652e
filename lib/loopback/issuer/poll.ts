/**
 * What a client that polls for the tokens of a device grant is told (RFC 8628
 * section 3.5).
 *
 * @module
 */

import { clientError } from "./client_error.ts";
import { type DeviceLogin, isExpired } from "./device.ts";
import type { IssuerRequest } from "./issuer_request.ts";
import { oauthAnswer, oauthError } from "./oauth_answer.ts";
import type { DeviceOutcome, IssuerRules } from "./issuer_options.ts";
import type { IssuerState } from "./state.ts";
import { grantTokens, OFFLINE } from "./tokens.ts";

/** A poll may come this much early: timers and networks are not exact. */
const EARLIEST = 0.8;

/** Answers a poll, a token request with a device code. */
export function answerPoll(
  record: IssuerRequest,
  state: IssuerState,
): Response {
  const { rules } = state;
  const refusal = clientError(record, rules);
  if (refusal) return refusal;
  const { device_code, client_id } = record.body;
  if (!device_code) {
    return oauthError("invalid_request", "device_code is missing");
  }
  const device = state.devices.get(device_code);
  if (device?.login.clientId !== client_id || device.used) {
    return oauthError("invalid_grant", "Unknown or used device code");
  }
  if (isExpired(device, rules)) return expired();
  if (isTooFast(device, rules)) {
    return oauthError("slow_down", "You are polling too quickly");
  }
  switch (outcomeNow(device, rules)) {
    case "approve":
      return handOut(device, state);
    case "deny":
      device.decision = "deny";
      return oauthError("access_denied", "The user denied the sign-in");
    case "expire":
      device.expiresAt = rules.now();
      return expired();
    case "never":
      return oauthError("authorization_pending", "The user has yet to decide");
  }
}

function isTooFast(device: DeviceLogin, rules: IssuerRules): boolean {
  const { interval, polledAt = -Infinity } = device;
  const now = rules.now();
  device.polledAt = now;
  const early = now - polledAt < interval * 1000 * EARLIEST;
  if (!early && device.slowDownsLeft === 0) return false;
  if (device.slowDownsLeft > 0) device.slowDownsLeft--;
  device.interval += rules.device.interval < 1 ? rules.device.interval : 5;
  return true;
}

function outcomeNow(device: DeviceLogin, rules: IssuerRules): DeviceOutcome {
  if (device.decision) return device.decision;
  if (device.pendingLeft === 0) return rules.device.outcome;
  device.pendingLeft--;
  return "never";
}

function handOut(device: DeviceLogin, state: IssuerState): Response {
  device.decision = "approve";
  device.used = true;
  const { login } = device;
  const isOffline = login.scope.split(" ").includes(OFFLINE);
  return oauthAnswer(
    isOffline
      ? grantTokens(state, "device_code", login, { login, current: undefined })
      : grantTokens(state, "device_code", login),
  );
}

function expired(): Response {
  return oauthError("expired_token", "The device code has expired");
}
