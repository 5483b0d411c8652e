/**
 * Contract with the real Claude Code: sessions that outlive their tokens.
 *
 * @module
 */

import { assertEquals, assertGreater } from "@std/assert";
import {
  type LoopbackIssuer,
  startLoopbackIssuer,
} from "../lib/loopback_issuer/issuer.ts";
import { type Arena, makeArena } from "./arena.ts";

const SETTINGS = "Hello from the embedded gateway (managed).";

/** An arena whose gateway accepts what an issuer granted and has not expired. */
async function makeIssuedArena(issuer: LoopbackIssuer, authMode: string) {
  const accepted: string[] = [];
  const arena = await makeArena({}, {
    accepts: (token) => {
      const valid = issuer.isValid(token);
      if (valid) accepted.push(token);
      return valid;
    },
  });
  await arena.world.write(
    ".rpai/config",
    `current_profile: p
profiles:
  p:
    ai_gateway_url: ${arena.gateway.url}
    auth_mode: ${authMode}
    llm_provider: managed
    auth:
      issuer: ${issuer.url}
`,
  );
  return { arena, accepted };
}

/** Variables that make Claude Code ask its helper anew every second. */
const IMPATIENT = {
  CLAUDE_CODE_API_KEY_HELPER_TTL_MS: "1000",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
};

/** One session that is given prompts with pauses between them. */
async function converse(
  { world }: Arena,
  prompts: number,
  pauseMs: number,
): Promise<{ code: number; answers: string[] }> {
  const child = world.start([
    "--",
    ...["-p", "--input-format", "stream-json"],
    ...["--output-format", "stream-json", "--verbose"],
  ], { env: IMPATIENT });
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const writer = child.stdin.getWriter();
  const answers: string[] = [];
  let text = "";
  const nextAnswer = async () => {
    for (;;) {
      const end = text.indexOf("\n");
      if (end === -1) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the session ended after ${answers.length}`);
        text += value;
        continue;
      }
      const event = JSON.parse(text.slice(0, end));
      text = text.slice(end + 1);
      if (event.type === "result") return String(event.result);
    }
  };
  for (let prompt = 0; prompt < prompts; prompt++) {
    if (prompt > 0) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    const message = { role: "user", content: `prompt ${prompt}` };
    await writer.write(
      new TextEncoder().encode(
        JSON.stringify({ type: "user", message }) + "\n",
      ),
    );
    answers.push(await nextAnswer());
  }
  await writer.close();
  while (!(await reader.read()).done);
  await child.stderr.cancel();
  return { code: (await child.status).code, answers };
}

Deno.test("a session outlives its tokens, which the helper refreshes", async () => {
  await using issuer = startLoopbackIssuer({
    accessTokenSeconds: 5,
    device: { interval: 0.05, outcome: "approve" },
  });
  const { arena, accepted } = await makeIssuedArena(issuer, "device");
  await using _ = arena;
  assertEquals((await arena.world.run(["auth", "login"])).code, 0);
  const { code, answers } = await converse(arena, 4, 3_000);
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
