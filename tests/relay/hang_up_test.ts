/**
 * Connections that end at the wrong moment, on either side: no answer that broke
 * off passes for a whole one, and the relay goes on and prints nothing.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import {
  type RelayProcess,
  startProcess,
  temporaryFile,
} from "./relay_process.ts";
import { PREFIX, RawClient, serveConnections } from "./relay_rig.ts";
import { selfSigned } from "../support/self_signed.ts";
import { serveHttp } from "../support/servers.ts";
import { eventually } from "../support/eventually.ts";

const ROUNDS = 10;
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const encoder = new TextEncoder();

/** A connection to a relay, and the head of a request there. */
async function rawClient({ url }: RelayProcess, request: string) {
  const { host, port, pathname } = new URL(url);
  const client = await RawClient.connect(Number(port));
  const [line, ...rest] = request.split("\r\n");
  const [method, path] = line.split(" ");
  await client.send(
    [`${method} ${pathname}${path} HTTP/1.1`, `Host: ${host}`, ...rest]
      .join("\r\n"),
  );
  return client;
}

/** A gateway whose answers to `/endless` have no end. */
function endlessGateway() {
  let open = 0;
  const none = Promise.withResolvers<void>();
  const server = serveHttp((request) => {
    if (!request.url.endsWith("/endless")) return new Response("ok");
    open++;
    return new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(65536)),
        cancel: () => {
          if (--open === 0) none.resolve();
        },
      }),
    );
  });
  return { server, url: server.url + PREFIX, none: none.promise };
}

async function assertServes({ url }: RelayProcess): Promise<void> {
  const response = await fetch(`${url}/v1`);
  assertEquals([response.status, await response.text()], [200, "ok"]);
}

Deno.test("clients that hang up while an answer or an upload passes", async () => {
  const gateway = endlessGateway();
  await using _ = gateway.server;
  await using relay = await startProcess(gateway.url);
  for (let round = 0; round < ROUNDS; round++) {
    using reader = await rawClient(relay, "GET /endless\r\n\r\n");
    // What is unread makes a reset of it.
    await reader.read((text) => text.length > 100_000);
    using writer = await rawClient(
      relay,
      `POST /v1\r\nContent-Length: 9000000\r\n\r\n${"x".repeat(100_000)}`,
    );
    void writer;
    using early = await rawClient(
      relay,
      "POST /v1\r\nContent-Length: 9\r\n\r\n",
    );
    void early;
  }
  await gateway.none;
  await assertServes(relay);
});

Deno.test("a client that closes only its own end", async () => {
  const gateway = endlessGateway();
  await using _ = gateway.server;
  await using relay = await startProcess(gateway.url);
  const { port } = new URL(relay.url);
  for (let round = 0; round < ROUNDS; round++) {
    using half = await Deno.connect({
      hostname: "127.0.0.1",
      port: Number(port),
    });
    await half.write(
      encoder.encode(`GET ${new URL(relay.url).pathname}/v1 HT`),
    );
    await half.closeWrite();
    assertEquals(await half.read(new Uint8Array(1)), null);
  }
  await assertServes(relay);
});

for (
  const [what, answer] of [
    ["before its answer", ""],
    ["in the head of its answer", "HTTP/1.1 200 OK\r\nX-A"],
    ["in a chunk", `${CHUNKED}99\r\nhello`],
    ["between chunks", `${CHUNKED}5\r\nhello\r\n`],
    ["in a body", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhello"],
  ]
) {
  Deno.test(`a gateway that resets the connection ${what}`, async () => {
    using gateway = serveConnections(async (connection) => {
      // What is unread makes a reset of it.
      await connection.read(new Uint8Array(16));
      await connection.write(encoder.encode(answer));
      connection.close();
    });
    await using relay = await startProcess(gateway.url);
    for (let round = 0; round < ROUNDS; round++) {
      for (const size of [0, 100, 3_000_000]) {
        const body = size === 0 ? undefined : new Uint8Array(size);
        const method = body === undefined ? "GET" : "POST";
        const response = await fetch(`${relay.url}/v1`, { method, body })
          // The client may be told before it has sent all.
          .catch(() => undefined);
        if (response?.status === 200) {
          await assertRejects(() => response.text());
        } else assertEquals(response?.status ?? 502, 502);
        await response?.body?.cancel().catch(() => {});
      }
    }
  });
}

/** A gateway over HTTP/2 that answers a stream as a test says. */
async function http2Gateway(
  answer: (stream: http2.ServerHttp2Stream) => void,
) {
  const { cert, key } = await selfSigned("localhost");
  const server = http2.createSecureServer({ cert, key });
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream: http2.ServerHttp2Stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200 });
    answer(stream);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    cert,
    url: `https://localhost:${port}${PREFIX}`,
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) session.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

for (
  const [what, whole, end] of [
    ["says GOAWAY and finishes", true, (stream) => {
      stream.session?.goaway(0);
      stream.end("hello");
    }],
    ["resets the stream", false, (stream) => {
      stream.write("hello", () => stream.destroy(new Error("reset")));
    }],
    ["says GOAWAY and hangs up", false, (stream) => {
      stream.write("hello", () => {
        stream.session?.goaway(2);
        stream.session?.destroy(new Error("gone"), 2);
      });
    }],
  ] as [string, boolean, (stream: http2.ServerHttp2Stream) => void][]
) {
  Deno.test(`an HTTP/2 gateway that ${what}`, async () => {
    await using gateway = await http2Gateway(end);
    await using ca = await temporaryFile(gateway.cert);
    await using relay = await startProcess(gateway.url, { DENO_CERT: ca.path });
    for (let round = 0; round < ROUNDS; round++) {
      const response = await fetch(`${relay.url}/v1`);
      assertEquals(response.status, 200);
      if (whole) assertEquals(await response.text(), "hello");
      else await assertRejects(() => response.text());
    }
  });
}

for (const place of ["port", "socket"] as const) {
  Deno.test({
    name: `more clients than files may be open, on a ${place}`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      const gateway = endlessGateway();
      await using _ = gateway.server;
      await using relay = await startProcess(gateway.url, {}, [
        ...["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"],
      ], place);
      const { host, port, pathname } = new URL(relay.url);
      const connect = (): Promise<Deno.Conn> =>
        relay.socket
          ? Deno.connect({ transport: "unix", path: relay.socket })
          : Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
      const clients: Deno.Conn[] = [];
      let refused = false;
      while (!refused && clients.length < 1_000) {
        await connect().then(
          (client) => clients.push(client),
          () => refused = true,
        );
      }
      assert(refused, "it was one too many");
      for (const client of clients) client.close();
      await eventually("it serves again", async () => {
        using client = await connect().catch(() => undefined);
        if (client === undefined) return;
        const head = `GET ${pathname}/v1 HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
        const answer = new Uint8Array(64);
        const got = await client.write(encoder.encode(head))
          .then(() => client.read(answer)).catch(() => null);
        const text = new TextDecoder().decode(answer.subarray(0, got ?? 0));
        return text.startsWith("HTTP/1.1 200 ") || undefined;
      });
    },
  });
}
