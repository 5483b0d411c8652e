/**
 * `ai-claude profile use NAME`
 *
 * @module
 */

import { changeConfig } from "../../profile/change_config.ts";
import { existingProfile, type ProfileContext } from "./profile_context.ts";

/** Makes a profile the current one. */
export async function useProfile(
  name: string,
  context: ProfileContext,
): Promise<void> {
  const { options, report } = context;
  await changeConfig(context.path, (config) => {
    existingProfile(name, config);
    return { kind: "use", name };
  }, context.sys);
  if (options.profileFrom === "RPAI_PROFILE" && options.profile !== name) {
    report.warn(
      `RPAI_PROFILE is set: "${options.profile}" stays in force here`,
    );
  }
}
