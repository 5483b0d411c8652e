/**
 * What a client of the relay can do wrong: it gets an error and the gateway
 * nothing, and the session's own requests are answered all the while.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { once } from "node:events";
import http2 from "node:http2";
import { makeRig, PREFIX, RawClient, type Rig, TOKEN } from "./relay_rig.ts";

/** `{s}` stands for the secret path, `{p}` for the port. */
const HOST = "Host: 127.0.0.1:{p}\r\n";

const get = (target: string, headers = "", host = HOST) =>
  `GET ${target} HTTP/1.1\r\n${host}${headers}\r\n`;
const post = (rest: string) => `POST {s}/v1 HTTP/1.1\r\n${HOST}${rest}`;

/** Requests of nobody's session, and what is none of its paths. */
const NOT_FOUND: Record<string, string> = {
  "no secret": get("/v1/messages"),
  "half a secret": get("{half}/v1/messages"),
  "the secret with more behind it": get("{s}x/v1/messages"),
  "the secret in the query": get("/v1/messages?{s}"),
  "a rebound name": get("{s}/v1/messages", "", "Host: evil.example\r\n"),
  "another port": get("{s}/v1/messages", "", "Host: 127.0.0.1:1\r\n"),
  "HTTP/1.0 without a Host": "GET {s}/v1/messages HTTP/1.0\r\n\r\n",
  "another host's absolute target": get("http://evil.example{s}/v1"),
  CONNECT: `CONNECT evil.example:443 HTTP/1.1\r\n${HOST}\r\n`,
  TRACE: `TRACE {s}/v1 HTTP/1.1\r\n${HOST}\r\n`,
  "an upgrade": get("{s}/v1", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
  "an asterisk": `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
};
for (
  const path of [
    ...["/../other/v1/messages", "/v1/../../other", "/%2e%2e/other"],
    ...["/%2E./other", "/v1/%2e%2e%2f%2e%2e%2fother", "/..%2fother"],
    ...["/%252e%252e/other", "/%25252e%25252e/other", "/%2525252e./other"],
    ...["/%c0%ae%c0%ae/other", "/..%c0%afother", "/%25c0%25ae%25c0%25ae/other"],
    ...["//other", "/v1//messages", "/%2fother", "/..;/other", "/..;x=y/other"],
    ...["/.", "/..", "/..\\other", "/v1\\..\\..\\other", "/%5c..%5cother"],
    ...["/v1/%00", "/v1/%0d%0aX:y", "/v1/%zz", "/v1/%"],
    ...["/v1/messages#/../other", "@evil.example/v1", ":80/v1"],
  ]
) NOT_FOUND[`path ${path}`] = get(`{s}${path}`);

/** What is no HTTP, or could be read in two ways. */
const BAD: Record<string, string> = {
  "a TLS handshake": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n",
  "bytes that are no text": "\x00\xff\xfe\r\n\r\n",
  "a header without a name": get("{s}/v1", ": x\r\n"),
  "a blank before the colon": get("{s}/v1", "X-A : b\r\n"),
  "a folded header": get("{s}/v1", "X-A: a\r\n X-Redpanda-Cloud-Token: e\r\n"),
  "a bare CR in a header": get(
    "{s}/v1",
    "X-A: a\rX-Redpanda-Cloud-Token: e\r\n",
  ),
  "a NUL in a header": get("{s}/v1", "X-A: a\0b\r\n"),
  "two framings": post(
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
      get("{s}/v2"),
  ),
  "two lengths": post("Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
  "a negative length": post("Content-Length: -1\r\n\r\n"),
  "a length that is no number": post("Content-Length: 1e3\r\n\r\n"),
  "64 KiB of header": get("{s}/v1", `X-A: ${"a".repeat(65536)}\r\n`),
  "64 KiB of target": get(`{s}/${"a".repeat(65536)}`),
  "a thousand headers": get("{s}/v1", "X-A: b\r\n".repeat(1_000)),
};

/** What Deno's server, or else the relay, refuses. */
const EITHER: Record<string, string> = {
  "no Host": get("{s}/v1/messages", "", ""),
  "two Hosts": get("{s}/v1/messages", "Host: evil.example\r\n"),
  "CONNECT with the secret": `CONNECT {s} HTTP/1.1\r\n${HOST}\r\n`,
  "an unknown method": `FETCH {s}/v1 HTTP/1.1\r\n${HOST}\r\n`,
  "a target that is not ASCII": get("{s}/v1/\xe9"),
};

const REFUSED = [
  ...Object.entries(NOT_FOUND).map((entry) => [...entry, /^404/] as const),
  ...Object.entries(BAD).map((entry) => [...entry, /^400/] as const),
  ...Object.entries(EITHER).map((entry) => [...entry, /^40[04]/] as const),
];

function fill(text: string, { port, secretPath }: Rig): string {
  return text.replaceAll("{s}", secretPath)
    .replaceAll("{half}", secretPath.slice(0, 17))
    .replaceAll("{p}", String(port));
}

for (const [name, request, status] of REFUSED) {
  Deno.test(`the relay refuses ${name}`, async () => {
    await using rig = await makeRig(() => new Response("ok"));
    using client = await RawClient.connect(rig.port);
    await client.send(fill(request, rig));
    const text = await client.readAnswer();
    assertMatch(text.replace(/^HTTP\/1\.[01] /, ""), status);
    assertEquals([...text.matchAll(/^HTTP\/1\.[01] /gm)].length, 1, text);
    assert(!text.includes(rig.secretPath), "the secret is not told");
    assertEquals(rig.seen, []);
    await assertServes(rig);
  });
}

/** Asserts that the session's own requests are answered. */
async function assertServes(rig: Rig): Promise<void> {
  const response = await fetch(`${rig.relay.url}/v1/messages`);
  assertEquals([response.status, await response.text()], [200, "ok"]);
  assertEquals(rig.seen.at(-1)?.path, `${PREFIX}/v1/messages`);
}

Deno.test("the relay passes ids with an encoded slash, and a query as it is", async () => {
  await using rig = await makeRig(() => new Response("ok"));
  const path =
    "/model/arn%3Aaws%3Abedrock%3A%3A1%3Aprofile%2Fabc/invoke?x=../..%2f//&y";
  await (await fetch(rig.relay.url + path)).text();
  assertEquals(rig.seen.map(({ path }) => path), [PREFIX + path]);
});

Deno.test("a body that breaks off, or is framed wrong, is no request", async () => {
  await using rig = await makeRig(async (request) =>
    new Response(await request.text())
  );
  for (
    const body of [
      "Content-Length: 10\r\n\r\nhalf",
      "Content-Length: 2000000\r\n\r\nhalf",
      "Transfer-Encoding: chunked\r\n\r\n5\r\nhal",
      "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ]
  ) {
    const client = await RawClient.connect(rig.port);
    await client.send(fill(post(body), rig));
    if (body.endsWith("zz\r\n")) await client.readAnswer();
    client[Symbol.dispose]();
  }
  const response = await fetch(`${rig.relay.url}/v1`, {
    method: "POST",
    body: "whole",
  });
  assertEquals(await response.text(), "whole");
});

Deno.test("a client's own gateway header is replaced, however it is sent", async () => {
  await using rig = await makeRig(() => new Response("ok"));
  for (const connection of ["close", "close, X-Redpanda-Cloud-Token"]) {
    using client = await RawClient.connect(rig.port);
    await client.send(fill(
      `GET {s}/v1 HTTP/1.1\r\n${HOST}` +
        "x-redpanda-cloud-token: evil\r\nX-REDPANDA-CLOUD-TOKEN: evil\r\n" +
        `Connection: ${connection}\r\n\r\n`,
      rig,
    ));
    assertMatch(await client.readAnswer(), /^HTTP\/1\.1 200 /);
  }
  assertEquals(
    rig.seen.map(({ headers }) => headers.get("x-redpanda-cloud-token")),
    [TOKEN, TOKEN],
  );
});

Deno.test("clients that send half a head, or nothing, hold up nobody", async () => {
  await using rig = await makeRig(() => new Response("ok"));
  const clients = await Promise.all(
    Array.from({ length: 200 }, () => RawClient.connect(rig.port)),
  );
  const half = fill(`GET {s}/v1 HTTP/1.1\r\n${HOST}X-Slow: `, rig);
  await Promise.all(clients.slice(100).map((client) => client.send(half)));
  await assertServes(rig);
  for (const client of clients) client[Symbol.dispose]();
  await assertServes(rig);
  assertEquals(rig.seen.length, 2);
});

Deno.test("HTTP/2 in clear text is not served, not even with the secret", async () => {
  await using rig = await makeRig(() => new Response("ok"));
  const session = http2.connect(new URL(rig.relay.url).origin);
  const stream = session.request({ ":path": `${rig.secretPath}/v1` });
  const [head] = await once(stream, "response");
  assertEquals(head[":status"], 404);
  session.destroy();
  assertEquals(rig.seen, []);
});

Deno.test("an absolute target is one if it is the relay's own", async () => {
  await using rig = await makeRig(() => new Response("ok"));
  using client = await RawClient.connect(rig.port);
  await client.send(fill(get("http://127.0.0.1:{p}{s}/v1"), rig));
  assertMatch(await client.readAnswer(), /^HTTP\/1\.1 200 /);
  assertEquals(rig.seen.map(({ path }) => path), [`${PREFIX}/v1`]);
});

Deno.test("the relay answers 1,000 requests at once", async () => {
  const all = Promise.withResolvers<void>();
  let waiting = 0;
  await using rig = await makeRig(async (request) => {
    // Nobody is answered before everybody is there.
    if (++waiting === 1_000) all.resolve();
    await all.promise;
    return new Response(await request.text());
  });
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) => {
      const response = await fetch(`${rig.relay.url}/v1?${index}`, {
        method: "POST",
        body: `request ${index}`,
      });
      return await response.text();
    }),
  );
  assertEquals(answers, answers.map((_, index) => `request ${index}`));
  assertEquals(rig.seen.length, 1_000);
});

Deno.test({
  name:
    "another user of the machine who knows the secret gets nothing (Linux, root)",
  // Only root can be somebody else.
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  fn: async () => {
    await using rig = await makeRig(() => new Response("ok"));
    const script = fill(
      `exec 3<>/dev/tcp/127.0.0.1/{p}; printf 'GET {s}/v1/messages HTTP/1.1\\r\\n` +
        `Host: 127.0.0.1:{p}\\r\\nConnection: close\\r\\n\\r\\n' >&3; head -n 1 <&3`,
      rig,
    );
    const ask = async (uid: number) => {
      const { stdout } = await new Deno.Command("bash", {
        args: ["-c", script],
        cwd: "/",
        uid,
      }).output();
      return new TextDecoder().decode(stdout).trim();
    };
    assertEquals(await ask(65534), "HTTP/1.1 404 Not Found");
    assertEquals(rig.seen, []);
    assertEquals(await ask(0), "HTTP/1.1 200 OK");
  },
});
