import { assertEquals } from "@std/assert";
import { startStrayRecorder } from "../../lib/loopback/stray_recorder.ts";

/** Sends bytes and reads what comes back. */
async function exchange(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  if (text !== "") await connection.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(1024);
  const count = await connection.read(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, count));
}

Deno.test("startStrayRecorder() notes hosts, lets nothing through and keeps no secret", async () => {
  await using recorder = startStrayRecorder();
  const requests = [
    "CONNECT api.example.com:443 HTTP/1.1\r\nProxy-Authorization: Basic c2VjcmV0\r\n\r\n",
    "POST http://evil.example/v1/messages?key=secret HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "GET /v1/models?key=secret HTTP/1.1\r\nHost: x\r\n\r\n",
  ];
  for (const request of requests) {
    const answer = await exchange(recorder.url, request);
    assertEquals(answer.split("\r\n")[0], "HTTP/1.1 502 Bad Gateway");
  }
  assertEquals(recorder.strays, [
    "CONNECT api.example.com:443",
    "POST http://evil.example",
    "GET /v1/models",
  ]);
});

Deno.test("startStrayRecorder() goes on after what is no request", async () => {
  await using recorder = startStrayRecorder();
  await exchange(recorder.url, "\u0016\u0003\u0001 TLS\r\n");
  await exchange(recorder.url, "CONNECT a.example:443 HTTP/1.1\r\n\r\n");
  assertEquals(recorder.strays, [
    "something that is no HTTP",
    "CONNECT a.example:443",
  ]);
});

Deno.test("startStrayRecorder() keeps nobody waiting who says nothing first", async () => {
  await using recorder = startStrayRecorder();
  const { hostname, port } = new URL(recorder.url);
  using _silent = await Deno.connect({ hostname, port: Number(port) });
  await exchange(recorder.url, "CONNECT a.example:443 HTTP/1.1\r\n\r\n");
  assertEquals(recorder.strays, ["CONNECT a.example:443"]);
});
