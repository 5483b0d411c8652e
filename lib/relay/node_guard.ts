/**
 * Keeps a launch alive whatever happens to the relay's connections.
 *
 * @module
 */

import process from "node:process";

/**
 * From now on an error that nobody listens for does not end the process, and
 * Claude Code with it. A connection to the gateway over HTTP/2 that is cut while
 * it is written to has such errors (undici 8.13, Deno 2.9.6); the request itself
 * fails in the ordinary way.
 */
export function surviveStrayErrors(): void {
  const ignore = () => {};
  process.on("uncaughtException", ignore);
  process.on("unhandledRejection", ignore);
}
