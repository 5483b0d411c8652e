/**
 * A client of a launch's relay: asks it as Claude Code does, over its socket or
 * its port.
 *
 * @module
 */

import { request } from "node:http";
import { eventually } from "./eventually.ts";
import type { World } from "./program.ts";

/** Lines of a stand-in for Claude Code that tell where the relay is. */
export const TELL_RELAY =
  `printf '%s %s' "$ANTHROPIC_BASE_URL" "$ANTHROPIC_UNIX_SOCKET" > "$HOME/relay.new"
mv "$HOME/relay.new" "$HOME/relay"`;

/** Asks for a path below the relay's URL. */
export type AskRelay = (
  path: string,
) => Promise<{ status: number; text: string }>;

/**
 * Waits until a stand-in has told where the relay is. Not with `fetch`: it does
 * not use a socket for an address of `NO_PROXY`.
 */
export async function askRelay({ home }: World): Promise<AskRelay> {
  const told = await eventually(
    "it started",
    () => Deno.readTextFile(`${home}/relay`).catch(() => undefined),
  );
  const [url, socketPath] = told.split(" ");
  return (path) => {
    const { host, hostname, port, pathname } = new URL(url + path);
    return new Promise((resolve, reject) => {
      request({
        ...socketPath === "" ? { hostname, port } : { socketPath },
        path: pathname,
        headers: { host },
        agent: false,
      }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => text += chunk);
        answer.on("end", () => resolve({ status: answer.statusCode!, text }));
        answer.on("error", reject);
      }).on("error", reject).end();
    });
  };
}
