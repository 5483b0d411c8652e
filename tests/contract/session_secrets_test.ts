/**
 * Contract with the real Claude Code: what a session's tools, and with them a
 * repository's files, can read of our credentials, and the relay's socket, which
 * keeps them from there.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { serveHttp } from "../support/servers.ts";
import { startLimitedGateway } from "../support/limited_gateway.ts";
import { startLoopbackIssuer } from "../support/loopback_issuer.ts";
import {
  assertRouted,
  GATEWAY_TOKEN,
  inParallel,
  makeArena,
  providerUrl,
  QUIET,
} from "./arena.ts";
import { fact } from "./fact.ts";
import { plainClaude } from "./plain_claude.ts";
import { toolEnv, toolShowsEnv, WITH_TOOLS } from "./session_env.ts";
import { SCOPES, writeProfile } from "./settings.ts";

const SECRET = "client-secret-under-test";

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
      await using arena = await makeArena({}, { reply: toolShowsEnv });
      const session = await arena.prompt(mode, {
        ...options,
        claudeArgs: [...WITH_TOOLS, "-p", "hi"],
      });
      assertRouted(arena, mode, session, carrier);
      const seen = await toolEnv(arena.world);
      assertMatch(seen, /^ANTHROPIC_BASE_URL=/m);
      for (const secret of [GATEWAY_TOKEN, SECRET, "RPAI_"]) {
        assert(!seen.includes(secret), secret);
      }
    });
  });

  Deno.test(`${mode}: client credentials of the environment stay in the launcher`, async () => {
    await using issuer = startLoopbackIssuer({ clients: { ci: SECRET } });
    await using arena = await makeArena({}, {
      reply: toolShowsEnv,
      accepts: (token) => issuer.isValid(token),
    });
    await writeProfile(arena.world, {
      auth_mode: "client_credentials",
      auth: { issuer: issuer.url },
    });
    const { code, stderr } = await arena.prompt(mode, {
      env: { RPAI_CLIENT_ID: "ci", RPAI_CLIENT_SECRET: SECRET },
      claudeArgs: [...WITH_TOOLS, "-p", "hi"],
    });
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const seen = await toolEnv(arena.world);
    assertMatch(seen, /^ANTHROPIC_BASE_URL=/m);
    for (const secret of [SECRET, "RPAI_"]) assert(!seen.includes(secret));
  });
}

for (const mode of ["managed", "bedrock"] as const) {
  Deno.test(`${mode}: requests go over the socket, whatever a project says`, async () => {
    await using arena = await makeArena();
    const { world, gateway, rival } = arena;
    const folder = await Deno.makeTempDir();
    const socket = `${folder}/socket`;
    const paths: string[] = [];
    await using _ = Deno.serve(
      { path: socket, onListen() {} },
      async (request) => {
        const { pathname } = new URL(request.url.replace("http+unix", "http"));
        paths.push(pathname);
        const { method, headers } = request;
        const body = await request.bytes();
        return await fetch(gateway.url + pathname, { method, headers, body });
      },
    );
    const evil = providerUrl(rival, "rival");
    await world.write(SCOPES.project, {
      env: {
        ANTHROPIC_BASE_URL: evil,
        ANTHROPIC_BEDROCK_BASE_URL: evil,
        ANTHROPIC_UNIX_SOCKET: "",
      },
    });
    const asked: string[] = [];
    await using beside = serveHttp(({ method, url }) => {
      asked.push(`${method} ${new URL(url).pathname.split("/").at(-1)}`);
      return new Response(null, { status: 404 });
    });
    const url = providerUrl(beside, mode);
    const env = {
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_UNIX_SOCKET: socket,
      ...(mode === "managed" ? {} : {
        ANTHROPIC_BEDROCK_BASE_URL: url,
        CLAUDE_CODE_USE_BEDROCK: "1",
        CLAUDE_CODE_SKIP_BEDROCK_AUTH: "1",
      }),
    };
    const settings = { apiKeyHelper: `echo ${GATEWAY_TOKEN}`, env };
    const { code } = await plainClaude(world, {
      ...QUIET,
      ...env,
      CLAUDE_CODE_MAX_RETRIES: "0",
    }, ["--settings", JSON.stringify(settings), "-p", "hi"]);
    fact(
      "requests go over ANTHROPIC_UNIX_SOCKET",
      {
        code: 0,
        overSocket: true,
        beside: mode === "bedrock" ? ["GET inference-profiles"] : [],
        elsewhere: 0,
      },
      {
        code,
        overSocket: paths.some((path) => path.includes(`providers/${mode}/`)),
        beside: asked,
        elsewhere: rival.requests.length,
      },
    );
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("with the relay a model that is not allowed is one line, at once", async () => {
  for (const mode of ["managed", "bedrock"] as const) {
    await using arena = await makeArena();
    await using gateway = startLimitedGateway({
      metadata: "permission_denied",
      providers: [{
        name: mode,
        type: mode === "managed" ? "anthropic" : "bedrock",
        models: ["claude-allowed-1"],
      }],
    });
    const model = "claude-sonnet-5-5";
    const { code, stdout } = await arena.world.run([
      ...["-s", gateway.url, "-L", mode, "-m", model, "--relay"],
      ...(mode === "bedrock" ? ["--bedrock"] : []),
      ...["--", "-p", "hi"],
    ], { env: QUIET });
    assertEquals(code, 1, stdout);
    assertStringIncludes(stdout, `model "`);
    assertStringIncludes(
      stdout,
      `is not allowed by provider "${mode}": name an allowed model with -m`,
    );
    assertEquals(stdout.trim().includes("\n"), false, stdout);
  }
});
