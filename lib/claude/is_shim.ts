/**
 * Telling a shim of `ai-claude shim` from Claude Code: one that is found on PATH
 * as `claude` must not start itself again.
 *
 * @module
 */

import type { Sys } from "../system/sys.ts";

/** What every shim says in its text. */
export const SHIM_MARK =
  "ai-claude shim: starts Claude Code through the gateway";

/** No shim is larger, in bytes: Claude Code need not be read to its end. */
export const MAX_SHIM_BYTES = 64 * 1024;

/** Whether a file is a shim. */
export async function isShim(
  path: string,
  sys: Pick<Sys, "readTextFile">,
): Promise<boolean> {
  const text = await sys.readTextFile(path, MAX_SHIM_BYTES).catch(() => "");
  return text?.includes(SHIM_MARK) ?? false;
}
