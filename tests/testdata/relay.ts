/**
 * A relay in a process of its own, to the provider URL that is its argument:
 * prints its URL, then serves until its input ends.
 *
 * @module
 */

import { surviveStrayErrors } from "../../lib/relay/node_guard.ts";
import { startRelay } from "../../lib/relay/node_relay.ts";

surviveStrayErrors();
const token = "gateway-token-under-test";
using relay = await startRelay({
  mode: "passthrough",
  providerUrl: Deno.args[0],
  tokens: {
    current: () => Promise.resolve(token),
    replace: () => Promise.resolve(undefined),
  },
}, {
  env: Deno.env.toObject(),
  readTextFile: (path) => Deno.readTextFile(path).catch(() => undefined),
});
await Deno.stdout.write(new TextEncoder().encode(`${relay.url}\n`));
await Deno.stdin.read(new Uint8Array(1));
