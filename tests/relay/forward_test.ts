/**
 * What passes the relay, and what comes of a gateway that misbehaves.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import {
  binaryText,
  errorOf,
  makeRig,
  parts,
  PREFIX,
  RawClient,
  relayTo,
  serveConnections,
  STEADY,
  TOKEN,
} from "./relay_rig.ts";
import { freePort, serveBytes } from "../support/servers.ts";
import { eventually } from "../support/eventually.ts";

const encoder = new TextEncoder();
const KIB = new Uint8Array(1024);
const MIB = 1024 * 1024;

/** A body of zeros that is made as it is read; counts what was taken. */
function zeros(kib: number, taken = { bytes: 0, cancelled: false }) {
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (taken.bytes >= kib * 1024) return controller.close();
      const chunk = new Uint8Array(64 * 1024);
      taken.bytes += chunk.length;
      controller.enqueue(chunk);
    },
    cancel() {
      taken.cancelled = true;
    },
  });
}

Deno.test("the relay passes headers and bodies in both directions", async () => {
  const received = Promise.withResolvers<string>();
  const answer = "HTTP/1.1 299 Very Own\r\n" +
    "X-MiXed: 1\r\nX-Twice: a\r\nX-Twice: b\r\nConnection: X-Hop\r\n" +
    "X-Hop: 1\r\nKeep-Alive: timeout=9\r\nContent-Encoding: gzip\r\n" +
    "Content-Length: 4\r\n\r\n\x1f\x8b\x00\xff";
  using gateway = serveConnections(async (connection) => {
    const buffer = new Uint8Array(65536);
    const count = await connection.read(buffer) ?? 0;
    received.resolve(binaryText(buffer.subarray(0, count)));
    await connection.write(
      Uint8Array.from(answer, (char) => char.charCodeAt(0)),
    );
  });
  await using relay = await relayTo(gateway.url);
  const { port, secretPath } = parts(relay);
  using client = await RawClient.connect(port);
  await client.send(
    `POST ${secretPath}/v1/messages?beta=true HTTP/1.1\r\n` +
      `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer mine\r\nX-Api-Key: k\r\n` +
      "X-MiXed: A\r\nX-Twice: a\r\nX-Twice: b\r\nX-Latin: h\xe9\r\n" +
      "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\n" +
      "Proxy-Authorization: Basic x\r\nAccept-Encoding: gzip, x-own\r\n" +
      "Content-Length: 3\r\n\r\n\x00\xffa",
  );
  const [head, body] = (await received.promise).split("\r\n\r\n");
  const [line, ...headers] = head.split("\r\n");
  assertEquals(line, `POST ${PREFIX}/v1/messages?beta=true HTTP/1.1`);
  assertEquals(body, "\x00\xffa");
  // What `fetch` adds where the client has nothing of its own.
  const added = [
    ...["accept: */*", "accept-language: *"],
    `user-agent: Deno/${Deno.version.deno}`,
  ];
  assertEquals(
    headers.filter((header) => !/^(?:host|connection):/i.test(header)).sort(),
    [
      ...added,
      "accept-encoding: identity",
      "authorization: Bearer mine",
      "content-length: 3",
      "x-api-key: k",
      "x-latin: h\xe9",
      "x-mixed: A",
      `x-redpanda-cloud-token: ${TOKEN}`,
      "x-twice: a, b",
    ].sort(),
  );
  const text = await client.read((text) => text.endsWith("\xff"));
  const [back, sent] = text.split("\r\n\r\n");
  assertEquals(sent, "\x1f\x8b\x00\xff");
  assertMatch(back, /^HTTP\/1\.1 299 /);
  assertEquals(
    back.split("\r\n").slice(1).filter((header) => !/^date: /.test(header))
      .sort(),
    [
      "content-encoding: gzip",
      "content-length: 4",
      "x-mixed: 1",
      "x-twice: a, b",
    ],
  );
});

