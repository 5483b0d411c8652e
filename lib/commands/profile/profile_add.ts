/**
 * `ai-claude profile add NAME`
 *
 * @module
 */

import { changeConfig } from "../../profile/change_config.ts";
import { CliError } from "../../base/errors.ts";
import { KEY_FLAGS, PROFILE_KEYS } from "../../profile/profile_keys.ts";
import type { Flags } from "../../profile/flags.ts";
import {
  checkNewName,
  existingProfile,
  type ProfileContext,
} from "./profile_context.ts";
import { type GivenValue, profileValues } from "./profile_values.ts";

/** Adds a profile, or a copy of one; the first becomes the current one. */
export async function addProfile(
  name: string,
  flags: Flags,
  context: ProfileContext,
): Promise<void> {
  const given = givenValues(flags);
  const { from } = flags;
  const before = await changeConfig(context.path, (config) => {
    checkNewName(name, config);
    const source = from === undefined
      ? undefined
      : existingProfile(from, config);
    const values = profileValues(given, source);
    if (values.ai_gateway_url ?? source?.gatewayUrl) {
      return { kind: "add", name, values, from };
    }
    throw new CliError("usage", `no AI gateway for profile "${name}"`, {
      hint: `ai-claude profile add ${name} --ai-gateway-url URL`,
    });
  }, context.sys);
  if (before.profiles.length === 0) {
    context.sys.err(`"${name}" is the first profile: now the current one\n`);
  }
}

function givenValues(flags: Flags): GivenValue[] {
  return PROFILE_KEYS.flatMap((key): GivenValue[] => {
    const from = `--${KEY_FLAGS[key]}`;
    if (key === "relay" && flags["no-relay"]) {
      return [{ key, text: "false", from }];
    }
    const value = flags[KEY_FLAGS[key]];
    return value === undefined ? [] : [{ key, text: `${value}`, from }];
  });
}
