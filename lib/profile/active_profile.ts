/**
 * Which gateway, as whom: the config file's profile merged with the options.
 *
 * @module
 */

import {
  type AuthMode,
  type Config,
  configError,
  parseConfig,
  type Profile,
} from "./config.ts";
import { CliError } from "../base/errors.ts";
import type { Options } from "./options.ts";
import type { Sys } from "../system/sys.ts";

/** The profile in force and what it comes to. */
export interface Target {
  /** The profile, when there is one. */
  profile?: Profile;
  /** How its token is got. */
  authMode: AuthMode;
  /** Set when nobody named that mode: others may be tried. */
  authModeByDefault?: true;
  /** Names of the profiles, when there are several and none is in force. */
  unchosen?: readonly string[];
  /** Set when the config file is another program's. */
  foreign?: true;
  /** What is odd about the config file, one line each. */
  warnings: readonly string[];
}

/**
 * Reads the config file and selects the profile.
 *
 * @throws {CliError} `not_found` for a profile that does not exist, `failure`
 * for a config file that cannot be read
 */
export async function readTarget(
  options: Options,
  sys: Pick<Sys, "readTextFile">,
): Promise<Target> {
  const path = options.configPath;
  const config = path === undefined
    ? undefined
    : await readConfig(path, options.configNamed, sys);
  const shown = path ?? "~/.rpai/config (HOME is not set)";
  const profile = selectProfile(config, options.profile, shown);
  const authMode = options.authMode?.value ?? profile?.authMode;
  const names = config?.profiles.map(({ name }) => name) ?? [];
  return {
    profile,
    ...profile === undefined && names.length > 0 && { unchosen: names },
    ...config?.foreign && { foreign: true },
    ...authMode === undefined
      ? { authMode: "device", authModeByDefault: true }
      : { authMode },
    warnings: config?.warnings ?? [],
  };
}

/**
 * The profile in force: the named one, else the current one, else the only one.
 *
 * @throws {CliError} `not_found` when it is not in the file.
 */
export function selectProfile(
  config: Config | undefined,
  name: string | undefined,
  path: string,
): Profile | undefined {
  const wanted = name ?? config?.currentProfile;
  if (wanted === undefined) {
    return config?.profiles.length === 1 ? config.profiles[0] : undefined;
  }
  const found = config?.profiles.find((profile) => profile.name === wanted);
  if (found !== undefined) return found;
  const names = (config?.profiles ?? []).map((profile) => profile.name);
  const there = names.length > 0
    ? `profiles there: ${names.join(", ")}`
    : "there are no profiles; ai-claude profile add NAME --ai-gateway-url " +
      "URL, or give --rpai-endpoint URL without one";
  throw new CliError(
    "not_found",
    `profile "${wanted}" is not in ${path}`,
    {
      hint: name === undefined && names.length > 0
        ? `ai-claude profile use NAME; ${there}`
        : there,
      suggest: { word: wanted, among: names, show: "likely" },
      argument: "--rpai-profile",
    },
  );
}

/**
 * Reads the config file; `undefined` when there is none.
 *
 * @param named whether the user named it: then it must be there
 * @throws {CliError} `failure` when it cannot be read or understood
 */
export async function readConfig(
  path: string,
  named: boolean,
  sys: Pick<Sys, "readTextFile">,
): Promise<Config | undefined> {
  const text = await sys.readTextFile(path).catch((error) => {
    const hint = "check the file's permissions, or name another with " +
      "--rpai-config";
    throw configError("read", path, error, hint);
  });
  if (text !== undefined) return await parseConfig(text, path);
  if (!named) return undefined;
  throw new CliError("failure", `cannot read config ${path}: no such file`, {
    hint: "fix --rpai-config or RPAI_CONFIG, or make that file: ai-claude " +
      "profile add NAME --ai-gateway-url URL",
    argument: "--rpai-config",
  });
}
