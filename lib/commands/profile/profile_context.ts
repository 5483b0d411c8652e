/**
 * What the profile commands share: where the profiles are, and their names.
 *
 * @module
 */

import { CliError } from "../../base/errors.ts";
import { printable } from "../../base/printable.ts";
import { readConfig, selectProfile } from "../../profile/active_profile.ts";
import {
  type Config,
  parseConfig,
  type Profile,
} from "../../profile/config.ts";
import type { Options } from "../../profile/options.ts";
import type { Reporter } from "../../system/reporter.ts";
import type { Sys } from "../../system/sys.ts";

/** What a profile command works on. */
export interface ProfileContext {
  /** The config file. */
  path: string;
  /** Flags and environment. */
  options: Options;
  report: Reporter;
  sys: Sys;
}

/** How to add a profile, for hints. */
export const ADD = "ai-claude profile add NAME --ai-gateway-url URL";

/** The config file as it is; an absent one has no profiles. */
export async function readProfiles(
  { path, sys }: ProfileContext,
): Promise<Config> {
  return await readConfig(path, false, sys) ?? await parseConfig("", path);
}

/** @throws {CliError} `not_found` */
export function existingProfile(name: string, config: Config): Profile {
  return selectProfile(config, name, config.path)!;
}

/** @throws {CliError} `usage` for a name that is malformed or taken */
export function checkNewName(name: string, { profiles, path }: Config): void {
  if (!/^[\w][\w.@-]{0,99}$/.test(name)) {
    throw new CliError("usage", `bad profile name ${quoted(name)}`, {
      hint: "a name is letters, digits and . _ @ -, the first no . @ -",
    });
  }
  if (profiles.some((profile) => profile.name === name)) {
    throw new CliError("usage", `profile "${name}" is already in ${path}`, {
      hint: `choose another name, or change it: ai-claude profile set ${name}`,
    });
  }
}

/** A text in quotes, safe to show. */
export function quoted(text: string): string {
  return `"${printable(text)}"`;
}
