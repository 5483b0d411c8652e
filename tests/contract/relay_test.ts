/**
 * Contract with the real Claude Code: sessions with the relay, beside the same
 * ones without.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertGreater,
  assertStringIncludes,
} from "@std/assert";
import type { RecordedRequest } from "../../lib/loopback/recorded_request.ts";
import type { ToolCall } from "../../lib/loopback/messages.ts";
import { startLoopbackIssuer } from "../support/loopback_issuer.ts";
import {
  type Arena,
  assertUntouched,
  GATEWAY_TOKEN,
  inParallel,
  makeArena,
  MODES,
  RIVAL,
  SCOPES,
  SUBSCRIPTION,
} from "./arena.ts";
import { converse, makeIssuedArena } from "./conversation.ts";
import { startRecorder } from "./recorder.ts";

const GREETING = "Hello from the embedded gateway";

/** Answers a session's first request with a tool that writes its environment. */
function showEnvironment(request: RecordedRequest): string | ToolCall {
  const { body } = request;
  const text = JSON.stringify(body);
  return text.includes('"tool_result"') || !text.includes('"name":"Bash"')
    ? `${GREETING} (${request.mode}).`
    : { tool: "Bash", input: { command: 'env > "$HOME/tool-env"' } };
}

/** What a tool of the session had in its environment. */
async function toolEnvironment({ world }: Arena): Promise<string> {
  return await Deno.readTextFile(`${world.home}/tool-env`);
}

const WITH_TOOLS = ["--allowedTools", "Bash"];

