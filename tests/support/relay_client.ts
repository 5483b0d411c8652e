/**
 * A client of a launch's relay: asks it as Claude Code does, over its socket or
 * its port.
 *
 * @module
 */

import { eventually } from "./eventually.ts";
import type { World } from "./program.ts";

/** Lines of a stand-in for Claude Code that tell where the relay is. */
export const TELL_RELAY =
  `printf '%s %s' "$ANTHROPIC_BASE_URL" "$ANTHROPIC_UNIX_SOCKET" > "$HOME/relay.new"
mv "$HOME/relay.new" "$HOME/relay"`;

/** Asks for a path below the relay's URL. */
export type AskRelay = (path: string, init?: RequestInit) => Promise<Response>;

/** Waits until a stand-in has told where the relay is. */
export async function askRelay({ home }: World): Promise<AskRelay> {
  const told = await eventually(
    "it started",
    () => Deno.readTextFile(`${home}/relay`).catch(() => undefined),
  );
  const [url, socket] = told.split(" ");
  return async (path, init) => {
    using client = Deno.createHttpClient(
      socket === "" ? {} : { proxy: { transport: "unix", path: socket } },
    );
    const response = await fetch(url + path, { ...init, client });
    // Whole, before its connection is closed.
    return new Response(await response.bytes(), response);
  };
}
