import { assertEquals, assertStringIncludes } from "@std/assert";
import { fetchFailure, requestJson } from "../../lib/system/request_json.ts";
import { serveHttp } from "../support/servers.ts";

/** A test that leaves no request and no connection behind. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: true, sanitizeResources: true });
}

async function answerTo(response: Response): Promise<unknown> {
  await using server = serveHttp(() => response);
  return await requestJson(server.url, {}, 5_000, { fetch });
}

test("requestJson() gives the object, whatever the status", async () => {
  for (const status of [200, 404, 503]) {
    assertEquals(await answerTo(Response.json({ a: [1] }, { status })), {
      kind: "answer",
      status,
      location: undefined,
      body: { a: [1] },
      shown: '{"a":[1]}',
    });
  }
});

test("requestJson() shows the beginning of what is no object", async () => {
  for (const text of ["<html>\x1b[2J\nmore", "[]", ""]) {
    assertEquals(await answerTo(new Response(text, { status: 502 })), {
      kind: "answer",
      status: 502,
      location: undefined,
      body: undefined,
      shown: text.split("\n")[0].replace("\x1b", "?"),
    });
  }
});

test("requestJson() follows no redirect", async () => {
  const visits: string[] = [];
  await using target = serveHttp(({ url }) => {
    visits.push(url);
    return new Response();
  });
  const headers = { location: `${target.url}/x` };
  assertEquals(await answerTo(new Response(null, { status: 307, headers })), {
    kind: "answer",
    status: 307,
    location: `${target.url}/x`,
    body: undefined,
    shown: "",
  });
  assertEquals(visits, []);
});

test("requestJson() says that a port does not speak https, and what to try", async () => {
  await using server = serveHttp(() => new Response());
  const { host } = new URL(server.url);
  const answer = await requestJson(`https://${host}/x`, {}, 5_000, { fetch });
  assertEquals(
    answer.kind === "none" && answer.reason,
    `that port does not speak https; try http://${host}`,
  );
  const error = new TypeError("fetch failed", {
    cause: new Error(
      "error sending request for url (https://gw.example.com/): client error " +
        "(Connect): received corrupt message of type InvalidContentType",
    ),
  });
  const far = await requestJson("https://gw.example.com/", {}, 5_000, {
    fetch: () => Promise.reject(error),
  });
  assertEquals(
    far.kind === "none" && far.reason,
    "that port does not speak https",
  );
});

test("requestJson() says why there is no answer", async () => {
  const { port } = (() => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    return listener.addr;
  })();
  const url = `http://127.0.0.1:${port}/`;
  const answer = await requestJson(url, {}, 5_000, { fetch });
  const reason = answer.kind === "none" ? answer.reason : "";
  assertStringIncludes(reason, "Connection refused");
  assertEquals(reason.includes(url), false, "without the URL");
});

test("requestJson() bounds the answer, body included", async () => {
  await using server = serveHttp(() =>
    new Response(
      new ReadableStream({
        start: (body) => body.enqueue(new TextEncoder().encode('{"a')),
      }),
    )
  );
  const answer = await requestJson(server.url, {}, 50, {
    fetch: (url, { timeoutMs = 0, ...init } = {}) =>
      fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) }),
  });
  assertEquals(
    answer.kind === "none" ? answer.reason : answer,
    "no answer within 0.05 s",
  );
});

Deno.test("fetchFailure() reads whatever is thrown", () => {
  const timeout = new DOMException("", "TimeoutError");
  const deno = new TypeError("fetch failed", {
    cause: new Error(
      "error sending request for url (https://gw/x): dns error: no such host",
    ),
  });
  const via = Object.assign(
    new Error("", { cause: new Error(", through the proxy x") }),
    { name: "TimeoutError" },
  );
  const expected: [unknown, string][] = [
    [timeout, "no answer within 5 s"],
    [via, "no answer within 5 s, through the proxy x"],
    [deno, "dns error: no such host"],
    [new Error("a\x1b[2J\nb"), "a?[2J"],
    ["a text", "a text"],
  ];
  for (const [error, reason] of expected) {
    assertEquals(fetchFailure(error, 5_000), reason);
  }
});
