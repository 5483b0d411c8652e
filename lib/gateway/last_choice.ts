/**
 * The provider that was chosen last, to be offered first. Only a convenience:
 * errors of reading and writing it are ignored.
 *
 * @module
 */

import { homeDir, joinPath } from "../system/find_program.ts";
import { isObject, type JsonObject, parseObject } from "../base/json_object.ts";
import type { Sys } from "../system/sys.ts";

/** What a choice is remembered for. */
export interface ChoicePlace {
  /** Base URL of the gateway. */
  gatewayUrl: string;
  profile?: string;
}

export type ChoiceSys = Pick<
  Sys,
  "env" | "platform" | "readTextFile" | "replaceTextFile"
>;

/** The key in the state file; its other keys are kept. */
const KEY = "last_provider";

/** The provider that was chosen last, when that is known. */
export async function lastChoice(
  place: ChoicePlace,
  sys: ChoiceSys,
): Promise<string | undefined> {
  const path = statePath(sys);
  if (path === undefined) return undefined;
  const choice = choices(await readState(path, sys))[placeKey(place)];
  return typeof choice === "string" ? choice : undefined;
}

/** Remembers a choice in `~/.rpai/ai-claude.state`, if that can be written. */
export async function rememberChoice(
  place: ChoicePlace,
  name: string,
  sys: ChoiceSys,
): Promise<void> {
  const path = statePath(sys);
  const state = path && await readState(path, sys);
  if (!path || !state) return;
  const before = choices(state);
  if (before[placeKey(place)] === name) return;
  const next = { ...state, [KEY]: { ...before, [placeKey(place)]: name } };
  const text = JSON.stringify(next, null, 2) + "\n";
  await sys.replaceTextFile(path, text, { file: 0o600, dir: 0o700 })
    .catch(() => {});
}

function statePath(sys: ChoiceSys): string | undefined {
  const home = homeDir(sys);
  return home && joinPath(sys.platform, home, ".rpai", "ai-claude.state");
}

/** The state, empty without a usable file; `undefined` on a read error. */
async function readState(
  path: string,
  sys: ChoiceSys,
): Promise<JsonObject | undefined> {
  try {
    return parseObject(await sys.readTextFile(path) ?? "") ?? {};
  } catch {
    return undefined;
  }
}

function choices(state: JsonObject = {}): JsonObject {
  const choices = state[KEY];
  return isObject(choices) ? choices : {};
}

function placeKey({ gatewayUrl, profile }: ChoicePlace): string {
  return profile === undefined ? gatewayUrl : `${gatewayUrl} ${profile}`;
}
