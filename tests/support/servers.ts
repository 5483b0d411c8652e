/**
 * Servers that answer as no gateway should.
 *
 * @module
 */

/** Answers a request. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** A running server. */
export interface Server extends AsyncDisposable {
  /** Without a trailing slash. */
  readonly url: string;
}

/** Serves HTTP on a free port of the loopback interface. */
export function serveHttp(handler: Handler): Server {
  const aborter = new AbortController();
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: aborter.signal,
    onListen() {},
  }, async (request) => {
    await request.arrayBuffer();
    return handler(request);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: async () => {
      aborter.abort();
      await server.finished;
    },
  };
}

/**
 * A server that sends the same bytes to everybody, then waits or hangs up;
 * `visited` resolves with the first request.
 */
export function serveBytes(
  text = "",
  then: "wait" | "hang up" = "wait",
): Disposable & { url: string; visited: Promise<void> } {
  const visited = Promise.withResolvers<void>();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.Conn[] = [];
  (async () => {
    for await (const connection of listener) {
      open.push(connection);
      await connection.read(new Uint8Array(65536));
      visited.resolve();
      await connection.write(new TextEncoder().encode(text));
      if (then === "hang up") connection.close();
    }
  })().catch(() => {});
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    visited: visited.promise,
    [Symbol.dispose]: () => {
      listener.close();
      if (then === "wait") open.forEach((connection) => connection.close());
    },
  };
}

/** A port on which nothing listens. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
