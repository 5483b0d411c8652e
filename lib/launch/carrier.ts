/**
 * How the gateway's credential gets onto a request of Claude Code.
 *
 * @module
 */

import type { Route } from "./facts.ts";

/**
 * - `helper`: Claude Code runs this program for it
 * - `header`: it is in Claude Code's environment
 * - `relay`: this program adds it on the way, and Claude Code never has it
 */
export type Carrier = "helper" | "header" | "relay";

/** Stands for the relay's URL while there is no relay. */
export const RELAY_PLACEHOLDER = "http://127.0.0.1:<port>/<secret>";

/**
 * The helper of a launch with the relay, which puts the real credential in the
 * place of that word. Without one Claude Code would ask for a login; a variable
 * would be one more that tools inherit.
 */
export const RELAY_HELPER = "echo ai-claude-relay";

/**
 * The carrier of a launch.
 *
 * @example
 * ```ts
 * import { carrierOf } from "./carrier.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(carrierOf({ mode: "managed" }), "helper");
 * assertEquals(carrierOf({ mode: "passthrough" }), "header");
 * assertEquals(carrierOf({ mode: "managed", relayUrl: "http://..." }), "relay");
 * ```
 */
export function carrierOf(
  { mode, relayUrl }: Pick<Route, "mode" | "relayUrl">,
): Carrier {
  if (relayUrl !== undefined) return "relay";
  return mode === "passthrough" ? "header" : "helper";
}
