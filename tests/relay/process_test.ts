/**
 * A relay in a process of its own, whose certificates, proxies and memory can be
 * looked at.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { startProcess, temporaryFile } from "./relay_process.ts";
import { PREFIX } from "./relay_rig.ts";
import { selfSigned } from "../support/self_signed.ts";
import { serveHttp } from "../support/servers.ts";

const MIB = 1024 * 1024;

/** What was asked, as it arrived. HTTP/2 has no `Host` header. */
async function answer(request: Request): Promise<Response> {
  const { headers, url } = request;
  const { pathname, search } = new URL(url);
  const text = JSON.stringify({
    version: headers.has("host") ? "1.1" : "2.0",
    path: pathname + search,
    token: headers.get("x-redpanda-cloud-token"),
    bytes: (await request.bytes()).length,
  });
  // Encoded without being asked for.
  return new Response(
    new Blob([text]).stream().pipeThrough(new CompressionStream("gzip")),
    { headers: { "content-encoding": "gzip" } },
  );
}

/** A gateway that speaks one version of HTTP over TLS, and no other. */
async function serveTls(names: string[], h2: boolean) {
  const { cert, key } = await selfSigned(...names);
  const local = { hostname: "127.0.0.1", port: 0 };
  const serve = () => Deno.serve({ ...local, onListen() {} }, answer);
  let server = serve();
  const alpnProtocols = [h2 ? "h2" : "http/1.1"];
  const listener = Deno.listenTls({ ...local, cert, key, alpnProtocols });
  let connections = 0;
  const tunnel = async (client: Deno.TlsConn) => {
    const { port } = server.addr;
    connections++;
    const inside = await Deno.connect({ hostname: "127.0.0.1", port });
    await Promise.all([
      client.readable.pipeTo(inside.writable),
      inside.readable.pipeTo(client.writable),
    ]);
  };
  (async () => {
    for await (const client of listener) tunnel(client).catch(() => {});
  })().catch(() => {});
  return {
    cert,
    port: listener.addr.port,
    connections: () => connections,
    /** Ends every connection, over HTTP/2 with a GOAWAY, and goes on. */
    rotate: async () => {
      const last = server;
      server = serve();
      await last.shutdown();
    },
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await server.shutdown();
    },
  };
}

/** A proxy for CONNECT that takes every name for this machine. */
function startConnectProxy() {
  const asked: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const client of listener) {
      tunnel(client).catch(() => {});
    }
  })().catch(() => {});
  async function tunnel(client: Deno.TcpConn) {
    const buffer = new Uint8Array(4096);
    const count = await client.read(buffer) ?? 0;
    const head = new TextDecoder().decode(buffer.subarray(0, count));
    asked.push(head.split("\r\n")[0]);
    const port = Number(/^CONNECT [^:]+:(\d+) /.exec(head)?.[1]);
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    await client.write(
      new TextEncoder().encode("HTTP/1.1 200 Connected\r\n\r\n"),
    );
    await Promise.all([
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ]);
  }
  return {
    asked,
    url: `http://127.0.0.1:${listener.addr.port}`,
    [Symbol.dispose]: () => listener.close(),
  };
}

for (const variable of ["DENO_CERT", "NODE_EXTRA_CA_CERTS"]) {
  for (const h2 of [true, false]) {
    const version = h2 ? "2.0" : "1.1";
    Deno.test(`the relay reaches a gateway with HTTP/${version} that ${variable} vouches for`, async () => {
      await using gateway = await serveTls(["localhost"], h2);
      await using ca = await temporaryFile(gateway.cert);
      const provider = `https://localhost:${gateway.port}${PREFIX}`;
      await using relay = await startProcess(provider, { [variable]: ca.path });
      for (
        const body of [
          undefined,
          new Uint8Array(10),
          new Uint8Array(4 * MIB),
          new Blob([new Uint8Array(3 * MIB)]).stream(),
        ]
      ) {
        const method = body === undefined ? "GET" : "POST";
        const response = await fetch(`${relay.url}/v1?a=b`, { method, body });
        const { bytes, ...answer } = await response.json();
        assertEquals(answer, {
          version,
          path: `${PREFIX}/v1?a=b`,
          token: "gateway-token-under-test",
        });
        assertEquals(
          bytes,
          body === undefined
            ? 0
            : body instanceof Uint8Array
            ? body.length
            : 3 * MIB,
        );
        assertEquals(response.headers.get("content-encoding"), "gzip");
      }
    });
  }
}

