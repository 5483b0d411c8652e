/**
 * Contract with the real Claude Code: sessions that outlive their tokens.
 *
 * @module
 */

import { assertEquals, assertGreater } from "@std/assert";
import { startLoopbackIssuer } from "../support/loopback_issuer.ts";
import { converse, makeIssuedArena } from "./conversation.ts";

const SETTINGS = "Hello from the embedded gateway (managed).";

/** Variables that make Claude Code ask its helper anew every second. */
const IMPATIENT = {
  CLAUDE_CODE_API_KEY_HELPER_TTL_MS: "1000",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
};

Deno.test("a session outlives its tokens, which the helper refreshes", async () => {
  await using issuer = startLoopbackIssuer({
    accessTokenSeconds: 5,
    device: { interval: 0.05 },
  });
  const { arena, accepted } = await makeIssuedArena(issuer, "device");
  await using _ = arena;
  assertEquals((await arena.world.run(["auth", "login"])).code, 0);
  const { code, answers } = await converse(arena, {
    prompts: 4,
    pauseMs: 3_000,
    env: IMPATIENT,
  });
  assertEquals({ code, answers }, {
    code: 0,
    answers: [SETTINGS, SETTINGS, SETTINGS, SETTINGS],
  });
  assertGreater(new Set(accepted).size, 2);
});

Deno.test("a CI job outlives its tokens, with nobody to ask", async () => {
  await using issuer = startLoopbackIssuer({
    accessTokenSeconds: 5,
    clients: { ci: "ci-secret-under-test" },
  });
  const { arena, accepted } = await makeIssuedArena(
    issuer,
    "client_credentials",
  );
  await using _ = arena;
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
      stdout: SETTINGS,
    }, stderr);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
  }
  assertGreater(new Set(accepted).size, 1);
});

Deno.test("a settings file cannot hand the helper another client", async () => {
  await using issuer = startLoopbackIssuer({ clients: { ci: "s" } });
  const { arena } = await makeIssuedArena(issuer, "client_credentials");
  await using _ = arena;
  const path = await arena.world.write("project/.claude/settings.json", {
    env: { RPAI_CLIENT_SECRET: "evil" },
  });
  const env = { ...IMPATIENT, RPAI_CLIENT_ID: "ci", RPAI_CLIENT_SECRET: "s" };
  const refused = await arena.world.run(["--", "-p", "hi"], { env });
  assertEquals(refused.code, 1);
  assertEquals(refused.stderr.includes(path), true, refused.stderr);
  // A secret in a file is named in the helper's own arguments.
  const file = await arena.world.write("secret", "s\n");
  const inFile = { ...IMPATIENT, RPAI_CLIENT_SECRET_FILE: file };
  const { code, stdout, stderr } = await arena.world.run(
    ["--client-id", "ci", "--", "-p", "hi"],
    { env: inFile },
  );
  assertEquals(
    { code, stdout: stdout.trim() },
    { code: 0, stdout: SETTINGS },
    stderr,
  );
});
