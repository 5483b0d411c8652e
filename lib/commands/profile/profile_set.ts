/**
 * `ai-claude profile set NAME KEY=VALUE...`
 *
 * @module
 */

import { changeConfig } from "../../profile/change_config.ts";
import { CliError } from "../../base/errors.ts";
import { PROFILE_KEYS, type ProfileKey } from "../../profile/profile_keys.ts";
import {
  existingProfile,
  type ProfileContext,
  quoted,
} from "./profile_context.ts";
import { type GivenValue, profileValues } from "./profile_values.ts";

/** Changes keys of a profile, all of them or none. */
export async function setProfile(
  name: string,
  assignments: readonly string[],
  context: ProfileContext,
): Promise<void> {
  const given = assignments.map(readAssignment);
  const keys = given.map(({ key }) => key);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) {
    throw new CliError("usage", `${twice} is given twice`, {
      hint: `give ${twice} once`,
    });
  }
  await changeConfig(context.path, (config) => {
    const profile = existingProfile(name, config);
    return { kind: "set", name, values: profileValues(given, profile) };
  }, context.sys);
}

function readAssignment(word: string): GivenValue {
  const [key] = word.split("=", 1);
  if (!isKey(key)) {
    const inAuth = `auth.${key}`;
    throw new CliError("usage", `no key ${quoted(key)} in a profile`, {
      hint: `keys: ${PROFILE_KEYS.join(", ")}`,
      suggest: {
        word: isKey(inAuth) ? inAuth : key,
        among: PROFILE_KEYS,
        show: "likely",
      },
    });
  }
  if (key === word) {
    throw new CliError("usage", `no value for ${key}`, {
      hint: `${key}=VALUE, or ${key}= to remove it`,
    });
  }
  return { key, text: word.slice(key.length + 1), from: key };
}

function isKey(key: string): key is ProfileKey {
  return (PROFILE_KEYS as readonly string[]).includes(key);
}