/** Signed in to passthrough with tokens of 4 s, a recorder for all else. */
async function signedIn() {
  await using stack = new AsyncDisposableStack();
  const issuer = stack.use(startLoopbackIssuer({
    accessTokenSeconds: 4,
    device: { interval: 0.05 },
  }));
  const recorder = stack.use(await startRecorder());
  const { arena, accepted } = await makeIssuedArena(
    issuer,
    "device",
    "passthrough",
    { reply: showEnvironment },
  );
  stack.use(arena);
  assertEquals((await arena.world.run(["auth", "login"])).code, 0);
  const all = stack.move();
  return {
    ...{ arena, accepted, recorder },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

Deno.test("passthrough with the relay outlives its tokens, which nobody but the gateway sees", async () => {
  await using place = await signedIn();
  const { arena, accepted, recorder } = place;
  const { world, gateway } = arena;
  const { code, answers } = await converse(arena, {
    prompts: 4,
    pauseMs: 3_000,
    flags: ["--relay"],
    claudeArgs: WITH_TOOLS,
    env: {
      CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION,
      HTTPS_PROXY: recorder.url,
      HTTP_PROXY: recorder.url,
      NODE_EXTRA_CA_CERTS: await world.write("ca.pem", recorder.cert),
    },
  });
  const greeting = `${GREETING} (passthrough).`;
  assertEquals({ code, answers }, {
    code: 0,
    answers: [greeting, greeting, greeting, greeting],
  });
  const tokens = new Set(accepted);
  assertGreater(tokens.size, 2);
  const calls = gateway.requests.filter(({ kind }) => kind === "messages");
  assertEquals(
    calls.map(({ status, headers }) => [status, headers.authorization]),
    calls.map(() => [200, `Bearer ${SUBSCRIPTION}`]),
  );
  const environment = await toolEnvironment(arena);
  assertStringIncludes(environment, "ANTHROPIC_BASE_URL=http://127.0.0.1:");
  // The vendor is asked now, and so could have been told.
  assert(
    recorder.seen.some((text) => text.includes("api.anthropic.com")),
    recorder.seen.join("\n\n"),
  );
  const recorded = recorder.seen.join("\n\n");
  assert(!/redpanda/i.test(recorded), recorded);
  for (const token of tokens) {
    assert(!environment.includes(token), "a tool sees no token");
    assert(!recorded.includes(token), "nobody else sees a token");
  }
  const secret = /ANTHROPIC_BASE_URL=.*\/([0-9a-f]{32})$/m.exec(environment);
  assert(secret !== null && !recorded.includes(secret[1]));
  for (const file of await world.files()) {
    // The login itself is where it was put before the session.
    if (file === ".rpai/ai-claude.credentials.json" || file === "tool-env") {
      continue;
    }
    const text = await Deno.readTextFile(`${world.home}/${file}`);
    for (const token of tokens) assert(!text.includes(token), file);
  }
});

Deno.test("control: without the relay, passthrough's token is in every tool's environment and expires", async () => {
  await using place = await signedIn();
  const { arena, accepted, recorder } = place;
  const { world, gateway } = arena;
  const { answers } = await converse(arena, {
    prompts: 2,
    pauseMs: 4_000,
    claudeArgs: WITH_TOOLS,
    env: {
      CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION,
      HTTPS_PROXY: recorder.url,
      NODE_EXTRA_CA_CERTS: await world.write("ca.pem", recorder.cert),
    },
  });
  assertEquals(answers[0], `${GREETING} (passthrough).`);
  assert(answers[1] !== answers[0], answers[1]);
  const calls = gateway.requests.filter(({ kind }) => kind === "messages");
  assertEquals(calls.at(-1)?.status, 401);
  const token = accepted.at(-1) ?? "";
  assertStringIncludes(await toolEnvironment(arena), token);
  // That is what turning off nonessential traffic is for.
  assertEquals(recorder.seen, []);
});

Deno.test("control: a header in the environment reaches the vendor", async () => {
  await using arena = await makeArena();
  await using recorder = await startRecorder();
  const { world, gateway } = arena;
  await new Deno.Command(world.env.AI_CLAUDE_BIN, {
    args: ["-p", "hi"],
    cwd: world.project,
    clearEnv: true,
    env: {
      ...world.env,
      CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION,
      ANTHROPIC_BASE_URL: `${gateway.url}/llm/v1/providers/passthrough`,
      ANTHROPIC_CUSTOM_HEADERS: `X-Redpanda-Cloud-Token: ${GATEWAY_TOKEN}`,
      NO_PROXY: "127.0.0.1",
      HTTPS_PROXY: recorder.url,
      NODE_EXTRA_CA_CERTS: await world.write("ca.pem", recorder.cert),
    },
    stdin: "null",
  }).output();
  assert(
    recorder.seen.some((text) =>
      text.includes("api.anthropic.com") && text.includes(GATEWAY_TOKEN)
    ),
    recorder.seen.join("\n\n"),
  );
});

for (const mode of MODES) {
  Deno.test(`${mode} with the relay withstands rival settings at every scope`, async () => {
    await inParallel(Object.values(SCOPES), async (path) => {
      await using arena = await makeArena({}, { reply: showEnvironment });
      const { rival, world } = arena;
      await world.write(path, {
        apiKeyHelper: `echo ${RIVAL}`,
        env: {
          ANTHROPIC_BASE_URL: `${rival.url}/llm/v1/providers/rival`,
          ANTHROPIC_BEDROCK_BASE_URL: `${rival.url}/llm/v1/providers/rival`,
          ANTHROPIC_AUTH_TOKEN: RIVAL,
          ANTHROPIC_API_KEY: RIVAL,
          ANTHROPIC_CUSTOM_HEADERS: `X-Redpanda-Cloud-Token: ${RIVAL}`,
        },
      });
      const { code, stdout, stderr, calls } = await arena.prompt(mode, {
        flags: ["--relay", "--quiet"],
        claudeArgs: ["-p", "hi", ...WITH_TOOLS],
      });
      assertEquals(
        { code, stdout: stdout.trim(), stderr },
        { code: 0, stdout: `${GREETING} (${mode}).`, stderr: "" },
      );
      const passthrough = mode === "passthrough";
      const bearer = passthrough ? SUBSCRIPTION : GATEWAY_TOKEN;
      assertGreater(calls.length, 1);
      assertEquals(
        calls.map(({ status, headers }) => [
          status,
          headers.authorization,
          headers["x-api-key"],
          headers["x-redpanda-cloud-token"],
        ]),
        calls.map(() => [
          200,
          `Bearer ${bearer}`,
          undefined,
          passthrough ? GATEWAY_TOKEN : undefined,
        ]),
      );
      assertUntouched(arena);
      const environment = await toolEnvironment(arena);
      assert(!environment.includes(GATEWAY_TOKEN));
    });
  });
}

Deno.test("with the relay, a project's proxy sees nothing", async () => {
  await using recorder = await startRecorder();
  await inParallel([...MODES], async (mode) => {
    await using arena = await makeArena();
    await arena.world.write(SCOPES.project, {
      env: { HTTP_PROXY: recorder.url, http_proxy: recorder.url, NO_PROXY: "" },
    });
    const { code, stderr } = await arena.prompt(mode, {
      flags: ["--relay", "--quiet"],
      env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" },
    });
    assertEquals(code, 0, stderr);
  });
  assertEquals(recorder.seen, []);
});

Deno.test("a gateway that is away for a moment is tried again by Claude Code", async () => {
  await using arena = await makeArena();
  const { world, gateway } = arena;
  for (const mode of MODES) {
    using front = startFront(Number(new URL(gateway.url).port), 3);
    const before = gateway.requests.length;
    const { code, stdout, stderr } = await world.run(
      ["-s", front.url, "-L", mode, "--relay", "--", "-p", "hi"],
      {
        env: {
          RPAI_TOKEN: GATEWAY_TOKEN,
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
          ...(mode === "passthrough"
            ? { CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION }
            : {}),
        },
      },
    );
    assertEquals(
      { code, stdout: stdout.trim() },
      { code: 0, stdout: `${GREETING} (${mode}).` },
      stderr,
    );
    assertEquals(front.refused(), 3);
    assertGreater(gateway.requests.length, before + 1);
  }
});

/** A way to a server that after the first connection is cut for some. */
function startFront(port: number, cut: number) {
  const hostname = "127.0.0.1";
  const listener = Deno.listen({ hostname, port: 0 });
  let connections = 0;
  (async () => {
    for await (const client of listener) {
      connections++;
      if (connections > 1 && connections <= 1 + cut) client.close();
      else pass(client).catch(() => {});
    }
  })().catch(() => {});
  async function pass(client: Deno.TcpConn) {
    const server = await Deno.connect({ hostname, port });
    await Promise.all([
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ]);
  }
  return {
    url: `http://${hostname}:${listener.addr.port}`,
    refused: () => Math.min(cut, connections - 1),
    [Symbol.dispose]: () => listener.close(),
  };
}