Deno.test("events arrive one by one, as they are sent", async () => {
  // The gateway sends the next one only when the client has the one before.
  let next = Promise.withResolvers<void>();
  await using rig = await makeRig(() =>
    new Response(
      new ReadableStream<Uint8Array>({
        async start(controller) {
          for (let event = 0; event < 5; event++) {
            await next.promise;
            next = Promise.withResolvers();
            controller.enqueue(
              encoder.encode(`event: ping\ndata: ${event}\n\n`),
            );
          }
          controller.close();
        },
      }),
      { headers: { "content-type": "text/event-stream" } },
    )
  );
  const response = await fetch(`${rig.relay.url}/v1/messages`);
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .getReader();
  for (let event = 0; event < 5; event++) {
    next.resolve();
    assertEquals(
      (await reader.read()).value,
      `event: ping\ndata: ${event}\n\n`,
    );
  }
  assertEquals((await reader.read()).done, true);
});

Deno.test("an upload passes piece by piece", async () => {
  let arrived = Promise.withResolvers<string>();
  await using rig = await makeRig(async (request) => {
    for await (
      const piece of request.body!.pipeThrough(new TextDecoderStream())
    ) {
      arrived.resolve(piece);
    }
    return new Response("whole");
  });
  const { readable, writable } = new TransformStream<Uint8Array>();
  const writer = writable.getWriter();
  const response = fetch(`${rig.relay.url}/v1`, {
    method: "POST",
    body: readable,
  });
  for (const piece of ["one", "two", "three"]) {
    await writer.write(encoder.encode(piece));
    assertEquals(await arrived.promise, piece);
    arrived = Promise.withResolvers();
  }
  await writer.close();
  assertEquals(await (await response).text(), "whole");
});

Deno.test("a client that goes away ends the request at the gateway", async () => {
  const taken = { bytes: 0, cancelled: false };
  const asked = Promise.withResolvers<AbortSignal>();
  await using rig = await makeRig((request) => {
    if (request.url.endsWith("/mute")) {
      asked.resolve(request.signal);
      return new Promise<Response>(() => {});
    }
    return new Response(zeros(1024 * 1024, taken));
  });
  const aborter = new AbortController();
  const { signal } = aborter;
  const mute = fetch(`${rig.relay.url}/mute`, { signal }).catch(() => {});
  const atGateway = await asked.promise;
  const response = await fetch(`${rig.relay.url}/v1`, { signal });
  await response.body!.getReader().read();
  aborter.abort();
  await mute;
  await eventually(
    "both ended",
    () => Promise.resolve(taken.cancelled && atGateway.aborted || undefined),
  );
});

Deno.test("a client that does not read holds the gateway back", async () => {
  const taken = { bytes: 0, cancelled: false };
  await using rig = await makeRig(() => new Response(zeros(100 * 1024, taken)));
  using client = await RawClient.connect(rig.port);
  await client.send(
    `GET ${rig.secretPath}/v1 HTTP/1.1\r\nHost: 127.0.0.1:${rig.port}\r\n\r\n`,
  );
  await settled(() => taken.bytes);
  assert(taken.bytes > 0);
  assertLess(taken.bytes, 32 * MIB);
});

Deno.test("a gateway that does not read holds the client back", async () => {
  const taken = { bytes: 0, cancelled: false };
  await using rig = await makeRig(() => new Promise<Response>(() => {}));
  const aborter = new AbortController();
  const response = fetch(`${rig.relay.url}/v1`, {
    method: "POST",
    body: zeros(100 * 1024, taken),
    signal: aborter.signal,
  }).catch(() => {});
  await settled(() => taken.bytes);
  assert(taken.bytes > 0);
  assertLess(taken.bytes, 32 * MIB);
  aborter.abort();
  await response;
});

/** Waits until a number has begun to grow and has stopped. */
async function settled(look: () => number): Promise<void> {
  let last = 0;
  let same = 0;
  await eventually("it settled", () => {
    same = look() === last && last > 0 ? same + 1 : 0;
    last = look();
    return Promise.resolve(same === 5 || undefined);
  });
}

