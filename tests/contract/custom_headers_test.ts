/**
 * Contract with the real Claude Code: custom headers of a settings file, which
 * go onto every request.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { headerNames } from "../../lib/launch/custom_headers.ts";
import type { Mode } from "../../lib/gateway/mode.ts";
import {
  GATEWAY_TOKEN,
  inParallel,
  makeArena,
  MODES,
  providerUrl,
  RIVAL,
  SUBSCRIPTION,
} from "./arena.ts";
import { fact } from "./fact.ts";
import { unguardedClaude } from "./plain_claude.ts";
import { SCOPES } from "./settings.ts";

/** Where the request says that it goes; the gateway answers to no other host. */
const ELSEWHERE = "localhost:1";

/** Reserved headers, some of them oddly spelled. */
const RESERVED = [
  `Authorization : Bearer ${RIVAL}`,
  `X-API-KEY: ${RIVAL}`,
  `\tx-redpanda-cloud-token: ${RIVAL}\r`,
  ` Cookie:${RIVAL}`,
  `\u00a0X-Forwarded-For\u2003: ${RIVAL}`,
  `\ufeffHost: ${ELSEWHERE}`,
  `Proxy-Authorization: ${RIVAL}`,
  "Connection: authorization",
  `Forwarded: ${RIVAL}`,
  "Keep-Alive: 1",
  "TE: trailers",
  "Trailer: x-team",
  "Upgrade: x",
  "Expect: 100-continue",
  "Content-Length: 1",
  "Transfer-Encoding: chunked",
].join("\n");

/** With these, the client asks nobody. */
const REFUSED_BY_THE_CLIENT = {
  "a carriage return alone": `X-Team: a\rAuthorization: Bearer ${RIVAL}`,
  "a letter that is not Latin": `\u0430uthorization: Bearer ${RIVAL}`,
};

/** What a mode's session is, without a launch. */
function unguarded(
  mode: Mode,
  url: string,
): { settings: object; env: Record<string, string> } {
  switch (mode) {
    case "managed":
      return { settings: {}, env: {} };
    case "passthrough":
      return {
        settings: { apiKeyHelper: "" },
        env: {
          ANTHROPIC_BASE_URL: url,
          CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION,
        },
      };
    case "bedrock":
      return {
        settings: {},
        env: {
          ANTHROPIC_BEDROCK_BASE_URL: url,
          CLAUDE_CODE_USE_BEDROCK: "1",
          CLAUDE_CODE_SKIP_BEDROCK_AUTH: "1",
        },
      };
  }
}

Deno.test("control: without a launch, custom headers of a project replace credentials, the host and more", async () => {
  await inParallel(MODES, async (mode) => {
    await using arena = await makeArena({}, { accepts: () => true });
    const { world, gateway } = arena;
    await world.write(SCOPES.project, {
      env: { ANTHROPIC_CUSTOM_HEADERS: RESERVED },
    });
    const { settings, env } = unguarded(mode, providerUrl(gateway, mode));
    await unguardedClaude(arena, settings, ["-p", "hi"], env);
    const [call] = gateway.requests.filter(({ kind }) =>
      kind === "messages" || kind === "bedrock"
    );
    const expected: Record<string, string | undefined> = {
      // Only the helper's token stays.
      authorization: `Bearer ${mode === "passthrough" ? RIVAL : GATEWAY_TOKEN}`,
      "x-api-key": RIVAL,
      "x-redpanda-cloud-token": RIVAL,
      cookie: RIVAL,
      "x-forwarded-for": RIVAL,
      host: ELSEWHERE,
      "proxy-authorization": RIVAL,
      connection: "authorization",
      forwarded: RIVAL,
      "keep-alive": "1",
      te: "trailers",
      trailer: "x-team",
      upgrade: "x",
      expect: "100-continue",
      // The runtime's own.
      "content-length": String(
        new TextEncoder().encode(JSON.stringify(call.body)).length,
      ),
      "transfer-encoding": undefined,
    };
    fact(
      `what custom headers of a project do to a request (${mode})`,
      expected,
      Object.fromEntries(
        headerNames(RESERVED).map((name) => [name, call.headers[name]]),
      ),
    );
  });
});

Deno.test("control: with headers of other odd spellings, Claude Code asks nobody", async () => {
  await inParallel(
    Object.entries(REFUSED_BY_THE_CLIENT),
    async ([what, text]) => {
      await using arena = await makeArena();
      await arena.world.write(SCOPES.project, {
        env: { ANTHROPIC_CUSTOM_HEADERS: text },
      });
      const { code, stdout } = await unguardedClaude(arena);
      fact(
        `what a session does with a header with ${what}`,
        { code: 1, says: true, asks: false },
        {
          code,
          says: stdout.startsWith("Invalid ANTHROPIC_CUSTOM_HEADERS"),
          asks: arena.gateway.requests.length > 0,
        },
      );
    },
  );
});

Deno.test("on-disk custom headers of a reserved name stop a launch in every mode, and at every scope", async () => {
  const managed = { mode: "managed" as Mode, flags: [] as string[] };
  const cases = [
    ...MODES.flatMap((mode) => [
      { mode, flags: [], scope: SCOPES.project, text: RESERVED },
      { mode, flags: ["--relay"], scope: SCOPES.user, text: RESERVED },
    ]),
    ...[SCOPES.local, SCOPES.user]
      .map((scope) => ({ ...managed, scope, text: RESERVED })),
    ...Object.values(REFUSED_BY_THE_CLIENT)
      .map((text) => ({ ...managed, scope: SCOPES.project, text })),
  ];
  await inParallel(cases, async ({ mode, flags, scope, text }) => {
    await using arena = await makeArena();
    const path = await arena.world.write(scope, {
      env: { ANTHROPIC_CUSTOM_HEADERS: text },
    });
    const { code, stdout, stderr } = await arena.prompt(mode, {
      flags,
    });
    const what = `${mode} ${flags} ${scope}`;
    assertEquals({ code, stdout }, { code: 1, stdout: "" }, what);
    assertStringIncludes(
      stderr,
      `error: "env.ANTHROPIC_CUSTOM_HEADERS" in ${path} `,
    );
    assertMatch(stderr, /\nhint: .*\n$/);
    if (mode !== "passthrough" || flags.length > 0) {
      const names = text === RESERVED ? headerNames(text) : ["uthorization"];
      for (const name of names) assertStringIncludes(stderr, name);
    }
    assertEquals(
      arena.gateway.requests.filter(({ kind }) => kind !== "metadata"),
      [],
    );
  });
});
