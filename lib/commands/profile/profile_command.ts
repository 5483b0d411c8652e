/**
 * `ai-claude profile list|show|use|add|set|delete|rename`
 *
 * @module
 */

import { CliError } from "../../base/errors.ts";
import type { Command } from "../../cli/command.ts";
import { resolveOptions } from "../../profile/options.ts";
import { reporter } from "../../system/reporter.ts";
import type { Sys } from "../../system/sys.ts";
import { addProfile } from "./profile_add.ts";
import type { ProfileContext } from "./profile_context.ts";
import { deleteProfile } from "./profile_delete.ts";
import { listProfiles } from "./profile_list.ts";
import { renameProfile } from "./profile_rename.ts";
import { setProfile } from "./profile_set.ts";
import { showProfile } from "./profile_show.ts";
import { useProfile } from "./profile_use.ts";

/** Runs a profile command; resolves to the exit code. */
export async function profileCommand(
  { action, names, flags }: Extract<Command, { kind: "profile" }>,
  sys: Sys,
): Promise<number> {
  const options = resolveOptions(flags, sys);
  const path = options.configPath;
  if (path === undefined) {
    throw new CliError("failure", "no place for profiles: HOME is not set", {
      hint: "set HOME, or name a config file with --rpai-config PATH",
    });
  }
  const report = await reporter(options, sys);
  const context: ProfileContext = { path, options, report, sys };
  const [name, ...others] = names;
  switch (action) {
    case "list":
      await listProfiles(context);
      break;
    case "show":
      await showProfile(name, context);
      break;
    case "use":
      await useProfile(name, context);
      break;
    case "add":
      await addProfile(name, flags, context);
      break;
    case "set":
      await setProfile(name, others, context);
      break;
    case "delete":
      await deleteProfile(name, context);
      break;
    default:
      await renameProfile(name, others[0], context);
  }
  return 0;
}
