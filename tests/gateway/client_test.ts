import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  getProvider,
  listProviders,
  type Lookup,
} from "../../lib/gateway/client.ts";
import {
  type LoopbackServer,
  serveLoopback,
} from "../../lib/loopback/server.ts";
import { NOW } from "../support/fake_sys.ts";
import { strictTest } from "../support/strict_test.ts";

const SERVICE = "/redpanda.api.adp.v1alpha1.LLMProviderService";
const SYS = { fetch, now: () => NOW };

strictTest("getProvider() asks as the Connect protocol wants it", async () => {
  const seen: unknown[] = [];
  await using server = serveLoopback(async (request) => {
    const { method, url, headers } = request;
    seen.push([
      `${method} ${new URL(url).pathname}`,
      headers.get("content-type"),
      headers.get("connect-protocol-version"),
      headers.get("authorization"),
      await request.json(),
    ]);
    return Response.json({ llmProvider: { name: "a" } });
  });
  const { url } = server;
  await getProvider({ gatewayUrl: url, token: "tok" }, "a", SYS);
  await getProvider({ gatewayUrl: `${url}/base` }, "b", SYS);
  const way = ["application/json", "1"];
  assertEquals(seen, [
    [`POST ${SERVICE}/GetLLMProvider`, ...way, "Bearer tok", { name: "a" }],
    [`POST /base${SERVICE}/GetLLMProvider`, ...way, null, { name: "b" }],
  ]);
});

/** Looks a provider up on a server that gives one answer. */
async function lookup(
  body: string | null,
  init: ResponseInit,
  path = "",
): Promise<Lookup> {
  await using server = serveLoopback(() => new Response(body, init));
  const gatewayUrl = server.url + path;
  const token = "token-that-nobody-shows";
  const result = await getProvider({ gatewayUrl, token }, "anthropic", SYS);
  assertFalse(JSON.stringify(result).includes(token));
  if (result.kind === "provider") return result;
  const message = result.message.replaceAll(server.url, "URL");
  return { ...result, message };
}

