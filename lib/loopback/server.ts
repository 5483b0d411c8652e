/**
 * An HTTP server that only this machine can talk to.
 *
 * @module
 */

import { isLoopback } from "../base/loopback_host.ts";

export interface LoopbackServer extends AsyncDisposable {
  /** Base URL without a trailing slash, for example `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Stops the server and cuts off answers still being sent. */
  close(): Promise<void>;
}

export function serveLoopback(
  handle: (request: Request) => Response | Promise<Response>,
): LoopbackServer {
  const aborter = new AbortController();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: aborter.signal,
    onListen() {},
    // A request that could not be read to its end, or a handler that threw; the
    // default would print it.
    onError: (error) => new Response(String(error), { status: 500 }),
  }, (request) => {
    // A web page whose name was rebound to 127.0.0.1 still sends its own name.
    if (isLoopback(new URL(request.url))) return handle(request);
    return new Response("not a loopback Host", { status: 403 });
  });

  async function close(): Promise<void> {
    // Not `shutdown()`: it waits for clients that do not read their answers, and
    // aborting after it throws (Deno 2.9.6).
    aborter.abort();
    await server.finished;
  }

  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}
