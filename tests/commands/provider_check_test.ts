/**
 * `ai-claude provider check`: what is sent, and what is said of the answer.
 *
 * @module
 */

import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import {
  type LoopbackGateway,
  startLoopbackGateway,
} from "../../lib/loopback/gateway.ts";
import { runInProcess } from "../support/in_process.ts";
import type { Ended } from "../support/program.ts";
import { freePort, serveHttp } from "../support/servers.ts";

const TOKEN = "gateway-token-of-the-check";
const LOGIN = "sk-ant-oat01-of-the-check";
const MODELS = ["claude-opus-4-1", "claude-haiku-4-5", "claude-sonnet-4-6"];

function startGateway(accepted = TOKEN): LoopbackGateway {
  return startLoopbackGateway({
    accepts: (token) => token === accepted,
    providers: [
      { name: "managed", type: "anthropic", models: MODELS },
      { name: "any", type: "anthropic" },
      { name: "passthrough", type: "anthropic", passthrough: true },
      {
        name: "bedrock",
        type: "bedrock",
        region: "eu-west-1",
        models: MODELS.map((id) => `eu.anthropic.${id}`),
      },
      { name: "bedrock-any", type: "bedrock" },
      { name: "off", type: "anthropic", enabled: false },
      { name: "gpt", type: "openai" },
    ],
  });
}

/** Checks a provider on a machine whose clock stands still. */
async function check(
  { url }: { url: string },
  args: string[],
  env: Record<string, string> = {},
): Promise<Ended> {
  return await runInProcess(
    ["provider", "check", ...args, "-s", url],
    { RPAI_TOKEN: TOKEN, ...env },
    { now: () => 0 },
  );
}

Deno.test("provider check asks the cheapest model for one token", async () => {
  await using gateway = startGateway();
  const cases = [
    { name: "managed", model: "claude-haiku-4-5" },
    { name: "any", model: "claude-haiku-4-5" },
    { name: "bedrock", model: "eu.anthropic.claude-haiku-4-5" },
  ];
  for (const { name, model } of cases) {
    gateway.requests.length = 0;
    assertEquals(await check(gateway, [name]), {
      code: 0,
      stdout: `OK  ${name}  (0 ms)\n`,
      stderr: "",
    });
    const [, asked, ...more] = gateway.requests;
    assertEquals(more, []);
    assertEquals([asked.model, asked.status], [model, 200]);
    assertEquals(asked.headers.authorization, `Bearer ${TOKEN}`);
    const { max_tokens, messages } = asked.body ?? {};
    assertEquals({ max_tokens, messages }, {
      max_tokens: 1,
      messages: [{ role: "user", content: "ping" }],
    });
  }
});

Deno.test("provider check -o json is one document, of a failure too", async () => {
  await using gateway = startGateway();
  const { stdout } = await check(gateway, ["bedrock", "-o", "json"]);
  assertEquals(JSON.parse(stdout), {
    name: "bedrock",
    ok: true,
    ms: 0,
    mode: "bedrock",
    model: "eu.anthropic.claude-haiku-4-5",
  });
  const failed = await check(gateway, ["off", "-o", "json"]);
  assertEquals([failed.code, failed.stdout], [3, ""]);
  assertEquals(JSON.parse(failed.stderr).error, {
    code: "unauthenticated",
    message: 'provider "off": failed_precondition: it is disabled',
    hint: "",
  });
});

Deno.test("provider check says in one line what failed, with an exit code to match", async () => {
  await using gateway = startGateway();
  const cases: [args: string[], exit: number, line: string][] = [
    [["off"], 3, "off  code=failed_precondition  it is disabled"],
    [
      ["gpt"],
      2,
      "gpt  code=failed_precondition  it is of type openai, which Claude Code " +
      "cannot use",
    ],
    [["none"], 4, 'none  code=not_found  LLM provider "none" not found'],
    [
      ["managed", "-m", "claude-x"],
      3,
      'managed  code=permission_denied  model "claude-x" is not allowed by ' +
      'provider "managed"',
    ],
    [
      ["passthrough"],
      3,
      "passthrough  code=failed_precondition  passthrough takes two " +
      "credentials, the gateway's and your Claude login, and " +
      "CLAUDE_CODE_OAUTH_TOKEN holds no login: `claude setup-token` makes one",
    ],
  ];
  for (const [args, exit, line] of cases) {
    assertEquals(await check(gateway, args), {
      code: exit,
      stdout: "",
      stderr: `FAIL  ${line}\n`,
    });
  }
});

