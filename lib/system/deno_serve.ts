/**
 * HTTP as a server and as a client that forwards.
 *
 * @module
 */

import type {
  Connections,
  ListenOptions,
  RequestHandler,
  Server,
} from "./sys.ts";

/** Starts a server; see {@linkcode Sys.serve}. */
export function serve(
  { hostname }: ListenOptions,
  handler: RequestHandler,
): Server {
  silenceSignalNotice();
  const stop = new AbortController();
  const listen = (port: number) =>
    Deno.serve({
      hostname,
      port,
      signal: stop.signal,
      onListen() {},
      // Without it Deno prints the error of every body that breaks off.
      onError: () => new Response(null, { status: 500 }),
    }, (request, { remoteAddr }) => handler(request, remoteAddr.port));
  const server = listen(0);
  const { port } = server.addr;
  const ended = listenOn(server, () => listen(port));
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
    },
  };
}

/**
 * Goes on after an error that ends a server, too many open files say: what it
 * serves already continues, and nobody else gets its port.
 */
async function listenOn(
  server: Deno.HttpServer,
  again: () => Deno.HttpServer,
): Promise<void> {
  try {
    for (;;) {
      try {
        return await server.finished;
      } catch {
        server = again();
      }
    }
  } catch {
    // The port is gone: clients find nobody.
  }
}

/**
 * Deno warns, on the user's terminal, when a request's signal was looked at: it
 * fires also after an answer. Nothing else tells that a client has gone.
 */
function silenceSignalNotice(): void {
  // deno-lint-ignore no-console
  const warn = console.warn;
  // deno-lint-ignore no-console
  console.warn = (...args: unknown[]) => {
    if (String(args[0]).startsWith("Deno.serve: request.signal")) return;
    warn(...args);
  };
}

/** Makes connections; see {@linkcode Sys.connect}. */
export function connect(): Connections {
  const client = Deno.createHttpClient({});
  return {
    fetch: (url, init) => fetch(url, { ...init, client }),
    [Symbol.dispose]: () => client.close(),
  };
}
