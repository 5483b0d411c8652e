/**
 * Contract with the real Claude Code: sessions that outlive their tokens.
 *
 * @module
 */

import { assertEquals, assertGreater } from "@std/assert";
import { QUIET } from "./arena.ts";
import { converse, makeIssuedArena } from "./conversation.ts";
import { SCOPES } from "./settings.ts";

const GREETING = "Hello from the embedded gateway (managed).";

/** Variables that make Claude Code ask its helper anew for each request. */
const IMPATIENT = { ...QUIET, CLAUDE_CODE_API_KEY_HELPER_TTL_MS: "1" };

/** Less than a helper wants to be left: it gets a new token each time. */
const SHORT = 30;

Deno.test("a session outlives its tokens, which the helper refreshes", async () => {
  await using place = await makeIssuedArena("device", "managed", {
    accessTokenSeconds: SHORT,
    device: { interval: 0.05, outcome: "approve" },
  });
  const { arena, accepted, expire } = place;
  assertEquals((await arena.world.run(["auth", "login"])).code, 0);
  const { code, answers } = await converse(arena, {
    prompts: 4,
    between: expire,
    env: IMPATIENT,
  });
  assertEquals({ code, answers }, {
    code: 0,
    answers: [GREETING, GREETING, GREETING, GREETING],
  });
  // One at least for each prompt, and that of the launch.
  assertGreater(new Set(accepted).size, 4);
});

Deno.test("a token that is refused in the middle of a session is replaced, however valid it looks", async () => {
  await using place = await makeIssuedArena("device", "managed", {
    accessTokenSeconds: 3600,
    device: { interval: 0.05, outcome: "approve" },
  });
  const { arena, accepted, expire } = place;
  assertEquals((await arena.world.run(["auth", "login"])).code, 0);
  const { code, answers } = await converse(arena, {
    prompts: 2,
    between: expire,
    env: QUIET,
  });
  assertEquals({ code, answers }, { code: 0, answers: [GREETING, GREETING] });
  assertEquals(new Set(accepted).size, 2);
  const refused = arena.gateway.requests.filter(({ status }) => status === 401);
  assertEquals(refused.length, 1);
});

Deno.test("a CI job outlives its tokens, with nobody to ask", async () => {
  await using place = await makeIssuedArena("client_credentials", "managed", {
    accessTokenSeconds: SHORT,
    clients: { ci: "ci-secret-under-test" },
  });
  const { arena, accepted, expire } = place;
  const env = {
    ...IMPATIENT,
    RPAI_CLIENT_ID: "ci",
    RPAI_CLIENT_SECRET: "ci-secret-under-test",
  };
  for (const more of [[], ["--continue"], ["--continue"]]) {
    // `world.run` gives no input at all.
    const { code, stdout, stderr } = await arena.world.run(
      ["--", "-p", "hi", ...more],
      { env },
    );
    assertEquals({ code, stdout: stdout.trim() }, {
      code: 0,
      stdout: GREETING,
    }, stderr);
    expire();
  }
  assertGreater(new Set(accepted).size, 2);
});

Deno.test("a settings file cannot hand the helper another client", async () => {
  await using place = await makeIssuedArena("client_credentials", "managed", {
    accessTokenSeconds: 3600,
    clients: { ci: "s" },
  });
  const { world } = place.arena;
  await world.write(SCOPES.project, {
    env: { RPAI_CLIENT_ID: "evil", RPAI_CLIENT_SECRET: "evil" },
  });
  const file = await world.write("secret", "s\n");
  const ways: [flags: string[], env: Record<string, string>][] = [
    // The launcher keeps the secret.
    [[], { RPAI_CLIENT_ID: "ci", RPAI_CLIENT_SECRET: "s" }],
    // Its file is named in the helper's own arguments.
    [["--client-id", "ci"], { RPAI_CLIENT_SECRET_FILE: file }],
  ];
  for (const [flags, env] of ways) {
    const { code, stdout, stderr } = await world.run(
      [...flags, "--", "-p", "hi"],
      { env: { ...QUIET, ...env } },
    );
    assertEquals(
      { code, stdout: stdout.trim() },
      { code: 0, stdout: GREETING },
      stderr,
    );
  }
});