Deno.test("provider check needs a model where none can be known", async () => {
  await using gateway = startGateway();
  const { code, stderr } = await check(gateway, ["bedrock-any"]);
  assertEquals(code, 2);
  assertMatch(stderr, /hint: name one: .*check bedrock-any --model ID\n/);
  const named = await check(gateway, ["bedrock-any", "-m", "some.model"]);
  assertEquals(named.stdout, "OK  bedrock-any  (0 ms)\n");
});

Deno.test("provider check of a passthrough provider sends both credentials", async () => {
  await using gateway = startGateway();
  const env = { CLAUDE_CODE_OAUTH_TOKEN: LOGIN };
  const { stdout, stderr } = await check(gateway, ["passthrough"], env);
  assertEquals([stdout, stderr], ["OK  passthrough  (0 ms)\n", ""]);
  const { headers } = gateway.requests[1];
  assertEquals(headers.authorization, `Bearer ${LOGIN}`);
  assertEquals(headers["x-redpanda-cloud-token"], TOKEN);
  const managed = await check(gateway, ["managed"], env);
  assertEquals(managed.code, 0);
  assertFalse(JSON.stringify(gateway.requests.slice(2)).includes(LOGIN));
});

Deno.test("provider check tells a refusal from a gateway that is not there", async () => {
  await using strict = startGateway("another");
  const refused = await check(strict, ["managed"]);
  assertEquals(refused.code, 3);
  assertMatch(
    refused.stderr,
    /^FAIL {2}managed {2}code=unauthenticated {2}.+\n$/,
  );
  const down = { url: `http://127.0.0.1:${freePort()}` };
  const silent = await check(down, ["managed"]);
  assertEquals(silent.code, 5);
  assertMatch(silent.stderr, /^FAIL {2}managed {2}code=unavailable {2}.+\n$/);
});

Deno.test("provider check judges the answer of the model's end", async () => {
  const llmProvider = { name: "a", type: 2, enabled: true };
  const cases: [answer: Response, exit: number, code: string][] = [
    [
      Response.json({ error: { message: "over\u001b[2J budget" } }, {
        status: 429,
      }),
      1,
      "resource_exhausted  over\\?\\[2J budget",
    ],
    [Response.json({}, { status: 500 }), 5, "unavailable  status 500"],
    [Response.json({}, { status: 418 }), 1, "status_418  status 418"],
    [new Response("<html>"), 5, "unavailable  not a gateway answer"],
    [Response.json({ x: 1 }), 5, "unavailable  not a model's answer"],
    [
      new Response(null, { status: 302, headers: { location: "/login" } }),
      5,
      "unavailable  it redirects \\(302\\) to /login",
    ],
  ];
  for (const [answer, exit, code] of cases) {
    await using server = serveHttp(({ url }) =>
      url.endsWith("GetLLMProvider") ? Response.json({ llmProvider }) : answer
    );
    const ended = await check(server, ["a"]);
    assertEquals([ended.code, ended.stdout], [exit, ""], ended.stderr);
    assertMatch(ended.stderr, new RegExp(`^FAIL  a  code=${code}`));
  }
});

Deno.test("provider check works with a token that may only invoke", async () => {
  const denied = { code: "permission_denied", message: "no" };
  await using server = serveHttp(({ url }) =>
    url.endsWith("GetLLMProvider")
      ? Response.json(denied, { status: 403 })
      : Response.json({ content: [] })
  );
  assertEquals((await check(server, ["a"])).stdout, "OK  a  (0 ms)\n");
});
