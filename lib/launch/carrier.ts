/**
 * How the gateway's credential gets onto a request of Claude Code.
 *
 * @module
 */

import type { Mode } from "../gateway/mode.ts";
import type { Platform } from "../system/sys.ts";
import type { RelayAddress, Route } from "./facts.ts";

/**
 * - `helper`: Claude Code runs this program for it
 * - `header`: it is in Claude Code's environment
 * - `relay`: this program adds it on the way, and Claude Code never has it
 */
export type Carrier = "helper" | "header" | "relay";

/**
 * Where the relay can listen: on a Unix socket in a folder of its own, which
 * nobody else can reach, or on a port behind a secret.
 */
export type RelayPlace = "socket" | "port";

/**
 * Where the relay of a launch listens. With a stored subscription login Claude
 * Code does not use the socket (2.1.332), and passthrough may have one.
 */
export function relayPlace(mode: Mode, platform: Platform): RelayPlace {
  return mode === "passthrough" || platform === "windows" ? "port" : "socket";
}

/**
 * The base URL of requests that go over the socket. Nothing listens on port 2,
 * nor may without privileges: a Claude Code that ignored the socket would reach
 * nobody.
 */
export const SOCKET_URL = "http://127.0.0.1:2/ai-claude";

/** Stand for the relay's address while there is no relay. */
export const RELAY_PLACEHOLDERS: Readonly<Record<RelayPlace, RelayAddress>> = {
  socket: { url: SOCKET_URL, socket: "<private folder>/socket" },
  port: { url: "http://127.0.0.1:<port>/<secret>" },
};

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
 * const relay = { url: "http://127.0.0.1:4000/secret" };
 * assertEquals(carrierOf({ mode: "managed", relay }), "relay");
 * ```
 */
export function carrierOf(
  { mode, relay }: Pick<Route, "mode" | "relay">,
): Carrier {
  if (relay !== undefined) return "relay";
  return mode === "passthrough" ? "header" : "helper";
}
