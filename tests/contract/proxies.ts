/**
 * What may stand between Claude Code and a host.
 *
 * @module
 */

/** A proxy that answers nothing and writes down what it is asked. */
export interface DeadProxy extends AsyncDisposable {
  /** Its address. */
  url: string;
  /** Method and URL of each request. */
  seen: string[];
}

/** Starts a proxy that answers nothing. */
export function startDeadProxy(): DeadProxy {
  const seen: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      seen.push(`${request.method} ${request.url}`);
      return new Response(null, { status: 502 });
    },
  );
  return {
    seen,
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A way to a server that is cut for a while. */
export interface CutFront extends Disposable {
  /** Its address. */
  url: string;
  /** How many connections were cut. */
  refused(): number;
}

/** Starts a way to a server that after the first connection is cut for some. */
export function startCutFront(port: number, cut: number): CutFront {
  const hostname = "127.0.0.1";
  const listener = Deno.listen({ hostname, port: 0 });
  let connections = 0;
  (async () => {
    for await (const client of listener) {
      connections++;
      if (connections > 1 && connections <= 1 + cut) client.close();
      else pass(client).catch(() => {});
    }
  })().catch(() => {});
  async function pass(client: Deno.TcpConn) {
    const server = await Deno.connect({ hostname, port });
    await Promise.all([
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ]);
  }
  return {
    url: `http://${hostname}:${listener.addr.port}`,
    refused: () => Math.min(cut, connections - 1),
    [Symbol.dispose]: () => listener.close(),
  };
}