Deno.test("the GOAWAY of an HTTP/2 gateway does not end the relay", async () => {
  await using gateway = await serveTls(["localhost"], true);
  await using ca = await temporaryFile(gateway.cert);
  const provider = `https://localhost:${gateway.port}${PREFIX}`;
  await using relay = await startProcess(provider, { DENO_CERT: ca.path });
  for (let round = 0; round < 8; round++) {
    const response = await fetch(`${relay.url}/v1`);
    assertEquals((await response.json()).version, "2.0");
    await gateway.rotate();
  }
  assertGreater(gateway.connections(), 7);
});

Deno.test("the relay trusts nobody else", async () => {
  await using gateway = await serveTls(["localhost"], true);
  const provider = `https://localhost:${gateway.port}${PREFIX}`;
  await using relay = await startProcess(provider);
  const response = await fetch(`${relay.url}/v1`);
  assertEquals(response.status, 502);
  await response.body?.cancel();
});

for (const h2 of [true, false]) {
  const version = h2 ? "2.0" : "1.1";
  Deno.test(`the relay reaches a gateway with HTTP/${version} through the user's proxy`, async () => {
    await using gateway = await serveTls(["gateway.test"], h2);
    await using ca = await temporaryFile(gateway.cert);
    using proxy = startConnectProxy();
    const provider = `https://gateway.test:${gateway.port}${PREFIX}`;
    for (const variable of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"]) {
      await using relay = await startProcess(provider, {
        NODE_EXTRA_CA_CERTS: ca.path,
        [variable]: proxy.url,
      });
      const response = await fetch(`${relay.url}/v1`, {
        method: "POST",
        body: new Uint8Array(2 * MIB),
      });
      const { bytes, path, version: spoken } = await response.json();
      assertEquals([bytes, path, spoken], [2 * MIB, `${PREFIX}/v1`, version]);
    }
    const line = `CONNECT gateway.test:${gateway.port} HTTP/1.1`;
    assertEquals(new Set(proxy.asked), new Set([line]));
  });
}

Deno.test("the relay reaches a gateway of this machine past the user's proxy", async () => {
  using proxy = startConnectProxy();
  await using gateway = serveHttp(({ headers }) =>
    new Response(headers.get("host"))
  );
  await using relay = await startProcess(gateway.url, {
    ...{ HTTP_PROXY: proxy.url, http_proxy: proxy.url, ALL_PROXY: proxy.url },
    NO_PROXY: "elsewhere.test",
  });
  const response = await fetch(`${relay.url}/v1`);
  assertEquals(await response.text(), new URL(gateway.url).host);
  assertEquals(proxy.asked, []);
});

Deno.test("the relay takes HTTP/2 from a gateway that has both", async () => {
  const { cert, key } = await selfSigned("localhost");
  await using ca = await temporaryFile(cert);
  const aborter = new AbortController();
  const gateway = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert,
    key,
    signal: aborter.signal,
    onListen() {},
  }, answer);
  {
    const host = `localhost:${gateway.addr.port}`;
    await using relay = await startProcess(`https://${host}${PREFIX}`, {
      DENO_CERT: ca.path,
    });
    const response = await fetch(`${relay.url}/v1`);
    assertEquals((await response.json()).version, "2.0");
  }
  aborter.abort();
  await gateway.finished;
});

Deno.test("100 MiB pass in bounded memory, both ways", async () => {
  const aborter = new AbortController();
  const gateway = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: aborter.signal,
    onListen() {},
  }, async (request) => {
    if (request.body === null) return new Response(zeros(100 * MIB));
    for await (const _ of request.body);
    return new Response("ok");
  });
  const provider = `http://127.0.0.1:${gateway.addr.port}${PREFIX}`;
  {
    await using relay = await startProcess(provider);
    const warm = await fetch(`${relay.url}/v1`, { method: "POST", body: "x" });
    await warm.text();
    const idle = await relay.residentMiB();
    let most = 0;
    let done = false;
    const watch = (async () => {
      while (!done) most = Math.max(most, await relay.residentMiB());
    })();
    for await (const _ of (await fetch(`${relay.url}/v1`)).body!);
    // With a length, as Claude Code has it: `fetch` reads ahead in one without.
    const body = new Uint8Array(100 * MIB);
    const up = await fetch(`${relay.url}/v1`, { method: "POST", body });
    assertEquals(await up.text(), "ok");
    done = true;
    await watch;
    assert(most > 0);
    // A buffered body would be 100 MiB; what is typical, the benchmark shows.
    assertLess(most - idle, 40);
  }
  aborter.abort();
  await gateway.finished;
});

function zeros(size: number): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent >= size) return controller.close();
      sent += 64 * 1024;
      controller.enqueue(new Uint8Array(64 * 1024));
    },
  });
}