Deno.test("100 MiB pass byte for byte, both ways", async () => {
  await using rig = await makeRig(async (request) =>
    request.body === null
      ? new Response(pattern(100))
      : new Response(await digest(request.body))
  );
  const wanted = await digest(pattern(100));
  const down = await fetch(`${rig.relay.url}/v1`);
  assertEquals(await digest(down.body!), wanted);
  const method = "POST";
  const up = await fetch(`${rig.relay.url}/v1`, { method, body: pattern(100) });
  assertEquals(await up.text(), wanted);
});

/** A body whose every MiB is filled with another number. */
function pattern(mib: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent === mib) return controller.close();
      controller.enqueue(new Uint8Array(MIB).fill(++sent));
    },
  });
}

/** How many bytes there are, and a sum that depends on their order. */
async function digest(body: ReadableStream<Uint8Array>): Promise<string> {
  let [bytes, sum] = [0, 0];
  for await (const chunk of body) {
    bytes += chunk.length;
    for (const byte of chunk) sum = (sum * 31 + byte) | 0;
  }
  return `${bytes} ${sum}`;
}

Deno.test("an answer that comes before the whole upload does come", async () => {
  await using rig = await makeRig(() =>
    new Response("too large", { status: 413 })
  );
  const body = new Uint8Array(8 * MIB);
  const response = await fetch(`${rig.relay.url}/v1`, { method: "POST", body });
  assertEquals([response.status, await response.text()], [413, "too large"]);
  assertEquals((await fetch(`${rig.relay.url}/v1`)).status, 413);
});

Deno.test("connections to the gateway are used again", async () => {
  await using rig = await makeRig(async (request) => {
    await request.arrayBuffer();
    return new Response("ok");
  });
  for (let request = 0; request < 20; request++) {
    const body = request % 2 === 0 ? undefined : KIB;
    const method = body === undefined ? "GET" : "POST";
    await (await fetch(`${rig.relay.url}/v1`, { method, body })).text();
  }
  assertEquals(new Set(rig.seen.map(({ connection }) => connection)).size, 1);
});

Deno.test("a model that is not allowed is an answer that is not repeated", async () => {
  await using rig = await makeRig((request) => {
    const type = new URL(request.url).pathname.split("/").at(-1);
    const error = { type, message: 'model "x" is not allowed\nhere' };
    return Response.json({ type: "error", error }, { status: 403 });
  });
  assertEquals(
    await errorOf(await fetch(`${rig.relay.url}/model_not_allowed`)),
    {
      status: 400,
      type: "invalid_request_error",
      message: 'ai-claude relay: model "x" is not allowed: name an allowed ' +
        "model with -m",
    },
  );
  assertEquals(
    await errorOf(await fetch(`${rig.relay.url}/permission_error`)),
    {
      status: 403,
      type: "permission_error",
      message: 'model "x" is not allowed\nhere',
    },
  );
});

Deno.test("answers without a body, and errors, pass as they are", async () => {
  await using rig = await makeRig((request) => {
    const status = Number(new URL(request.url).pathname.split("/").at(-1));
    const empty = [204, 304].includes(status);
    return new Response(empty ? null : `status ${status}`, {
      status,
      headers: { "retry-after": "7", etag: '"x"' },
    });
  });
  for (const status of [200, 204, 304, 400, 403, 404, 429, 500, 529]) {
    const response = await fetch(`${rig.relay.url}/${status}`);
    const text = [204, 304].includes(status) ? "" : `status ${status}`;
    assertEquals([response.status, await response.text()], [status, text]);
    assertEquals(response.headers.get("retry-after"), "7");
    assertEquals(response.headers.get("etag"), '"x"');
    const head = await fetch(`${rig.relay.url}/${status}`, { method: "HEAD" });
    assertEquals([head.status, await head.text()], [status, ""]);
  }
});

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`a redirect with ${status} is followed by nobody`, async () => {
    await using elsewhere = await makeRig(() => new Response("stolen"));
    await using rig = await makeRig(() =>
      new Response(null, {
        status,
        headers: { location: `${elsewhere.relay.url}/v1/messages` },
      })
    );
    const response = await fetch(`${rig.relay.url}/v1/messages`, {
      method: "POST",
      body: "prompt",
    });
    assertEquals(response.headers.get("location"), null);
    assertEquals(await errorOf(response), {
      status: 502,
      type: "api_error",
      message: "ai-claude relay: no answer from the gateway: it redirects " +
        `(${status})`,
    });
    assertEquals(rig.seen.length, 1);
    assertEquals(elsewhere.seen, []);
  });
}

