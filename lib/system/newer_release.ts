/**
 * Whether the registry has a newer release of this program.
 *
 * @module
 */

import { isObject } from "../base/json_object.ts";
import { isOlder } from "../base/older_version.ts";
import { JSR_URL, NAME, VERSION } from "../base/version.ts";
import { requestJson } from "./request_json.ts";
import type { Sys } from "./sys.ts";

/** Bound on asking the registry, in milliseconds. */
const TIMEOUT_MS = 2_000;

/** A release that is newer than this program. */
export interface NewerRelease {
  /** Its number. */
  version: string;
  /** How to get it. */
  remedy: string;
}

/**
 * Asks the registry that the program comes from. `undefined` when there is
 * nothing newer, and when the registry does not tell. It is not asked where
 * `DENO_NO_UPDATE_CHECK` turns Deno's own question off.
 */
export async function newerRelease(
  sys: Pick<Sys, "env" | "fetch" | "runtime">,
  timeoutMs = TIMEOUT_MS,
): Promise<NewerRelease | undefined> {
  if (sys.env.DENO_NO_UPDATE_CHECK) return undefined;
  const { jsrUrl = JSR_URL, standalone } = sys.runtime;
  const url = `${jsrUrl.replace(/\/*$/, "")}/${NAME}/meta.json`;
  const answer = await requestJson(url, {}, timeoutMs, sys);
  if (answer.kind !== "answer" || answer.status !== 200) return undefined;
  const version = latestOf(answer.body);
  if (version === undefined || !isOlder(VERSION, version)) return undefined;
  return {
    version,
    remedy: standalone
      ? `download the program of release v${version}`
      : `deno install -g -A -f jsr:${NAME}@${version}`,
  };
}

/** The latest version by a registry's `meta.json`, if that makes sense. */
function latestOf(meta: unknown): string | undefined {
  if (!isObject(meta) || !isObject(meta.versions)) return undefined;
  const { latest, versions } = meta;
  if (typeof latest !== "string" || !/^\d+\.\d+\.\d+$/.test(latest)) {
    return undefined;
  }
  const entry = Object.hasOwn(versions, latest) ? versions[latest] : undefined;
  return isObject(entry) && entry.yanked !== true ? latest : undefined;
}
