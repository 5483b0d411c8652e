/**
 * `ai-claude profile use NAME`
 *
 * @module
 */

import {
  editProfiles,
  existingProfile,
  type ProfileContext,
} from "./profile_context.ts";

/** Makes a profile the current one. */
export async function useProfile(
  name: string,
  context: ProfileContext,
): Promise<void> {
  const { options, report } = context;
  await editProfiles(context, (config) => {
    existingProfile(name, config);
    return { kind: "use", name };
  });
  if (options.profileFrom === "RPAI_PROFILE" && options.profile !== name) {
    report.warn(
      `RPAI_PROFILE is set: "${options.profile}" stays in force here`,
    );
  }
}
