/**
 * A session with the relay whose token is refused and refreshed meanwhile, by an
 * issuer that takes its time: what ends it, or hits it, just then.
 *
 * @module
 */

import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import { makeWorld } from "../support/program.ts";
import { serveHttp } from "../support/servers.ts";
import { eventually } from "../support/eventually.ts";
import { askRelay, TELL_RELAY } from "../support/relay_client.ts";

const CREDENTIALS = ".rpai/ai-claude.credentials.json";

/** A session whose token is refused: the first request makes it refresh. */
async function makeSession(script: string) {
  const asked = Promise.withResolvers<void>();
  let answered = Promise.withResolvers<number>();
  const issuer = serveHttp(async ({ url, method }) => {
    const { origin: issuer } = new URL(url);
    if (method === "GET") {
      return Response.json({ issuer, token_endpoint: `${issuer}/token` });
    }
    asked.resolve();
    const status = await answered.promise;
    if (status !== 200) return new Response("down", { status });
    return Response.json({
      access_token: "second-access-token",
      refresh_token: "second-refresh-token",
      expires_in: 3600,
      token_type: "Bearer",
    });
  });
  let refused = "";
  const gateway = startLoopbackGateway({
    accepts: (token) => token !== refused,
    providers: [{ name: "managed", type: "anthropic" }],
  });
  const world = await makeWorld();
  await world.write(
    ".rpai/config",
    `current_profile: p
profiles:
  p:
    ai_gateway_url: ${gateway.url}
    llm_provider: managed
    relay: true
    auth:
      issuer: ${issuer.url}
`,
  );
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  await world.write(
    CREDENTIALS,
    {
      issuers: {
        [issuer.url]: {
          current_organization: "default",
          organizations: {
            default: {
              access_token: "first-access-token",
              refresh_token: "first-refresh-token",
              expires_at: at(3_600_000),
              obtained_at: at(-60_000),
            },
          },
        },
      },
    },
    0o600,
  );
  await Deno.chmod(`${world.home}/.rpai`, 0o700);
  await world.fakeClaude(
    `${script}
${TELL_RELAY}
until [ -e "$HOME/leave" ]; do sleep 0.05; done
exit 7`,
  );
  const child = world.start([]);
  const relay = await askRelay(world);
  refused = "first-access-token";
  const ask = () =>
    relay("/v1/models").then(
      ({ status, text }) => `${status} ${text}`,
      () => undefined,
    );
  const request = ask();
  await asked.promise;
  return {
    child,
    relay,
    request,
    ask,
    world,
    /** Answers the refresh that waits; the next one waits if this one failed. */
    answer: (status = 200) => {
      answered.resolve(status);
      if (status !== 200) answered = Promise.withResolvers();
    },
    leave: () => world.write("leave", "x"),
    [Symbol.asyncDispose]: async () => {
      answered.resolve(500);
      await issuer[Symbol.asyncDispose]();
      await gateway[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a session that ends during a refresh: the relay is gone, the new login is stored", async () => {
  await using session = await makeSession("");
  const { child, relay, world } = session;
  await session.leave();
  assertEquals(await session.request, undefined);
  await assertRejects(() => relay(""));
  session.answer();
  const { code, stderr } = await child.output();
  assertEquals(
    { code, stderr: new TextDecoder().decode(stderr) },
    { code: 7, stderr: "" },
  );
  const stored = await Deno.readTextFile(`${world.home}/${CREDENTIALS}`);
  assertStringIncludes(stored, "second-refresh-token");
});

for (const signal of ["TERM", "HUP"] as const) {
  Deno.test(`SIG${signal} during a refresh reaches Claude Code once, and the session goes on`, async () => {
    await using session = await makeSession(
      `trap 'echo ${signal} >> "$HOME/got"' ${signal}`,
    );
    const { child, world } = session;
    const got = () =>
      Deno.readTextFile(`${world.home}/got`).catch(() => undefined);
    child.kill(`SIG${signal}`);
    await eventually("it arrived", got);
    session.answer();
    assertMatch(await session.request ?? "", /^200 /);
    await session.leave();
    const { code } = await child.output();
    assertEquals([code, await got()], [7, `${signal}\n`]);
    const stored = await Deno.readTextFile(`${world.home}/${CREDENTIALS}`);
    assertStringIncludes(stored, "second-refresh-token");
  });
}

Deno.test("while the issuer is down, a refused token is a 503 and no login is asked for", async () => {
  await using session = await makeSession("");
  session.answer(500);
  assertMatch(
    await session.request ?? "",
    /^503 .*the gateway refuses the one from stored login/,
  );
  assertMatch(await session.ask() ?? "", /^503 /);
  session.answer();
  await eventually(
    "it is answered again",
    async () => /^200 /.test(await session.ask() ?? "") || undefined,
  );
  await session.leave();
  assertEquals((await session.child.output()).code, 7);
});