const REFUSAL = { type: "error", error: { type: "authentication_error" } };

Deno.test("a token that the gateway refuses is replaced once, and the request repeated", async () => {
  const replaced: (string | undefined)[] = [];
  const tokens = {
    current: () => Promise.resolve("old"),
    replace: (refused: string | undefined) => {
      replaced.push(refused);
      return Promise.resolve("new");
    },
  };
  const bodies: string[] = [];
  await using rig = await makeRig(async (request) => {
    bodies.push(await request.text());
    return request.headers.get("x-redpanda-cloud-token") === "new"
      ? new Response("ok")
      : Response.json(REFUSAL, { status: 401 });
  }, { tokens });
  const response = await fetch(`${rig.relay.url}/v1`, {
    method: "POST",
    body: "prompt",
  });
  assertEquals([response.status, await response.text()], [200, "ok"]);
  assertEquals(bodies, ["prompt", "prompt"]);
  assertEquals(replaced, ["old"]);
});

Deno.test("a token that stays refused is refused in the gateway's words", async () => {
  for (const other of ["new", undefined]) {
    const replace = () => Promise.resolve(other);
    await using rig = await makeRig(
      () => Response.json(REFUSAL, { status: 401 }),
      { tokens: { ...STEADY, replace } },
    );
    const response = await fetch(`${rig.relay.url}/v1`);
    assertEquals(response.status, 401);
    assertEquals(await response.json(), REFUSAL);
    assertEquals(rig.seen.length, other === undefined ? 1 : 2);
  }
});

Deno.test("a large upload is not repeated here: the client is told to", async () => {
  const replace = () => Promise.resolve("new");
  await using rig = await makeRig(
    () => Response.json(REFUSAL, { status: 401 }),
    { tokens: { ...STEADY, replace } },
  );
  const response = await fetch(`${rig.relay.url}/v1`, {
    method: "POST",
    body: new Uint8Array(20 * MIB),
  });
  assertEquals(response.headers.get("x-should-retry"), "true");
  const { status, message } = await errorOf(response);
  assertEquals(status, 503);
  assertStringIncludes(message, "retry");
});

Deno.test("without a token the client is told what to do, and the next request is served", async () => {
  let error: CliError | undefined = new CliError(
    "unauthenticated",
    "the login has expired",
    { hint: "sign in: ai-claude auth login" },
  );
  const current = () =>
    error === undefined ? Promise.resolve(TOKEN) : Promise.reject(error);
  await using rig = await makeRig(() => new Response("ok"), {
    tokens: { ...STEADY, current },
  });
  const method = "POST";
  for (const body of [KIB, new Uint8Array(20 * MIB)]) {
    const response = await fetch(`${rig.relay.url}/v1`, { method, body });
    assertEquals((await errorOf(response)).status, 503);
  }
  assertEquals(await errorOf(await fetch(`${rig.relay.url}/v1`)), {
    status: 503,
    type: "api_error",
    message: "ai-claude relay: no gateway token: the login has expired " +
      "(sign in: ai-claude auth login)",
  });
  error = undefined;
  assertEquals(await (await fetch(`${rig.relay.url}/v1`)).text(), "ok");
});

Deno.test("a token that cannot be replaced now is no reason to sign in again", async () => {
  const replace = () => Promise.reject(new Error("the issuer is down"));
  await using rig = await makeRig(
    () => Response.json(REFUSAL, { status: 401 }),
    { tokens: { ...STEADY, replace } },
  );
  const { status, message } = await errorOf(await fetch(`${rig.relay.url}/v1`));
  assertEquals(status, 503);
  assertStringIncludes(message, "no gateway token");
});

