import { assertEquals, assertRejects } from "@std/assert";
import { serveLoopback } from "../../lib/loopback/server.ts";

Deno.test("serveLoopback() refuses a Host that is not loopback", async () => {
  await using server = serveLoopback(() => new Response("hello"));
  const { port } = new URL(server.url);
  const statusFor = async (host: string) => {
    // By hand, because fetch() insists on the Host of its URL.
    using connection = await Deno.connect({
      hostname: "127.0.0.1",
      port: Number(port),
    });
    await connection.write(new TextEncoder().encode(
      `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    ));
    const answer = await new Response(connection.readable).text();
    return Number(answer.split(" ")[1]);
  };
  const hosts = ["localhost", `127.0.0.1:${port}`, "[::1]:80", "LOCALHOST:1"];
  for (const host of hosts) assertEquals(await statusFor(host), 200, host);
  const rebound = ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:80"];
  for (const host of rebound) assertEquals(await statusFor(host), 403, host);
});

Deno.test("serveLoopback() answers 500 when its handler throws", async () => {
  await using server = serveLoopback(() => {
    throw new Error("no answer");
  });
  const response = await fetch(server.url);
  assertEquals([response.status, await response.text()], [
    500,
    "Error: no answer",
  ]);
});

Deno.test({
  name: "LoopbackServer.close() cuts off answers and half-sent requests",
  sanitizeOps: true,
  sanitizeResources: true,
  async fn() {
    const server = serveLoopback(async (request) => {
      await request.text();
      return new Response(new Uint8Array(20_000_000));
    });
    const open = await fetch(server.url);
    using half = await Deno.connect({
      hostname: "127.0.0.1",
      port: Number(new URL(server.url).port),
    });
    await half.write(new TextEncoder().encode(
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
    ));
    // Twice, as when a test closes what `await using` closes again.
    await server.close();
    await server.close();
    await assertRejects(() => open.bytes());
  },
});
