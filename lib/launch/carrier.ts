/**
 * Who puts the gateway's credential on Claude Code's requests.
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
 * nobody else can reach, or on a port behind a secret. Beside the socket there can
 * be a port that only says at once that nothing is there.
 */
export type RelayPlace = "socket" | "socket beside a port" | "port";

/**
 * Where the relay of a launch listens. Claude Code ignores the socket when it has
 * a stored subscription login (2.1.332), which passthrough may have. In Bedrock
 * mode it asks for inference profiles without the socket, and tries for a tenth of
 * a second longer where nobody answers.
 */
export function relayPlace(mode: Mode, platform: Platform): RelayPlace {
  if (mode === "passthrough" || platform === "windows") return "port";
  return mode === "bedrock" ? "socket beside a port" : "socket";
}

/**
 * The base URL of requests that go over the socket.
 *
 * @param port by default one where nothing listens, or may without privileges: a
 * Claude Code that ignored the socket would reach nobody
 */
export function socketUrl(port: number | string = 2): string {
  return `http://127.0.0.1:${port}/ai-claude`;
}

/** Shown where there is no relay to have an address. */
export const RELAY_PLACEHOLDERS: Readonly<Record<RelayPlace, RelayAddress>> = {
  socket: { url: socketUrl(), socket: "<private folder>/socket" },
  "socket beside a port": {
    url: socketUrl("<port>"),
    socket: "<private folder>/socket",
  },
  port: { url: "http://127.0.0.1:<port>/<secret>" },
};

/**
 * The helper of a launch with the relay, which replaces that word with the real
 * credential. Without a helper Claude Code would ask for a login; a variable
 * instead would be inherited by its tools.
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
