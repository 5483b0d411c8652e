/**
 * `ai-claude __complete SHELL -- WORDS...`: what completion scripts call. It
 * prints nothing but candidates, never asks, and ends within a second or two.
 *
 * @module
 */

import type { Command } from "../cli/command.ts";
import {
  readShellLine,
  shellAnswer,
  type ShellLine,
} from "../cli/completion/completion_answer.ts";
import type { Candidate } from "../cli/completion/completion_request.ts";
import { isShell } from "../cli/completion/completion_scripts.ts";
import { parseConfig } from "../profile/config.ts";
import type { Flags } from "../profile/flags.ts";
import { homeDir, joinPath } from "../system/find_program.ts";
import {
  type KnownProvider,
  knownProviders,
} from "../cli/completion/known_providers.ts";
import { type Options, resolveOptions } from "../profile/options.ts";
import type { Sys } from "../system/sys.ts";
import { readTarget } from "../profile/active_profile.ts";

/** Prints candidates; the exit code is 0 whatever happens. */
export async function complete(
  { shell, line: words }: Extract<Command, { kind: "complete" }>,
  machine: Sys,
): Promise<number> {
  if (!isShell(shell)) return 0;
  const sys = unstoppable(machine);
  const line = readShellLine(shell, words);
  const { values } = line;
  if (values === "files" || values === "dirs") {
    sys.out(`${values}\n`);
    return 0;
  }
  let found: readonly Candidate[] = [];
  try {
    found = typeof values === "string"
      ? await lookUp(values, line, sys)
      : values;
  } catch {
    // An error in the middle of a line that is being typed helps nobody.
  }
  sys.out(shellAnswer(shell, line, found));
  return 0;
}

async function lookUp(
  values: Exclude<ShellLine["values"], readonly Candidate[]>,
  { flags }: ShellLine,
  sys: Sys,
): Promise<Candidate[]> {
  const options = resolveOptions(settled(flags, sys), sys);
  switch (values) {
    case "profiles":
      return await profiles(options, sys);
    case "providers":
    case "usable providers":
      return (await providers(options, sys))
        .filter(({ usable }) => usable || values === "providers")
        .map(({ name, type }) => ({ value: name, about: type }));
    case "models": {
      const target = await readTarget(options, sys);
      const name = flags.llmprovider ?? target.profile?.provider;
      const of = (await providers(options, sys))
        .find((provider) => provider.name === name);
      return (of?.models ?? []).map((value) => ({ value }));
    }
    default:
      return [];
  }
}

async function providers(
  options: Options,
  sys: Sys,
): Promise<KnownProvider[]> {
  return await knownProviders(options, await readTarget(options, sys), sys);
}

async function profiles(options: Options, sys: Sys): Promise<Candidate[]> {
  const path = options.configPath;
  const text = path === undefined ? "" : await sys.readTextFile(path) ?? "";
  const config = await parseConfig(text, path ?? "");
  return config.profiles.map((profile) => ({
    value: profile.name,
    about: profile.description ?? `auth_mode ${profile.authMode ?? "device"}`,
  }));
}

/** The flags with `~` expanded and a format that is certainly valid. */
function settled(flags: Flags, sys: Sys): Flags {
  const config = flags["rpai-config"];
  const home = homeDir(sys);
  const below = /^(?:~|\$HOME|\$\{HOME\})\/(.*)$/s.exec(config ?? "")?.[1];
  const path = below === undefined || home === undefined
    ? config
    : joinPath(sys.platform, home, below);
  return {
    ...flags,
    format: "table",
    ...(path === undefined ? {} : { "rpai-config": path }),
  };
}

/** File type bits, and those of a regular file. */
const TYPE_BITS = 0o170000;
const REGULAR = 0o100000;

/** The machine without files that can block their reader, such as pipes. */
function unstoppable(sys: Sys): Sys {
  return {
    ...sys,
    readTextFile: async (path) => {
      const type = (await sys.fileMode(path) ?? REGULAR) & TYPE_BITS;
      return type === REGULAR || type === 0
        ? await sys.readTextFile(path)
        : undefined;
    },
  };
}
