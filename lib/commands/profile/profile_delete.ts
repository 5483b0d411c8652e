/**
 * `ai-claude profile delete NAME`
 *
 * @module
 */

import { changeConfig } from "../../profile/change_config.ts";
import type { Config } from "../../profile/config.ts";
import {
  ADD,
  existingProfile,
  type ProfileContext,
  quoted,
} from "./profile_context.ts";

/** Deletes a profile; says what is in force when it was the current one. */
export async function deleteProfile(
  name: string,
  context: ProfileContext,
): Promise<void> {
  const before = await changeConfig(context.path, (config) => {
    existingProfile(name, config);
    return { kind: "delete", name };
  }, context.sys);
  if (before.currentProfile !== name) return;
  context.sys.err(
    `${quoted(name)} was the current profile: ${inForce(name, before)}\n`,
  );
}

function inForce(deleted: string, { profiles }: Config): string {
  const left = profiles.filter(({ name }) => name !== deleted);
  switch (left.length) {
    case 0:
      return `now there is none; add one: ${ADD}`;
    case 1:
      return `now ${quoted(left[0].name)} is in force, the only one`;
    default:
      return "now there is none; choose one: ai-claude profile use NAME";
  }
}
