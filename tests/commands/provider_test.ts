import {
  assertEquals,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { parse } from "@std/yaml";
import { startLimitedGateway } from "../support/limited_gateway.ts";
import { runOn } from "../../main.ts";
import { fakeSys } from "../support/fake_sys.ts";
import { type Ended, makeWorld } from "../support/program.ts";
import { freePort, serveHttp } from "../support/servers.ts";

const GATEWAY = "https://gw.example.com";
const TOKEN = "hunter2secret";
const PROVIDERS = [
  {
    name: "anthropic",
    type: "LLM_PROVIDER_TYPE_ANTHROPIC",
    enabled: true,
    providerModels: [{ name: "claude-opus-4-1" }, { name: "claude-haiku-4-5" }],
  },
  {
    name: "subscription",
    type: 2,
    enabled: true,
    anthropicConfig: { authorizationPassthrough: true },
  },
  {
    name: "bedrock",
    type: 4,
    enabled: true,
    bedrockConfig: { region: "eu-central-1" },
    url: `${GATEWAY}/llm/v1/providers/bedrock`,
  },
  { name: "off", type: 2 },
  { name: "openai", type: 1, enabled: true },
];

/** What a gateway with these records answers. */
function answer(records: unknown[], url: string, init?: RequestInit): Response {
  if (url.endsWith("/ListLLMProviders")) {
    return Response.json({ llmProviders: records });
  }
  const { name } = JSON.parse(String(init?.body));
  const llmProvider = records.find((record) =>
    (record as { name?: unknown } | null)?.name === name
  );
  return llmProvider === undefined
    ? Response.json({ code: "not_found", message: "no" }, { status: 404 })
    : Response.json({ llmProvider });
}

/** Runs `ai-claude provider ...` against a gateway with these records. */
async function provider(
  args: string[],
  records: unknown[] = PROVIDERS,
): Promise<Ended> {
  const sys = fakeSys({
    env: { HOME: "/home/me", RPAI_TOKEN: TOKEN },
    fetch: (url, init) => Promise.resolve(answer(records, url, init)),
  });
  const code = await runOn(["provider", ...args, "-s", GATEWAY], sys);
  return { code, stdout: sys.stdout, stderr: sys.stderr };
}

Deno.test("provider list marks what Claude Code can use and the mode it gives", async () => {
  assertEquals(await provider(["list"]), {
    code: 0,
    stdout: `NAME          TYPE       ENABLED  CLAUDE CODE
anthropic     anthropic  yes      managed
subscription  anthropic  yes      passthrough
bedrock       bedrock    yes      bedrock
off           anthropic  no       no: disabled
openai        openai     yes      no: openai
`,
    stderr: "",
  });
});

Deno.test("provider list -o wide and markdown add models, region and URL", async () => {
  const { stdout } = await provider(["list", "-o", "wide"]);
  const lines = stdout.split("\n");
  assertMatch(lines[0], /^NAME .* MODELS +REGION +URL$/);
  assertMatch(
    lines[1],
    / claude-opus-4-1, claude-haiku-4-5 +- +https:\/\/gw\.example\.com\/llm\/v1\/providers\/anthropic$/,
  );
  assertMatch(lines[3], / any +eu-central-1 +https:/);
  const markdown = (await provider(["list", "-o", "markdown"])).stdout;
  assertStringIncludes(
    markdown,
    "\n| bedrock | bedrock | yes | bedrock | any | eu-central-1 | " +
      `${GATEWAY}/llm/v1/providers/bedrock |\n`,
  );
});

Deno.test("provider list -o json and yaml are one document", async () => {
  const json = JSON.parse((await provider(["list", "-o", "json"])).stdout);
  assertEquals(json.slice(2, 4), [{
    name: "bedrock",
    type: "bedrock",
    enabled: true,
    usable: true,
    mode: "bedrock",
    models: [],
    region: "eu-central-1",
    url: `${GATEWAY}/llm/v1/providers/bedrock`,
  }, {
    name: "off",
    type: "anthropic",
    enabled: false,
    usable: false,
    mode: null,
    models: [],
    region: null,
    url: `${GATEWAY}/llm/v1/providers/off`,
  }]);
  assertEquals(parse((await provider(["list", "-o", "yaml"])).stdout), json);
});

Deno.test("provider get shows one, in each format", async () => {
  const expected = `KEY      VALUE
name     anthropic
type     anthropic
enabled  yes
usable   yes
mode     managed
region   -
url      https://gw.example.com/llm/v1/providers/anthropic
models   claude-opus-4-1
         claude-haiku-4-5
`;
  const get = async (...args: string[]) => {
    const ended = await provider(["get", ...args]);
    assertEquals([ended.code, ended.stderr], [0, ""]);
    return ended.stdout;
  };
  assertEquals(await get("anthropic"), expected);
  assertEquals(await get("anthropic", "-o", "wide"), expected);
  assertStringIncludes(
    await get("anthropic", "-o", "markdown"),
    "| models | claude-opus-4-1<br>claude-haiku-4-5 |",
  );
  assertStringIncludes(await get("off"), "usable   no: disabled\n");
  const json = JSON.parse(await get("subscription", "-o", "json"));
  assertEquals([json.mode, json.models], ["passthrough", []]);
  assertEquals(parse(await get("subscription", "-o", "yaml")), json);
});

Deno.test("provider has the aliases of `rpk ai`", async () => {
  for (const word of ["llm-provider", "llm-providers", "llm", "lp"]) {
    const sys = fakeSys({
      env: { RPAI_TOKEN: TOKEN },
      fetch: (url, init) => Promise.resolve(answer(PROVIDERS, url, init)),
    });
    assertEquals(await runOn([word, "get", "off", "-s", GATEWAY], sys), 0);
    assertStringIncludes(sys.stdout, "no: disabled");
  }
});

Deno.test("provider list --name-contains keeps the names with a text in them", async () => {
  const list = (...args: string[]) =>
    provider(["list", "--name-contains", ...args]);
  const found = JSON.parse((await list("ROCK", "-o", "json")).stdout);
  assertEquals(found.map(({ name }: { name: string }) => name), ["bedrock"]);
  assertEquals(await list("xyz"), {
    code: 0,
    stdout: "",
    stderr: `no providers with "xyz" in their name at ${GATEWAY}\n`,
  });
  assertEquals((await list("xyz", "-o", "json")).stdout, "[]\n");
});

Deno.test("provider models lists what a provider allows, by `models` alone too", async () => {
  const models = (...args: string[]) => provider(["models", ...args]);
  assertEquals(
    (await models("anthropic")).stdout,
    "MODEL\nclaude-opus-4-1\nclaude-haiku-4-5\n",
  );
  assertEquals(
    JSON.parse((await models("anthropic", "-o", "json")).stdout),
    ["claude-opus-4-1", "claude-haiku-4-5"],
  );
  assertEquals(await models("bedrock"), {
    code: 0,
    stdout: "",
    stderr: 'provider "bedrock" lists no models: any may be asked for\n',
  });
  assertEquals((await models("antropic")).code, 4);
  const nameless = await models();
  assertEquals(nameless.code, 2);
  assertStringIncludes(nameless.stderr, "hint: ai-claude provider models NAME");
  const sys = fakeSys({
    env: { HOME: "/home/me", RPAI_TOKEN: TOKEN },
    files: {
      "/home/me/.rpai/config": "profiles:\n  a:\n    llm_provider: anthropic\n",
    },
    fetch: (url, init) => Promise.resolve(answer(PROVIDERS, url, init)),
  });
  assertEquals(await runOn(["models", "-s", GATEWAY], sys), 0);
  assertStringIncludes(sys.stdout, "claude-opus-4-1\n");
});

Deno.test("provider list of none says so, and is an empty document", async () => {
  assertEquals(await provider(["list"], []), {
    code: 0,
    stdout: "",
    stderr: `no providers at ${GATEWAY}\n`,
  });
  assertEquals((await provider(["list", "-o", "json"], [])).stdout, "[]\n");
});

Deno.test("provider get of an unknown one names the closest, exit 4", async () => {
  assertEquals(await provider(["get", "antropic"]), {
    code: 4,
    stdout: "",
    stderr: 'error: provider "antropic" is not on this gateway\n' +
      "hint: closest: anthropic, bedrock, off; see `ai-claude provider list`\n",
  });
  assertEquals((await provider(["get", "x"], [])).code, 4);
});

Deno.test("provider get wants one name that can be one, exit 2", async () => {
  for (const args of [["get"], ["get", "A b"], ["get", "a", "b"], ["gett"]]) {
    const ended = await provider(args);
    assertEquals([ended.code, ended.stdout], [2, ""], args.join(" "));
    assertMatch(ended.stderr, /^error: .*\nhint: .*\n$/);
  }
});

/** A record that nobody should send. */
const HOSTILE = {
  name: "evil\u001b]0;x\u0007\u009b2J\u202e\u2028\r\n" + "n".repeat(500),
  type: "LLM_PROVIDER_TYPE_\u001b[31mX\u2066" + "t".repeat(500),
  enabled: "true",
  models: ["m\u001b[2J|`\u202d", "x".repeat(500), 7, null, ""],
  bedrockConfig: { region: "r\u009b\n\u202e" },
  url: "https://evil.example/\u001b[2J",
};

for (const format of ["table", "wide", "json", "yaml", "markdown"]) {
  for (const action of ["list", "get"]) {
    Deno.test(`provider ${action} -o ${format} shows nothing hostile as it is`, async () => {
      const name = `${HOSTILE.name}2`;
      const named = { ...HOSTILE, name, type: 4, enabled: true };
      const sys = fakeSys({
        env: { RPAI_TOKEN: TOKEN },
        fetch: (url) =>
          Promise.resolve(Response.json(
            url.endsWith("/ListLLMProviders")
              ? { llmProviders: [HOSTILE, named, PROVIDERS[0]] }
              : { llmProvider: named },
          )),
      });
      const args = action === "list" ? ["list"] : ["get", "evil"];
      const argv = ["provider", ...args, "-o", format, "-s", GATEWAY];
      assertEquals(await runOn(argv, sys), 0, sys.stderr);
      const shown = sys.stdout + sys.stderr;
      assertNotMatch(
        shown,
        /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u,
      );
      if (format === "json" || format === "yaml") {
        const read = parse(sys.stdout) as unknown;
        const row = (Array.isArray(read) ? read[1] : read) as {
          name: string;
          url: null;
        };
        assertEquals([row.name, row.url], [name, null]);
      } else {
        assertNotMatch(shown, /[nxt]{250}/);
        const bad = sys.stdout.split("\n").filter((line) =>
          line.includes("no: bad name")
        );
        assertEquals(bad.length, 1);
      }
    });
  }
}

Deno.test("provider list takes records with fields missing or of another type", async () => {
  const { code, stdout } = await provider(["list"], [
    null,
    7,
    {},
    { name: 7 },
    { name: "bare" },
    { name: "future", type: 99, enabled: true },
    { name: "negative", type: -1 },
    { name: "typed", type: { a: 1 }, enabled: 1, providerModels: "m" },
    { name: "enum", type: "LLM_PROVIDER_TYPE_VERTEX", enabled: true },
    { name: "bare", type: 2, enabled: true },
  ]);
  assertEquals(code, 0);
  assertEquals(
    stdout,
    `NAME      TYPE         ENABLED  CLAUDE CODE
bare      unspecified  no       no: unspecified
future    type 99      yes      no: type 99
negative  type -1      no       no: type -1
typed     unspecified  no       no: unspecified
enum      vertex       yes      no: vertex
`,
  );
});

Deno.test("provider list shows a few of many models, get all of them", async () => {
  const models = Array.from({ length: 30 }, (_, index) => `m${index}`);
  const records = [{ name: "a", type: 2, enabled: true, models }];
  const { stdout } = await provider(["list", "-o", "wide"], records);
  assertStringIncludes(stdout, " m8, m9, and 20 more ");
  const one = await provider(["get", "a"], records);
  assertStringIncludes(one.stdout, "m29\n");
});

Deno.test("provider list warns of a URL on another origin and does not show it", async () => {
  const url = "https://evil.example/llm/v1/providers/a";
  const records = [{ name: "a", type: 2, enabled: true, url }];
  const { code, stdout, stderr } = await provider(
    ["list", "-o", "json"],
    records,
  );
  assertEquals(code, 0);
  assertEquals(JSON.parse(stdout)[0].url, `${GATEWAY}/llm/v1/providers/a`);
  assertEquals(
    stderr,
    "warning: a URL of another origin is ignored: a token only goes to " +
      `${GATEWAY} (a)\n`,
  );
});

Deno.test("provider list warns of a list that does not end", async () => {
  const sys = fakeSys({
    env: { RPAI_TOKEN: TOKEN },
    fetch: () =>
      Promise.resolve(
        Response.json({ llmProviders: PROVIDERS, nextPageToken: "again" }),
      ),
  });
  assertEquals(await runOn(["lp", "list", "-s", GATEWAY], sys), 0);
  assertEquals(sys.asked.length, 2);
  assertEquals(
    sys.stderr,
    `warning: the list of ${GATEWAY} does not end: its first 5 providers\n`,
  );
});

Deno.test("provider through the whole program, page by page", async () => {
  await using world = await makeWorld();
  await using gateway = startLimitedGateway({
    accepts: (token) => token === TOKEN,
    pageSize: 2,
    providers: ["a", "b", "c", "d", "e"].map((name) => ({
      name,
      type: "anthropic",
    })),
  });
  await world.write(
    ".rpai/config",
    `current_profile: p\nprofiles: {p: {ai_gateway_url: "${gateway.url}"}}\n`,
  );
  const env = { RPAI_TOKEN: TOKEN };
  const list = await world.run(["llm", "list", "-o", "json"], { env });
  assertEquals([list.code, list.stderr], [0, ""]);
  assertEquals(
    JSON.parse(list.stdout).map(({ name }: { name: string }) => name),
    ["a", "b", "c", "d", "e"],
  );
  assertEquals(gateway.requests.length, 3);
  const one = await world.run(["provider", "get", "c"], { env });
  assertEquals([one.code, one.stderr], [0, ""]);
  assertStringIncludes(one.stdout, "mode     managed\n");
  assertEquals(await world.files(), [".rpai/config"]);
});

Deno.test("provider fails with the exit code of the contract", async () => {
  await using world = await makeWorld();
  const denied = { code: "permission_denied", message: "no\u001b[2J" };
  await using refusing = serveHttp(() =>
    Response.json(denied, { status: 403 })
  );
  await using proxy = serveHttp(() =>
    new Response("<html>\u001b[2J", { status: 502 })
  );
  await using strict = startLimitedGateway({
    accepts: () => false,
    providers: [],
  });
  const cases = [
    [refusing.url, 3, "cannot be read with this token: no?[2J"],
    [strict.url, 3, "the gateway refused the token"],
    [proxy.url, 5, 'not a gateway answer: status 502, "<html>?[2J"'],
    [`http://127.0.0.1:${freePort()}`, 5, "refused"],
  ] as const;
  for (const [url, code, text] of cases) {
    for (const args of [["list"], ["get", "a"]]) {
      const ended = await world.run(["provider", ...args, "-s", url], {
        env: { RPAI_TOKEN: TOKEN },
      });
      assertEquals([ended.code, ended.stdout], [code, ""], ended.stderr);
      assertStringIncludes(ended.stderr, text);
      assertStringIncludes(
        ended.stderr,
        url === strict.url ? "\nhint: pass a fresh one" : "\nhint: ",
      );
      assertEquals(ended.stderr.includes(TOKEN), false);
    }
  }
  const nobody = await world.run(["provider", "list", "-s", proxy.url]);
  assertEquals(nobody.code, 3);
  assertStringIncludes(nobody.stderr, "hint: set RPAI_TOKEN, or");
  const nowhere = await world.run(["provider", "list"]);
  assertEquals(nowhere.code, 2);
});