strictTest(
  "getProvider() reads the record, whatever else is in the answer",
  async () => {
    const body = {
      llmProvider: {
        name: "anthropic",
        type: "LLM_PROVIDER_TYPE_ANTHROPIC",
        enabled: true,
        anthropicConfig: { authorizationPassthrough: true },
        future: [1],
      },
      future: {},
    };
    assertEquals(await lookup(JSON.stringify(body), {}), {
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

strictTest(
  "getProvider() tells refusals from a gateway that is unavailable",
  async () => {
    const error = (code: string, message = "said the gateway") =>
      JSON.stringify({ code, message, details: [] });
    const html = "\n<!doctype html>\n<title>Sign in</title>";
    const location = "https://elsewhere.example/x";
    const noRecord = "URL: the answer holds no llmProvider record";
    const foreign = "URL: not a gateway answer: status";
    const cases: [number, string | null, string, Lookup["kind"]?][] = [
      [401, error("unauthenticated"), "said the gateway", "unauthenticated"],
      [404, error("not_found"), "said the gateway", "not_found"],
      // The code counts and not the status.
      [
        500,
        error("permission_denied"),
        "said the gateway",
        "permission_denied",
      ],
      [404, error("not_found", "no\x1b[2J\nmore"), "no?[2J", "not_found"],
      [400, error("internal"), "URL: status 400, internal: said the gateway"],
      [404, '{"message":"No"}', "URL: status 404, no code: No"],
      [502, "{}", "URL: status 502, no code: status 502"],
      [200, "{}", noRecord],
      [200, '{"llmProvider":[]}', noRecord],
      [200, '{"llmProvider":{}}', noRecord],
      [200, html, `${foreign} 200, "<!doctype html>"`],
      [401, html, `${foreign} 401, "<!doctype html>"`],
      [200, '{"llmProvider":', `${foreign} 200, "{"llmProvider":"`],
      [200, "", `${foreign} 200, ""`],
      [
        500,
        `\x1b[2J${"x".repeat(5000)}`,
        `${foreign} 500, "?[2J${"x".repeat(196)}..."`,
      ],
      [307, null, `URL: it redirects (307) to ${location}`],
    ];
    for (const [status, body, message, kind = "unavailable"] of cases) {
      const headers: HeadersInit = status === 307 ? { location } : {};
      const result = await lookup(body, { status, headers });
      assertEquals<unknown>(result, { kind, message });
    }
    assertEquals<unknown>(await lookup(null, { status: 302 }), {
      kind: "unavailable",
      message: "URL: it redirects (302) to nowhere",
    });
  },
);

strictTest(
  "getProvider() suggests the URL without a path that no gateway answers below",
  async () => {
    const hint = "; try it without the path: URL";
    for (
      const [body, message] of [
        ["<html>", `not a gateway answer: status 404, "<html>"${hint}`],
        ['{"detail":"x"}', `status 404, no code: status 404${hint}`],
        ['{"code":"internal"}', "status 404, internal: status 404"],
      ]
    ) {
      assertEquals<unknown>(await lookup(body, { status: 404 }, "/base"), {
        kind: "unavailable",
        message: `URL/base: ${message}`,
      });
    }
  },
);

Deno.test("getProvider() waits 5 s for an answer, or as long as it is told", async () => {
  for (const timeoutMs of [undefined, 700]) {
    const client = { gatewayUrl: "https://gw.example.com", timeoutMs };
    const bounds: (number | undefined)[] = [];
    const result = await getProvider(client, "a", {
      fetch: (_url, init) => {
        bounds.push(init?.timeoutMs);
        return Promise.reject(new DOMException("", "TimeoutError"));
      },
    });
    const bound = timeoutMs ?? 5000;
    assertEquals(bounds, [bound]);
    assertEquals(result, {
      kind: "unavailable",
      message: `https://gw.example.com: no answer within ${bound / 1000} s`,
    });
  }
});

/** A gateway that answers each request for a page, counted from 1. */
function servePages(
  answer: (page: number) => Record<string, unknown>,
): LoopbackServer & { asked: unknown[] } {
  const asked: unknown[] = [];
  const server = serveLoopback(async (request) => {
    const { pathname } = new URL(request.url);
    asked.push([pathname, await request.json()]);
    const body = answer(asked.length);
    return Response.json(body, { status: body.code === undefined ? 200 : 403 });
  });
  return { ...server, asked };
}

/** What listing comes to: names, or the whole failure. */
async function list({ url }: { url: string }, now = SYS.now) {
  const listing = await listProviders({ gatewayUrl: url }, { fetch, now });
  return listing.kind === "providers"
    ? { ...listing, providers: listing.providers.map(({ name }) => name) }
    : listing;
}

strictTest("listProviders() follows the pages", async () => {
  await using server = servePages((page) =>
    page === 1
      ? { llmProviders: [{ name: "a" }, { name: "b" }], nextPageToken: "two" }
      : { llmProviders: [{ name: "c" }] }
  );
  assertEquals(await list(server), {
    kind: "providers",
    providers: ["a", "b", "c"],
  });
  const path = `${SERVICE}/ListLLMProviders`;
  assertEquals(server.asked, [
    [path, { pageSize: 100, pageToken: "" }],
    [path, { pageSize: 100, pageToken: "two" }],
  ]);
});

strictTest(
  "listProviders() ends where a gateway does not, and says so",
  async () => {
    const endless = (page: number) => ({
      llmProviders: [{ name: `a${page}` }],
      nextPageToken: `${page}`,
    });
    const repeating = (...tokens: string[]) => (page: number) => ({
      llmProviders: [{ name: "a" }, { name: "b" }],
      nextPageToken: tokens[page % tokens.length],
    });
    const cases = [
      { answer: endless, pages: 200, names: 200 },
      { answer: endless, pages: 4, names: 4, secondsPerPage: 6 },
      { answer: repeating("x"), pages: 2, names: 2 },
      { answer: repeating("x", "y"), pages: 3, names: 2 },
    ];
    for (const { answer, pages, names, secondsPerPage = 0 } of cases) {
      await using server = servePages(answer);
      const now = () => server.asked.length * secondsPerPage * 1000;
      const listing = await list(server, now);
      assertEquals(server.asked.length, pages);
      assert(listing.kind === "providers");
      assertEquals([listing.providers.length, listing.partial], [names, true]);
    }
  },
);

strictTest("listProviders() leaves out what is no record", async () => {
  const mixed = {
    llmProviders: [null, 1, {}, { name: "a" }],
    nextPageToken: 7,
  };
  for (const [answer, providers] of [[{}, []], [mixed, ["a"]]] as const) {
    await using server = servePages(() => answer);
    assertEquals<unknown>(await list(server), { kind: "providers", providers });
  }
});

strictTest("listProviders() fails as a whole when a page fails", async () => {
  await using server = servePages((page) =>
    page === 1
      ? { llmProviders: [{ name: "a" }], nextPageToken: "x" }
      : { code: "permission_denied", message: "no" }
  );
  assertEquals(await list(server), {
    kind: "permission_denied",
    message: "no",
  });
});
