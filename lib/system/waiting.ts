/**
 * Saying what is being waited for.
 *
 * @module
 */

import { printable } from "../base/printable.ts";
import type { Sys } from "./sys.ts";

/** How long an answer may take before the user is told, in milliseconds. */
const PATIENCE_MS = 700;

/** Goes back to the start of the line and empties it. */
const CLEAR = "\r\x1b[K";

/** Shows a line on the terminal while the work goes on. */
export async function saying<T>(
  text: string,
  work: () => Promise<T>,
  sys: Pick<Sys, "isTerminal" | "err">,
): Promise<T> {
  if (!sys.isTerminal("stderr")) return await work();
  sys.err(`${CLEAR}${text}`);
  try {
    return await work();
  } finally {
    sys.err(CLEAR);
  }
}

/** The machine, saying on a terminal whose answer takes long. */
export function sayingWaits(sys: Sys): Sys {
  if (!sys.isTerminal("stderr")) return sys;
  return {
    ...sys,
    fetch: async (url, init) => {
      const answer = sys.fetch(url, init);
      const answered = new AbortController();
      const over = answer.finally(() => answered.abort());
      const patience = sys.sleep(PATIENCE_MS, answered.signal);
      await Promise.race([patience, over]).catch(() => {});
      const text = `waiting for ${printable(new URL(url).host)} ...`;
      return answered.signal.aborted
        ? await over
        : await saying(text, () => over, sys);
    },
  };
}
