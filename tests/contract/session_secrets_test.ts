/**
 * Contract with the real Claude Code: what a session's tools, and with them a
 * repository's files, can read of our credentials.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { ToolCall } from "../../lib/loopback/messages.ts";
import type { RecordedRequest } from "../../lib/loopback/recorded_request.ts";
import { startLoopbackIssuer } from "../support/loopback_issuer.ts";
import {
  assertRouted,
  GATEWAY_TOKEN,
  inParallel,
  makeArena,
  SUBSCRIPTION,
} from "./arena.ts";
import { writeProfile } from "./settings.ts";

const SECRET = "client-secret-under-test";

/** Has the session's first request answered with a tool that writes down its environment. */
function showEnvironment(request: RecordedRequest): string | ToolCall {
  const text = JSON.stringify(request.body);
  return text.includes('"tool_result"') || !text.includes('"name":"Bash"')
    ? `Hello from the embedded gateway (${request.mode}).`
    : { tool: "Bash", input: { command: 'env > "$HOME/tool-env"' } };
}
const WITH_TOOLS = ["--allowedTools", "Bash", "-p", "hi"];

/** Everything of ours that might be there, in the launcher's own environment. */
const EXPORTED = {
  RPAI_TOKEN: GATEWAY_TOKEN,
  RPAI_CLIENT_ID: "ci",
  RPAI_CLIENT_SECRET: SECRET,
  RPAI_CLIENT_SECRET_FILE: "/nowhere/secret",
};

for (const mode of ["managed", "bedrock"] as const) {
  Deno.test(`${mode}: a session with a token from the environment, a flag or a client's secret has none of them`, async () => {
    const ways = [
      { carrier: "relay", env: EXPORTED },
      { carrier: "relay", flags: ["--token", GATEWAY_TOKEN] },
      // The stored login, with variables that it does not need.
      { carrier: "helper", env: { ...EXPORTED, RPAI_TOKEN: "" } },
    ] as const;
    await inParallel(ways, async ({ carrier, ...options }) => {
      await using arena = await makeArena({}, { reply: showEnvironment });
      const session = await arena.prompt(mode, {
        ...options,
        claudeArgs: WITH_TOOLS,
      });
      assertRouted(arena, mode, session, carrier);
      const seen = await Deno.readTextFile(`${arena.world.home}/tool-env`);
      assertMatch(seen, /^ANTHROPIC_BASE_URL=/m);
      for (const secret of [GATEWAY_TOKEN, SECRET, "RPAI_"]) {
        assert(!seen.includes(secret), secret);
      }
    });
  });

  Deno.test(`${mode}: client credentials of the environment stay in the launcher`, async () => {
    await using issuer = startLoopbackIssuer({ clients: { ci: SECRET } });
    await using arena = await makeArena({}, {
      reply: showEnvironment,
      accepts: (token) => issuer.isValid(token),
    });
    await writeProfile(arena.world, {
      auth_mode: "client_credentials",
      auth: { issuer: issuer.url },
    });
    const { code, stderr } = await arena.prompt(mode, {
      env: { RPAI_CLIENT_ID: "ci", RPAI_CLIENT_SECRET: SECRET },
      claudeArgs: WITH_TOOLS,
    });
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const seen = await Deno.readTextFile(`${arena.world.home}/tool-env`);
    assertMatch(seen, /^ANTHROPIC_BASE_URL=/m);
    for (const secret of [SECRET, "RPAI_"]) assert(!seen.includes(secret));
  });
}
