/**
 * A relay in a process of its own, to the provider URL that is its first argument
 * and at the place that is the second: prints its URL and its socket, if it has
 * one, then serves until its input ends.
 *
 * @module
 */

import type { Token } from "../../lib/auth/token.ts";
import { bindRelay } from "../../lib/relay/session.ts";
import { denoSys } from "../../lib/system/deno_sys.ts";

const token: Token = {
  value: "gateway-token-under-test",
  source: "test",
  login: { authMode: "token" },
  refreshable: false,
};
await using relay = await bindRelay(
  Deno.args[1] === "socket" ? "socket" : "port",
  denoSys(import.meta.url),
);
await relay.serve({
  mode: "passthrough",
  providerUrl: Deno.args[0],
  token,
  resolve: () => Promise.resolve(token),
});
const { url, socket = "" } = relay.address;
await Deno.stdout.write(new TextEncoder().encode(`${url} ${socket}\n`));
await Deno.stdin.read(new Uint8Array(1));
