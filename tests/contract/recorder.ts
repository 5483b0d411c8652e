/**
 * A proxy that answers for every host and writes down what it is asked, also
 * within TLS: for that, a client has to trust its certificate.
 *
 * @module
 */

import { selfSigned } from "../support/self_signed.ts";

/** Hosts that Claude Code is known to ask, and what else they may be called. */
const HOSTS = [
  "api.anthropic.com",
  "*.anthropic.com",
  "claude.ai",
  "*.claude.ai",
  "claude.com",
  "*.claude.com",
  "*.googleapis.com",
  "*.githubusercontent.com",
  "*.datadoghq.com",
  "*.npmjs.org",
];

/** A running recorder. */
export interface Recorder extends AsyncDisposable {
  /** Its address as a proxy. */
  url: string;
  /** Its certificate, as PEM. */
  cert: string;
  /** Method, URL and headers of each request, one text each. */
  seen: string[];
}

/** Starts a recorder. */
export async function startRecorder(): Promise<Recorder> {
  const { cert, key } = await selfSigned(...HOSTS);
  const seen: string[] = [];
  const aborter = new AbortController();
  const options = {
    hostname: "127.0.0.1",
    port: 0,
    signal: aborter.signal,
    onListen() {},
  };
  const server = Deno.serve({ ...options, cert, key }, async (request) => {
    const headers = [...request.headers].map((pair) => pair.join(": "));
    seen.push([
      `${request.method} ${request.url}`,
      ...headers,
      await request.text(),
    ].join("\n"));
    return Response.json({}, { status: 404 });
  });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  const accepting = (async () => {
    for await (const client of listener) tunnel(client).catch(() => {});
  })().catch(() => {});

  async function tunnel(client: Deno.TcpConn): Promise<void> {
    open.add(client);
    const buffer = new Uint8Array(65536);
    const count = await client.read(buffer) ?? 0;
    const head = new TextDecoder().decode(buffer.subarray(0, count));
    if (!head.startsWith("CONNECT ")) {
      seen.push(head);
      const answer = "HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n";
      await client.write(new TextEncoder().encode(answer));
      return client.close();
    }
    const inner = await Deno.connect({
      hostname: "127.0.0.1",
      port: server.addr.port,
    });
    open.add(inner);
    const answer = "HTTP/1.1 200 Connected\r\n\r\n";
    await client.write(new TextEncoder().encode(answer));
    await Promise.all([
      client.readable.pipeTo(inner.writable),
      inner.readable.pipeTo(client.writable),
    ]);
  }

  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    cert,
    seen,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await accepting;
      aborter.abort();
      await server.finished;
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          // It is closed.
        }
      }
    },
  };
}
