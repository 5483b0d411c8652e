/**
 * The device grant of the embedded issuer (RFC 8628): the codes it starts with
 * and the person's decision. `poll.ts` has what the client is told meanwhile.
 *
 * @module
 */

import { audienceError, clientError } from "./client_error.ts";
import { type IssuerRequest, PATHS } from "./issuer_request.ts";
import { oauthAnswer } from "./oauth_answer.ts";
import type { IssuerRules } from "./issuer_options.ts";
import type { IssuerState } from "./state.ts";
import { type Login, OFFLINE } from "./tokens.ts";

/** What a person can answer. */
export type Decision = "approve" | "deny";

/** One sign-in, from its codes to its tokens. */
export interface DeviceLogin {
  userCode: string;
  login: Login;
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** Seconds between two polls; grows with every slow_down. */
  interval: number;
  /** When the last poll came, in milliseconds since 1970. */
  polledAt?: number;
  /** How many polls are still told slow_down whatever their pace. */
  slowDownsLeft: number;
  /** How many polls are still told authorization_pending. */
  pendingLeft: number;
  /** What the person in the browser answered, or the rules for them. */
  decision?: Decision;
  /** Whether the tokens were handed out. */
  used: boolean;
}

/** Letters that cannot be taken for each other (RFC 8628 section 6.1). */
const USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

/** Answers a device authorization request. */
export function answerDevice(
  record: IssuerRequest,
  state: IssuerState,
): Response {
  const { rules, url } = state;
  const refusal = clientError(record, rules) ?? audienceError(record, rules);
  if (refusal) return refusal;
  const deviceCode = `device_${crypto.randomUUID().replaceAll("-", "")}`;
  const { interval, expiresIn, slowDown, afterPolls } = rules.device;
  const userCode = newUserCode();
  state.devices.set(deviceCode, {
    userCode,
    login: {
      clientId: record.body.client_id,
      subject: rules.subject,
      email: rules.email,
      audience: record.body.audience,
      scope: grantedScope(record.body.scope ?? "", rules),
    },
    expiresAt: rules.now() + expiresIn * 1000,
    interval,
    slowDownsLeft: slowDown,
    pendingLeft: afterPolls,
    used: false,
  });
  const page = url + PATHS.verify;
  return oauthAnswer({
    device_code: deviceCode,
    user_code: userCode,
    verification_uri: page,
    verification_uri_complete: `${page}?user_code=${userCode}`,
    expires_in: expiresIn,
    interval,
  });
}

/**
 * Notes what a person answers.
 *
 * @param userCode as the person types it; every waiting sign-in when absent
 * @returns how many sign-ins were decided
 */
export function decide(
  state: IssuerState,
  decision: Decision,
  userCode?: string,
): number {
  const waiting = [...state.devices.values()].filter((device) =>
    device.decision === undefined && !isExpired(device, state.rules) &&
    (userCode === undefined || device.userCode === typedCode(userCode))
  );
  for (const device of waiting) device.decision = decision;
  return waiting.length;
}

/** Whether a sign-in's codes are no longer good. */
export function isExpired(device: DeviceLogin, rules: IssuerRules): boolean {
  return rules.now() >= device.expiresAt;
}

function grantedScope(asked: string, rules: IssuerRules): string {
  return asked.split(" ")
    .filter((each) => each !== OFFLINE || rules.refreshTokens).join(" ");
}

function newUserCode(): string {
  const letters = Array.from(
    crypto.getRandomValues(new Uint8Array(8)),
    (byte) => USER_CODE_LETTERS[byte % USER_CODE_LETTERS.length],
  ).join("");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}

function typedCode(text: string): string {
  const letters = text.toUpperCase().replace(/[^A-Z]/g, "");
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
