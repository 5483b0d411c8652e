import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  type GatewayClient,
  getProvider,
  listProviders,
  type Lookup,
} from "../../lib/gateway/client.ts";
import { NOW } from "../support/fake_sys.ts";
import { hastyFetch } from "../support/hasty_fetch.ts";
import { freePort } from "../support/servers.ts";
import { strictTest } from "../support/strict_test.ts";

const SERVICE = "/redpanda.api.adp.v1alpha1.LLMProviderService";
const SYS = { fetch, now: () => NOW };

/** A request as the server saw it. */
interface Seen {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

/** A server that answers as no gateway should, or as one should. */
interface TestServer extends AsyncDisposable {
  url: string;
  seen: Seen[];
}

function serve(
  answer: (seen: Seen) => Response | Promise<Response>,
): TestServer {
  const seen: Seen[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const text = await request.text();
      const request_: Seen = {
        method: request.method,
        path: new URL(request.url).pathname,
        headers: Object.fromEntries(request.headers),
        body: text === "" ? undefined : JSON.parse(text),
      };
      seen.push(request_);
      return await answer(request_);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    seen,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function client(server: TestServer, token?: string): GatewayClient {
  return { gatewayUrl: server.url, token };
}

/** Looks a provider up on a server that gives one answer. */
async function lookup(
  body: BodyInit | null,
  init: ResponseInit = {},
): Promise<{ result: Lookup; url: string }> {
  await using server = serve(() => new Response(body, init));
  const result = await getProvider(client(server, "tok"), "anthropic", SYS);
  return { result, url: server.url };
}

function connectError(
  code: string,
  status: number,
  message = "said the gateway",
) {
  return lookup(JSON.stringify({ code, message, details: [] }), {
    status,
    headers: { "content-type": "application/json" },
  });
}

strictTest("getProvider() asks as the Connect protocol wants it", async () => {
  await using server = serve(() =>
    Response.json({ llmProvider: { name: "anthropic" } })
  );
  await getProvider(client(server, "tok"), "anthropic", SYS);
  assertEquals(server.seen.length, 1);
  const [{ method, path, headers, body }] = server.seen;
  assertEquals([method, path, body], [
    "POST",
    `${SERVICE}/GetLLMProvider`,
    { name: "anthropic" },
  ]);
  assertEquals(
    [
      headers["content-type"],
      headers["connect-protocol-version"],
      headers.authorization,
    ],
    ["application/json", "1", "Bearer tok"],
  );
});

strictTest("getProvider() sends no authorization without a token", async () => {
  await using server = serve(() =>
    Response.json({ llmProvider: { name: "a" } })
  );
  await getProvider(client(server), "a", SYS);
  assertEquals(server.seen.map(({ headers }) => "authorization" in headers), [
    false,
  ]);
});

strictTest("getProvider() keeps the gateway's path prefix", async () => {
  await using server = serve(() =>
    Response.json({ llmProvider: { name: "a" } })
  );
  await getProvider({ gatewayUrl: `${server.url}/base` }, "a", SYS);
  assertEquals(server.seen.map(({ path }) => path), [
    `/base${SERVICE}/GetLLMProvider`,
  ]);
});

strictTest(
  "getProvider() reads the record, whatever else is in the answer",
  async () => {
    const { result } = await lookup(JSON.stringify({
      llmProvider: {
        name: "anthropic",
        type: "LLM_PROVIDER_TYPE_ANTHROPIC",
        enabled: true,
        anthropicConfig: { authorizationPassthrough: true },
        future: [1],
      },
      future: {},
    }));
    assertEquals(result, {
      kind: "provider",
      provider: {
        name: "anthropic",
        type: "anthropic",
        enabled: true,
        passthrough: true,
        models: [],
      },
    });
  },
);

strictTest("getProvider() says when the answer holds no record", async () => {
  for (
    const body of [
      "{}",
      '{"llmProvider":null}',
      '{"llmProvider":[]}',
      '{"llmProvider":{}}',
    ]
  ) {
    const { result, url } = await lookup(body);
    assertEquals(result, {
      kind: "unavailable",
      message: `${url}: the answer holds no llmProvider record`,
    }, body);
  }
});

for (
  const [code, status] of [
    ["unauthenticated", 401],
    ["permission_denied", 403],
    ["not_found", 404],
  ] as const
) {
  strictTest(`getProvider() tells ${code} from the rest`, async () => {
    const { result } = await connectError(code, status);
    assertEquals(result, { kind: code, message: "said the gateway" });
  });
}

for (
  const [code, status] of [
    ["invalid_argument", 400],
    ["internal", 500],
    ["unavailable", 503],
    ["deadline_exceeded", 504],
    ["resource_exhausted", 429],
  ] as const
) {
  strictTest(
    `getProvider() takes ${code} for an unavailable gateway`,
    async () => {
      const { result, url } = await connectError(code, status);
      assertEquals(result, {
        kind: "unavailable",
        message: `${url}: status ${status}, ${code}: said the gateway`,
      });
    },
  );
}

strictTest("getProvider() reads the code and not the status", async () => {
  const { result } = await connectError("permission_denied", 500);
  assertEquals(result.kind, "permission_denied");
});

strictTest(
  "getProvider() takes an error without a code for an unavailable gateway",
  async () => {
    const plain = await lookup('{"message":"Not Found"}', { status: 404 });
    assertEquals(plain.result, {
      kind: "unavailable",
      message: `${plain.url}: status 404, no code: Not Found`,
    });
    const empty = await lookup("{}", { status: 502 });
    assertEquals(empty.result, {
      kind: "unavailable",
      message: `${empty.url}: status 502, no code: status 502`,
    });
  },
);

strictTest("getProvider() says what a proxy answered instead", async () => {
  const html = "\n<!doctype html>\n<title>Sign in</title>";
  for (const status of [200, 401, 404, 502]) {
    const { result, url } = await lookup(html, { status });
    assertEquals(result, {
      kind: "unavailable",
      message:
        `${url}: not a gateway answer: status ${status}, "<!doctype html>"`,
    });
  }
});

strictTest(
  "getProvider() suggests the URL without a path that no gateway answers below",
  async () => {
    for (
      const body of ["<html>", '{"detail":"Not Found"}', '{"code":"internal"}']
    ) {
      await using server = serve(() => new Response(body, { status: 404 }));
      const below = { gatewayUrl: `${server.url}/base` };
      const result = await getProvider(below, "a", SYS);
      assert(result.kind === "unavailable");
      const hint = `; try it without the path: ${server.url}`;
      const isGateway = body.includes("code");
      assertEquals(result.message.endsWith(hint), !isGateway, result.message);
    }
  },
);

strictTest("getProvider() says what is no JSON object", async () => {
  for (const body of ['{"llmProvider":{"name":"a"', "[]", "null", '"x"', ""]) {
    const { result, url } = await lookup(body);
    assertEquals(result, {
      kind: "unavailable",
      message: `${url}: not a gateway answer: status 200, "${body}"`,
    });
  }
});

strictTest("getProvider() cuts and cleans what it repeats", async () => {
  const { result, url } = await lookup(`\x1b[2J${"x".repeat(5000)}`, {
    status: 500,
  });
  assertEquals(result, {
    kind: "unavailable",
    message: `${url}: not a gateway answer: status 500, "?[2J${
      "x".repeat(196)
    }..."`,
  });
  const error = await connectError("not_found", 404, "no\x1b[2J\nsecond line");
  assertEquals(error.result, { kind: "not_found", message: "no?[2J" });
});

strictTest("getProvider() says that an answer broke off", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answered = (async () => {
    const connection = await listener.accept();
    await connection.read(new Uint8Array(65536));
    await connection.write(
      new TextEncoder().encode(
        'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"llm',
      ),
    );
    connection.close();
  })();
  const url = `http://127.0.0.1:${listener.addr.port}`;
  const result = await getProvider({ gatewayUrl: url }, "a", SYS);
  await answered;
  listener.close();
  assertEquals(result.kind, "unavailable");
  assertMatch(
    result.kind === "unavailable" ? result.message : "",
    new RegExp(`^${url}: \\S`),
  );
});

strictTest(
  "getProvider() follows no redirect, so that the token stays",
  async () => {
    await using target = serve(() =>
      Response.json({ llmProvider: { name: "anthropic" } })
    );
    for (const status of [301, 302, 303, 307, 308]) {
      const location = `${target.url}/elsewhere`;
      const { result, url } = await lookup(null, {
        status,
        headers: { location },
      });
      assertEquals(result, {
        kind: "unavailable",
        message: `${url}: it redirects (${status}) to ${location}`,
      });
    }
    const { result, url } = await lookup(null, { status: 302 });
    assertEquals(result, {
      kind: "unavailable",
      message: `${url}: it redirects (302) to nowhere`,
    });
    assertEquals(target.seen, []);
  },
);

strictTest(
  "getProvider() names the URL and the cause when nobody listens",
  async () => {
    const url = `http://127.0.0.1:${freePort()}`;
    const result = await getProvider(
      { gatewayUrl: url, token: "hunter2secret" },
      "a",
      SYS,
    );
    assertEquals(result.kind, "unavailable");
    const message = result.kind === "unavailable" ? result.message : "";
    assertStringIncludes(message, `${url}: `);
    assertStringIncludes(message, "Connection refused");
    assertEquals(
      message.split(url).length,
      2,
      `the URL stands there once: ${message}`,
    );
    assertFalse(message.includes("hunter2secret"));
  },
);

strictTest("getProvider() waits 5 s for an answer", async () => {
  const asked = Promise.withResolvers<void>();
  const late = Promise.withResolvers<Response>();
  await using server = serve(() => {
    asked.resolve();
    return late.promise;
  });
  const { fetch, bounds } = hastyFetch(() => asked.promise);
  const result = await getProvider(client(server), "a", { fetch });
  late.resolve(new Response());
  assertEquals(bounds, [5000]);
  assertEquals(result, {
    kind: "unavailable",
    message: `${server.url}: no answer within 5 s`,
  });
});

strictTest("getProvider() waits 5 s for the whole answer", async () => {
  await using server = serve(() =>
    new Response(
      new ReadableStream({
        start: (controller) =>
          controller.enqueue(new TextEncoder().encode('{"llm')),
      }),
    )
  );
  const { fetch, bounds } = hastyFetch((_url, answer) => answer);
  const result = await getProvider(client(server), "a", { fetch });
  assertEquals(bounds, [5000]);
  assertEquals(result, {
    kind: "unavailable",
    message: `${server.url}: no answer within 5 s`,
  });
});

strictTest("getProvider() never throws, whatever fetch does", async () => {
  for (
    const [thrown, reason] of [
      [new TypeError("dns error: no such host"), "dns error: no such host"],
      ["a text", "a text"],
      [new Error("a\x1b[2J\nb"), "a?[2J"],
    ]
  ) {
    const result = await getProvider(
      { gatewayUrl: "https://gw.example.com" },
      "a",
      {
        fetch: () => Promise.reject(thrown),
      },
    );
    assertEquals(result, {
      kind: "unavailable",
      message: `https://gw.example.com: ${reason}`,
    });
  }
});

strictTest("listProviders() follows the pages", async () => {
  await using server = serve(({ body }) => {
    const { pageToken } = body as { pageToken: string };
    return Response.json(
      pageToken === ""
        ? { llmProviders: [{ name: "a" }, { name: "b" }], nextPageToken: "two" }
        : { llmProviders: [{ name: "c" }] },
    );
  });
  const result = await listProviders(client(server, "tok"), SYS);
  assertEquals(
    result.kind === "providers" && result.providers.map(({ name }) => name),
    ["a", "b", "c"],
  );
  assertEquals(server.seen.map(({ path, body }) => [path, body]), [
    [`${SERVICE}/ListLLMProviders`, { pageSize: 100, pageToken: "" }],
    [`${SERVICE}/ListLLMProviders`, { pageSize: 100, pageToken: "two" }],
  ]);
  assertEquals(server.seen.map(({ headers }) => headers.authorization), [
    "Bearer tok",
    "Bearer tok",
  ]);
});

strictTest(
  "listProviders() stops at the page that is one too many",
  async () => {
    let page = 0;
    await using server = serve(() =>
      Response.json({
        llmProviders: [{ name: `a${++page}` }],
        nextPageToken: `${page}`,
      })
    );
    const result = await listProviders(client(server), SYS);
    assertEquals(server.seen.length, 200);
    assert(result.kind === "providers");
    assertEquals([result.providers.length, result.partial], [200, true]);
  },
);

strictTest("listProviders() reads ten thousand providers", async () => {
  await using server = serve(({ body }) => {
    const { pageSize, pageToken } = body as Record<string, string | number>;
    const start = Number(pageToken);
    const end = start + Number(pageSize);
    const llmProviders = Array.from(
      { length: Number(pageSize) },
      (_, index) => ({ name: `p${start + index}`, type: 2 }),
    );
    const nextPageToken = end < 10_000 ? `${end}` : "";
    return Response.json({ llmProviders, nextPageToken });
  });
  const result = await listProviders(client(server), SYS);
  assert(result.kind === "providers");
  assertEquals(result.providers.length, 10_000);
  assertEquals(result.providers.at(-1)?.name, "p9999");
  assertEquals(result.partial, undefined);
});

for (const tokens of [["x"], ["x", "y"]]) {
  strictTest(
    `listProviders() notices ${tokens.length} page tokens that repeat for ever`,
    async () => {
      let page = 0;
      await using server = serve(() =>
        Response.json({
          llmProviders: [{ name: "a" }, { name: "b" }],
          nextPageToken: tokens[page++ % tokens.length],
        })
      );
      const result = await listProviders(client(server), SYS);
      assertEquals(server.seen.length, 1 + tokens.length);
      assert(result.kind === "providers");
      assertEquals(result.providers.map(({ name }) => name), ["a", "b"]);
      assertEquals(result.partial, true);
    },
  );
}

strictTest("listProviders() asks for no page when the time is up", async () => {
  let page = 0;
  await using server = serve(() =>
    Response.json({
      llmProviders: [{ name: `a${++page}` }],
      nextPageToken: `${page}`,
    })
  );
  // Each page takes six seconds.
  const sys = { fetch, now: () => page * 6_000 };
  const result = await listProviders(client(server), sys);
  assertEquals(server.seen.length, 4);
  assertEquals(result.kind === "providers" && result.partial, true);
});

strictTest("listProviders() leaves out what is no record", async () => {
  await using server = serve(() =>
    Response.json({
      llmProviders: [null, 1, {}, { name: "a" }],
      nextPageToken: 7,
    })
  );
  const result = await listProviders(client(server), SYS);
  assertEquals(
    result.kind === "providers" && result.providers.map(({ name }) => name),
    ["a"],
  );
});

strictTest(
  "listProviders() of a gateway without providers is empty",
  async () => {
    await using server = serve(() => Response.json({}));
    assertEquals(await listProviders(client(server), SYS), {
      kind: "providers",
      providers: [],
    });
  },
);

strictTest("listProviders() fails as a whole when a page fails", async () => {
  let page = 0;
  await using server = serve(() =>
    page++ === 0
      ? Response.json({ llmProviders: [{ name: "a" }], nextPageToken: "x" })
      : Response.json({ code: "permission_denied", message: "no" }, {
        status: 403,
      })
  );
  assertEquals(await listProviders(client(server), SYS), {
    kind: "permission_denied",
    message: "no",
  });
});
