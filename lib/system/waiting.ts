/**
 * Saying what is being waited for.
 *
 * @module
 */

import { printable } from "../base/printable.ts";
import type { Sys } from "./sys.ts";

/** How long an answer may take before somebody is told, in milliseconds. */
const PATIENCE_MS = 700;

/**
 * The machine, saying on a terminal whose answer takes long; the line goes when
 * the answer comes.
 */
export function sayingWaits(sys: Sys): Sys {
  if (!sys.isTerminal("stderr")) return sys;
  return {
    ...sys,
    fetch: async (url, init) => {
      const answered = new AbortController();
      let said = false;
      sys.sleep(PATIENCE_MS, answered.signal).then(() => {
        if (answered.signal.aborted) return;
        said = true;
        sys.err(`\r\x1b[Kwaiting for ${printable(new URL(url).host)} ...`);
      }).catch(() => {}); // it came in time
      try {
        return await sys.fetch(url, init);
      } finally {
        answered.abort();
        if (said) sys.err("\r\x1b[K");
      }
    },
  };
}
