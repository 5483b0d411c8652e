/**
 * `ai-claude profile rename OLD NEW`
 *
 * @module
 */

import {
  checkNewName,
  editProfiles,
  existingProfile,
  type ProfileContext,
} from "./profile_context.ts";

/** Renames a profile where it stands; a current one stays current. */
export async function renameProfile(
  from: string,
  to: string,
  context: ProfileContext,
): Promise<void> {
  await editProfiles(context, (config) => {
    existingProfile(from, config);
    checkNewName(to, config);
    return { kind: "rename", from, to };
  });
}
