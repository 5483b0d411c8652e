/**
 * What the values of flags and the arguments of commands can be.
 *
 * @module
 */

import { AUTH_MODES } from "../../profile/config.ts";
import type { CommandSpec } from "../command_table.ts";
import type { FlagSpec } from "../../profile/flags.ts";
import { FORMATS } from "../../base/format.ts";

/** Possible values: fixed words, or a kind that has to be looked up. */
export type Values =
  | readonly string[]
  | "files"
  | "dirs"
  | "profiles"
  | "providers"
  | "usable providers"
  | "models"
  | "anything";

/** Values of flags, by flag or by the name that the help gives its value. */
const FLAG_VALUES: Readonly<Record<string, Values>> = {
  FORMAT: FORMATS,
  MODE: AUTH_MODES,
  PATH: "files",
  DIR: "dirs",
  "rpai-profile": "profiles",
  from: "profiles",
  llmprovider: "usable providers",
  model: "models",
};

/** First arguments, by the words of the command. */
const ARGUMENTS: Readonly<Record<string, Values>> = {
  "profile show": "profiles",
  "profile use": "profiles",
  "profile set": "profiles",
  "profile delete": "profiles",
  "profile rename": "profiles",
  "provider get": "providers",
  "provider models": "providers",
  "provider check": "usable providers",
  doctor: "files",
  shim: "files",
};

/** The values of a flag that takes one. */
export function flagValues({ name, value = "" }: FlagSpec): Values {
  return FLAG_VALUES[name] ?? FLAG_VALUES[value] ?? "anything";
}

/**
 * What a command's next argument may be.
 *
 * @param given how many there are already
 */
export function argumentValues(
  { words, names = [] }: Pick<CommandSpec, "words" | "names">,
  given: number,
): Values {
  const name = names[given];
  if (name === undefined) return [];
  if (name.includes("|")) return name.split("|");
  return given === 0 ? ARGUMENTS[words.join(" ")] ?? "anything" : "anything";
}
