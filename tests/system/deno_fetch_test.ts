import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { serveBytes, serveHttp } from "../support/servers.ts";

const PROGRAM = fileURLToPath(new URL("../testdata/fetch.ts", import.meta.url));

/** What came of each URL, in a process with these proxy variables. */
async function ask(
  urls: string[],
  variables: Record<string, string>,
  timeoutMs = 30_000,
): Promise<string[]> {
  const env = Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) =>
      !/proxy/i.test(name)
    ),
  );
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", PROGRAM, `${timeoutMs}`, ...urls],
    env: { ...env, DENO_NO_UPDATE_CHECK: "1", ...variables },
    clearEnv: true,
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).trimEnd().split("\n");
}

/** A port of this machine that nobody listens on. */
function deadUrl(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${listener.addr.port}`;
}

function answering(status: string): ReturnType<typeof serveBytes> {
  return serveBytes(
    `HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`,
    "hang up",
  );
}

Deno.test("fetchDirectly() keeps this machine off the proxy, also after a request elsewhere", async () => {
  const seen: string[] = [];
  await using proxy = serveHttp(({ url }) => {
    seen.push(url);
    return Response.json({});
  });
  const asked: string[] = [];
  await using gateway = serveHttp(({ url }) => {
    asked.push(url);
    return Response.json({}, { status: 201 });
  });
  const { port } = new URL(gateway.url);
  const own = ["127.0.0.1", "localhost"].map((host) =>
    `http://${host}:${port}/`
  );
  // Nobody listens there: what counts is that the proxy is not asked.
  const dead = new URL(deadUrl()).port;
  const others = ["127.9.9.9", "[::1]"].map((host) =>
    `http://${host}:${dead}/`
  );
  const settings: Record<string, string>[] = [
    {},
    { NO_PROXY: "corp.example" },
    { no_proxy: "corp.example" },
  ];
  for (const variables of settings) {
    seen.length = asked.length = 0;
    const answers = await ask(
      ["http://elsewhere.invalid/", ...own, ...others],
      { HTTP_PROXY: proxy.url, ...variables },
    );
    assertEquals(answers.slice(0, 3), ["200", "201", "201"]);
    assertEquals(seen, ["http://elsewhere.invalid/"]);
    assertEquals(asked, own);
  }
});

Deno.test("fetchDirectly() leaves the user's NO_PROXY in force", async () => {
  await using proxy = serveHttp(() => Response.json({}));
  const [answer] = await ask(["http://gw.corp.invalid/"], {
    HTTP_PROXY: proxy.url,
    NO_PROXY: "corp.invalid",
  });
  assertStringIncludes(answer, "dns error");
  assertEquals(answer.includes("proxy"), false, answer);
});

for (
  const [status, complaint] of [
    ["403 Forbidden", "refuses to connect"],
    ["502 Bad Gateway", "refuses to connect"],
    [
      "407 Proxy Authentication Required",
      "asks for a user name and password",
    ],
  ]
) {
  Deno.test(`fetchDirectly() names a proxy that answers ${status}, without its password`, async () => {
    using proxy = answering(status);
    const { host } = new URL(proxy.url);
    const [reason] = await ask(["https://gw.invalid/"], {
      HTTPS_PROXY: `http://me:hunter2@${host}`,
    });
    assertEquals(reason, `the proxy http://${host} (HTTPS_PROXY) ${complaint}`);
  });
}

Deno.test("fetchDirectly() names a proxy that asks for a password in clear text", async () => {
  using proxy = answering("407 Proxy Authentication Required");
  const [reason] = await ask(["http://gw.invalid/"], { http_proxy: proxy.url });
  assertEquals(
    reason,
    `the proxy ${proxy.url} (http_proxy) asks for a user name and password`,
  );
});

Deno.test("fetchDirectly() names a proxy that hangs up, is silent or not there", async () => {
  const url = "https://gw.invalid/";
  using rude = serveBytes("", "hang up");
  assertEquals(await ask([url], { HTTPS_PROXY: rude.url }), [
    `the proxy ${rude.url} (HTTPS_PROXY) closed the connection`,
  ]);
  using silent = serveBytes();
  assertEquals(await ask([url], { ALL_PROXY: silent.url }, 500), [
    `no answer within 0.5 s, through the proxy ${silent.url} (ALL_PROXY)`,
  ]);
  const dead = deadUrl();
  const [reason] = await ask([url], { HTTPS_PROXY: dead });
  assertStringIncludes(
    reason,
    `the proxy ${dead} (HTTPS_PROXY) cannot be reached: tcp connect error`,
  );
});

Deno.test("fetchDirectly() names no proxy where there is none", async () => {
  const [reason] = await ask(["https://gw.invalid/"], {});
  assertEquals(reason.includes("proxy"), false, reason);
});
