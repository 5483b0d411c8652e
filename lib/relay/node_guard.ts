/**
 * Keeps a launch alive whatever happens to the relay's connections.
 *
 * @module
 */

import process from "node:process";

/**
 * From now on an error that nobody listens for does not end the process, and
 * Claude Code with it: that of a connection that is cut at the wrong moment. The
 * request that it belongs to fails in the ordinary way.
 */
export function surviveStrayErrors(): void {
  const ignore = () => {};
  process.on("uncaughtException", ignore);
  process.on("unhandledRejection", ignore);
}
