/**
 * A token for Claude Code's helper: another one when the gateway refused the
 * last. Claude Code does not say so (2.1.332): it only asks again sooner than it
 * has to.
 *
 * @module
 */

import { isObject, parseObject } from "../base/json_object.ts";
import type { Sys } from "../system/sys.ts";
import type { Login } from "./login.ts";
import type { StoredTokenSys } from "./stored_token.ts";
import { type Token, tokenOf } from "./token.ts";

/** How long Claude Code keeps what a helper printed, in milliseconds. */
const KEPT_MS = 5 * 60_000;

/** Part of that time after which asking again is no sign of a refusal. */
const USUAL_SHARE = 0.9;

/** Least time between two such replacements in a session, in milliseconds. */
const REPLACE_MS = 60_000;

/** A session that has not asked for so long is forgotten, in milliseconds. */
const FORGET_MS = 24 * 3_600_000;

/** What a session was given last. */
interface HandedOut {
  /** When, in milliseconds since 1970. */
  at: number;
  /** When the token expires: no two tokens of a login share that. */
  expiresAt: number;
  /** When one was last replaced for having been refused. */
  replacedAt: number;
}

type HelperSys =
  & StoredTokenSys
  & Pick<Sys, "isExecutable" | "capture" | "overwriteTextFile" | "parentPid">;

/**
 * The token of a login, valid now. A session that asks again early for one that
 * it was given gets a new one, at most once a minute.
 *
 * @param refreshWithinMs a stored token with less left is refreshed, in
 * milliseconds; a minute by default
 * @throws {CliError} `unauthenticated` when there is none
 */
export async function tokenForHelper(
  login: Login,
  sys: HelperSys,
  refreshWithinMs?: number,
): Promise<Token> {
  const token = await tokenOf(login, sys, refreshWithinMs);
  const credentials = "credentials" in login ? login.credentials : undefined;
  if (credentials === undefined || !token.refreshable) return token;
  const path = `${credentials}.handed-out`;
  const sessions = await readSessions(path, sys);
  const now = sys.now();
  const { env, parentPid } = sys;
  const usual = USUAL_SHARE *
    (Number(env.CLAUDE_CODE_API_KEY_HELPER_TTL_MS) || KEPT_MS);
  const last = sessions[parentPid];
  const refused = last !== undefined && last.expiresAt === token.expiresAt &&
    now - last.at < usual && now - last.replacedAt > REPLACE_MS;
  const given = refused ? await tokenOf(login, sys, Infinity) : token;
  const { expiresAt = 0 } = given;
  const replacedAt = refused ? now : last?.replacedAt ?? 0;
  sessions[parentPid] = { at: now, expiresAt, replacedAt };
  // Best effort: without it, the session gets the same token next time.
  await sys.overwriteTextFile(path, JSON.stringify(sessions)).catch(() => {});
  return given;
}

/** Recent sessions by process id, without entries that are not understood. */
async function readSessions(
  path: string,
  sys: Pick<Sys, "readTextFile" | "now">,
): Promise<Record<string, HandedOut>> {
  const text = await sys.readTextFile(path).catch(() => undefined);
  const entries = Object.entries(parseObject(text ?? "") ?? {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, HandedOut] =>
      isHandedOut(entry[1]) && sys.now() - entry[1].at < FORGET_MS
    ),
  );
}

function isHandedOut(value: unknown): value is HandedOut {
  return isObject(value) &&
    ["at", "expiresAt", "replacedAt"].every((key) =>
      typeof value[key] === "number"
    );
}