Deno.test("a gateway that is down, hangs up or answers garbage is a 502", async () => {
  using silent = serveBytes("", "hang up");
  using garbage = serveBytes("SSH-2.0-OpenSSH_9.6\r\n", "hang up");
  using huge = serveBytes(
    `HTTP/1.1 200 OK\r\nX-A: ${"a".repeat(200_000)}\r\n\r\n`,
  );
  using smuggled = serveBytes(
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
  );
  const down = `http://127.0.0.1:${freePort()}`;
  for (const url of [down, silent.url, garbage.url, huge.url, smuggled.url]) {
    await using relay = await relayTo(url + PREFIX);
    for (const method of ["GET", "POST"]) {
      const body = method === "POST" ? "prompt" : undefined;
      const response = await fetch(`${relay.url}/v1`, { method, body });
      const { status, type, message } = await errorOf(response);
      assertEquals([status, type], [502, "api_error"], url);
      assertMatch(message, /^ai-claude relay: no answer from the gateway: ./);
      assertEquals(response.headers.get("x-should-retry"), "true");
    }
  }
});

Deno.test("Bedrock's errors have the shape of Bedrock's", async () => {
  await using relay = await relayTo(`http://127.0.0.1:${freePort()}`, {
    mode: "bedrock",
  });
  const response = await fetch(`${relay.url}/model/x/invoke`, {
    method: "POST",
  });
  assertEquals(response.status, 502);
  assertEquals(
    response.headers.get("x-amzn-errortype"),
    "ServiceUnavailableException",
  );
  assertEquals(Object.keys(await response.json()), ["message"]);
});

Deno.test("an answer that breaks off is not passed for a whole one", async () => {
  const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (
    const text of [
      `${chunked}5\r\nhello\r\n`,
      `${chunked}5\r\nhello\r\nnonsense\r\n`,
      "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhello",
    ]
  ) {
    using gateway = serveBytes(text, "hang up");
    await using relay = await relayTo(gateway.url + PREFIX);
    const response = await fetch(`${relay.url}/v1`);
    assertEquals(response.status, 200);
    await assertRejects(() => response.text());
  }
});

Deno.test("a gateway that stalls is given up, before its answer or within it", async () => {
  using mute = serveBytes("");
  using stalled = serveBytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhe");
  const stallMs = 300;
  await using before = await relayTo(mute.url + PREFIX, { stallMs });
  const { status, message } = await errorOf(await fetch(`${before.url}/v1`));
  assertEquals(status, 502);
  assertStringIncludes(message, "nothing came for 0.3 s");
  await using within = await relayTo(stalled.url + PREFIX, { stallMs });
  const response = await fetch(`${within.url}/v1`);
  await assertRejects(() => response.text());
});

Deno.test("close() ends at once, whatever is under way", async () => {
  const taken = { bytes: 0, cancelled: false };
  await using rig = await makeRig((request) =>
    request.url.endsWith("/mute")
      ? new Promise<Response>(() => {})
      : new Response(zeros(1024 * 1024, taken))
  );
  const mute = fetch(`${rig.relay.url}/mute`);
  const response = await fetch(`${rig.relay.url}/v1`);
  await eventually(
    "both are there",
    () => Promise.resolve(rig.seen.length === 2 || undefined),
  );
  await rig.relay[Symbol.asyncDispose]();
  await assertRejects(() => mute);
  await assertRejects(() => digest(response.body!));
  await assertRejects(() => fetch(`${rig.relay.url}/v1`));
  await eventually(
    "the gateway's end is free",
    () => Promise.resolve(taken.cancelled || undefined),
  );
  await rig.relay[Symbol.asyncDispose]();
});

Deno.test("each relay has a port and a secret of its own", async () => {
  await using one = await relayTo("http://127.0.0.1:9");
  await using other = await relayTo("http://127.0.0.1:9");
  for (const { url } of [one, other]) {
    assertMatch(url, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}$/);
  }
  assertNotEquals(parts(one), parts(other));
});
