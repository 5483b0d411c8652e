/**
 * Bounds on requests that run out when a test says so.
 *
 * @module
 */

import type { Sys } from "../../lib/system/sys.ts";

/** The native `fetch` with such bounds. */
export interface HastyFetch {
  fetch: Sys["fetch"];
  /** What the bounds should have been, in milliseconds. */
  readonly bounds: (number | undefined)[];
}

/**
 * Makes a `fetch` whose bound runs out once the moment of a request has come;
 * without a moment it never does.
 */
export function hastyFetch(
  momentOf: (
    url: string,
    answer: Promise<Response>,
  ) => Promise<unknown> | undefined,
): HastyFetch {
  const bounds: (number | undefined)[] = [];
  return {
    bounds,
    fetch: async (url, { timeoutMs, ...init } = {}) => {
      bounds.push(timeoutMs);
      const bound = new AbortController();
      const answer = fetch(url, { ...init, signal: bound.signal });
      const moment = momentOf(url, answer);
      if (moment !== undefined) {
        await moment;
        bound.abort(new DOMException("Signal timed out.", "TimeoutError"));
      }
      return await answer;
    },
  };
}
