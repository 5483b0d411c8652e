/**
 * `ai-claude profile show [NAME]`
 *
 * @module
 */

import { printable } from "../../base/printable.ts";
import { render } from "../../base/render.ts";
import { selectProfile } from "../../profile/active_profile.ts";
import {
  type Resolved,
  resolveProfile,
} from "../../profile/resolved_profile.ts";
import { type ProfileContext, readProfiles } from "./profile_context.ts";

/** Prints the values in force, and where each comes from. */
export async function showProfile(
  name: string | undefined,
  context: ProfileContext,
): Promise<void> {
  const { options, path, sys } = context;
  const config = await readProfiles(context);
  const profile = selectProfile(config, name ?? options.profile, path);
  const selectedBy = name === undefined ? undefined : "argument";
  const resolved = resolveProfile(profile, options, selectedBy);
  const rows = Object.entries(resolved).map((
    [key, { value, source }]: [string, Resolved],
  ) => [key, printable(value ?? "-"), source]);
  sys.out(
    render(
      options.format,
      resolved,
      ({ table }) => table(["KEY", "VALUE", "SOURCE"], rows),
    ),
  );
}
