/**
 * `ai-claude profile rename OLD NEW`
 *
 * @module
 */

import { changeConfig } from "../../profile/change_config.ts";
import {
  checkNewName,
  existingProfile,
  type ProfileContext,
} from "./profile_context.ts";

/** Renames a profile where it stands; a current one stays current. */
export async function renameProfile(
  from: string,
  to: string,
  context: ProfileContext,
): Promise<void> {
  await changeConfig(context.path, (config) => {
    existingProfile(from, config);
    checkNewName(to, config);
    return { kind: "rename", from, to };
  }, context.sys);
}
