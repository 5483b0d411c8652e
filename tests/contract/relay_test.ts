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
import {
  assertUntouched,
  GATEWAY_TOKEN,
  inParallel,
  launchEnv,
  makeArena,
  MODES,
  providerUrl,
  QUIET,
  SUBSCRIPTION,
} from "./arena.ts";
import { converse, makeIssuedArena } from "./conversation.ts";
import { fact } from "./fact.ts";
import { plainClaude } from "./plain_claude.ts";
import { toolEnv, toolShowsEnv, WITH_TOOLS } from "./session_env.ts";
import { startCutFront } from "./proxies.ts";
import { startRecorder } from "./recorder.ts";
import { rivalSettings, SCOPES } from "./settings.ts";

const GREETING = "Hello from the embedded gateway";

/** Signed in to passthrough, a recorder for all else. */
async function signedIn(accessTokenSeconds: number) {
  await using stack = new AsyncDisposableStack();
  const recorder = stack.use(await startRecorder());
  const place = stack.use(
    await makeIssuedArena("device", "passthrough", {
      accessTokenSeconds,
      device: { interval: 0.05, outcome: "approve" },
    }, { reply: toolShowsEnv }),
  );
  assertEquals((await place.arena.world.run(["auth", "login"])).code, 0);
  const all = stack.move();
  return {
    ...{ ...place, recorder },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

Deno.test("passthrough with the relay outlives its tokens, which nobody but the gateway sees", async () => {
  const seconds = 4;
  await using place = await signedIn(seconds);
  const { arena, accepted, expire, recorder } = place;
  const { world, gateway } = arena;
  const endings = [
    // By the relay's own clock: it gets another before it asks.
    async () => {
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      expire();
    },
    // Before its time: the gateway refuses it.
    expire,
  ];
  const { code, answers } = await converse(arena, {
    prompts: 3,
    between: () => endings.shift()?.(),
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
    answers: [greeting, greeting, greeting],
  });
  const tokens = new Set(accepted);
  assertGreater(tokens.size, 2);
  const calls = gateway.requests.filter(({ kind }) => kind === "messages");
  assertEquals(
    calls.map(({ headers }) => headers.authorization),
    calls.map(() => `Bearer ${SUBSCRIPTION}`),
  );
  // The gateway is asked in vain at most once, for the third prompt.
  const refused = calls.findIndex(({ status }) => status !== 200);
  assert(refused === -1 || refused === calls.length - 2);
  assertEquals(calls.at(-1)?.status, 200);
  const environment = await toolEnv(arena.world);
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
  await using place = await signedIn(3600);
  const { arena, accepted, expire, recorder } = place;
  const { world, gateway } = arena;
  const { answers } = await converse(arena, {
    prompts: 2,
    between: expire,
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
  assertStringIncludes(await toolEnv(arena.world), token);
  // That is what turning off nonessential traffic is for.
  assertEquals(recorder.seen, []);
});

Deno.test("control: a header in the environment reaches the vendor", async () => {
  await using arena = await makeArena();
  await using recorder = await startRecorder();
  const { world, gateway } = arena;
  await plainClaude(world, {
    CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION,
    ANTHROPIC_BASE_URL: providerUrl(gateway, "passthrough"),
    ANTHROPIC_CUSTOM_HEADERS: `X-Redpanda-Cloud-Token: ${GATEWAY_TOKEN}`,
    NO_PROXY: "127.0.0.1",
    HTTPS_PROXY: recorder.url,
    NODE_EXTRA_CA_CERTS: await world.write("ca.pem", recorder.cert),
  });
  fact(
    "the vendor is sent the custom headers",
    true,
    recorder.seen.some((text) =>
      text.includes("api.anthropic.com") && text.includes(GATEWAY_TOKEN)
    ),
  );
});

for (const mode of MODES) {
  Deno.test(`${mode} with the relay withstands rival settings at every scope`, async () => {
    await inParallel(Object.values(SCOPES), async (path) => {
      await using arena = await makeArena({}, { reply: toolShowsEnv });
      const { rival, world } = arena;
      await world.write(
        path,
        // Of the headers, only harmless ones are not refused.
        rivalSettings(rival, { ANTHROPIC_CUSTOM_HEADERS: "X-Team: a" }),
      );
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
      const environment = await toolEnv(arena.world);
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
      env: QUIET,
    });
    assertEquals(code, 0, stderr);
  });
  assertEquals(recorder.seen, []);
});

Deno.test("a gateway that is away for a moment is tried again by Claude Code", async () => {
  await inParallel([...MODES], async (mode) => {
    await using arena = await makeArena();
    const { world, gateway } = arena;
    using front = startCutFront(Number(new URL(gateway.url).port), 3);
    const { code, stdout, stderr } = await world.run(
      ["-s", front.url, "-L", mode, "--relay", "--", "-p", "hi"],
      { env: { ...launchEnv(mode), ...QUIET } },
    );
    assertEquals(
      { code, stdout: stdout.trim() },
      { code: 0, stdout: `${GREETING} (${mode}).` },
      stderr,
    );
    assertEquals(front.refused(), 3);
    assertGreater(gateway.requests.length, 1);
  });
});
