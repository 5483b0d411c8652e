/**
 * What each key of a profile may hold.
 *
 * @module
 */

import { checkIssuer } from "../../auth/auth_server.ts";
import { CliError } from "../../base/errors.ts";
import { oneLine } from "../../base/printable.ts";
import { parseGatewayUrl } from "../../gateway/gateway_url.ts";
import { checkProviderName } from "../../gateway/provider.ts";
import { checkAuthMode, type Profile } from "../../profile/config.ts";
import type { ProfileKey } from "../../profile/profile_keys.ts";
import type { ProfileValues } from "../../profile/config_edit.ts";
import { quoted } from "./profile_context.ts";

/** A value that somebody gave. */
export interface GivenValue {
  /** Its key in the file. */
  key: ProfileKey;
  /** The value; an empty one removes the key. */
  text: string;
  /** How it was given: the flag, or the key itself. */
  from: string;
}

/** Checks a value and returns it as the file has it. */
type ValueCheck = (
  text: string,
  from: string,
  sendsCredential: boolean,
) => string;

const CHECKS: Readonly<Record<ProfileKey, ValueCheck>> = {
  ai_gateway_url: (text, from, sendsCredential) =>
    parseGatewayUrl(text, { from, sendsCredential }),
  auth_mode: checkAuthMode,
  llm_provider: checkProviderName,
  model: checkWord,
  relay: checkSwitch,
  quiet: checkSwitch,
  description: checkLine,
  "auth.issuer": checkIssuer,
  "auth.client_id": checkWord,
  "auth.audience": checkWord,
  "auth.organization": checkLine,
};

/**
 * Checks the values that a profile is to have.
 *
 * @param base the profile as it is, or the one to copy
 * @throws {CliError} `usage`, naming the value
 */
export function profileValues(
  given: readonly GivenValue[],
  base: Profile | undefined,
): ProfileValues {
  const value = (key: ProfileKey) => given.find((each) => each.key === key);
  const mode = value("auth_mode")?.text ?? base?.authMode;
  const sendsCredential = mode !== "none";
  if (!value("ai_gateway_url") && value("auth_mode") && base?.gatewayUrl) {
    // The new mode may send a token there in clear text.
    const from = `profile ${base.name}`;
    parseGatewayUrl(base.gatewayUrl, { from, sendsCredential });
  }
  if (mode === "client_credentials" && value("auth.client_id")?.text) {
    throw new CliError(
      "usage",
      "auth.client_id is whom people sign in with: " +
        "auth_mode client_credentials does not use it",
      { hint: "leave it out, and set RPAI_CLIENT_ID and RPAI_CLIENT_SECRET" },
    );
  }
  return Object.fromEntries(given.map(({ key, text, from }) => [
    key,
    text === "" ? "" : CHECKS[key](text, from, sendsCredential),
  ]));
}

function checkSwitch(text: string, from: string): string {
  if (text === "true" || text === "false") return text;
  throw bad(text, from, "true or false");
}

function checkWord(text: string, from: string): string {
  if (!/\s/.test(text) && oneLine(text) === text) return text;
  throw bad(text, from, "a word without blanks");
}

function checkLine(text: string, from: string): string {
  if (text.trim() !== "" && oneLine(text) === text) return text;
  throw bad(text, from, "a text of one line, without control characters");
}

function bad(text: string, from: string, expected: string): CliError {
  return new CliError("usage", `bad ${from} ${quoted(text)}`, {
    hint: `it is ${expected}`,
  });
}
