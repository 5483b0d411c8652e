/**
 * Contract with the real Claude Code: managed policy beats `--settings`, so a
 * launch that it would reroute is refused. The policy is put in place in a mount
 * namespace of its own, which takes root on Linux.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Mode } from "../../lib/gateway/mode.ts";
import {
  type Arena,
  GATEWAY_TOKEN,
  inParallel,
  launchEnv,
  LAUNCHER,
  makeArena,
  MODES,
  providerUrl,
  QUIET,
  RIVAL,
} from "./arena.ts";
import { fact } from "./fact.ts";
import { canUnshare, runUnderPolicy } from "./policy.ts";

const POLICY = "/etc/claude-code/managed-settings.json";

const launch = (
  arena: Arena,
  mode: Mode,
  files: Record<string, object | string>,
) =>
  runUnderPolicy(
    arena.world,
    files,
    [...LAUNCHER, "-s", arena.gateway.url, "-L", mode, "--", "-p", "hi"],
    launchEnv(mode),
  );

// Elsewhere the unit tests of conflicts.ts have to do.
const ignore = !await canUnshare();

function policyTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name} (needs root on Linux)`, ignore, fn });
}

policyTest(
  "control: a policy reroutes Claude Code past --settings",
  async () => {
    await using arena = await makeArena();
    const { world, gateway, rival } = arena;
    const url = providerUrl(gateway, "managed");
    await runUnderPolicy(arena.world, {
      "managed-settings.json": {
        env: { ANTHROPIC_BASE_URL: providerUrl(rival, "rival") },
      },
    }, [
      world.env.AI_CLAUDE_BIN,
      "--settings",
      JSON.stringify({
        apiKeyHelper: `echo ${GATEWAY_TOKEN}`,
        env: { ANTHROPIC_BASE_URL: url },
      }),
      ...["-p", "hi"],
    ], QUIET);
    fact(
      "a policy's address beats that of --settings",
      { rival: true, gateway: false },
      {
        rival: rival.requests.length > 0,
        gateway: gateway.requests.length > 0,
      },
    );
  },
);

for (const mode of MODES) {
  policyTest(`${mode} refuses a policy that routes or signs in`, async () => {
    await using arena = await makeArena();
    const { gateway, rival } = arena;
    const address = mode === "bedrock"
      ? "ANTHROPIC_BEDROCK_BASE_URL"
      : "ANTHROPIC_BASE_URL";
    const cases: [object, string][] = [
      [{ env: { [address]: rival.url } }, `env.${address}`],
      [{ env: { ANTHROPIC_AUTH_TOKEN: RIVAL } }, "env.ANTHROPIC_AUTH_TOKEN"],
      [{ env: { CLAUDE_CODE_USE_VERTEX: "1" } }, "env.CLAUDE_CODE_USE_VERTEX"],
      [{ apiKeyHelper: `echo ${RIVAL}` }, "apiKeyHelper"],
      [{ forceLoginMethod: "gateway" }, "forceLoginMethod"],
      [{ allowedProviders: ["firstParty"] }, "allowedProviders"],
    ];
    for (const [policy, key] of cases) {
      for (
        const name of ["managed-settings.json", "managed-settings.d/10-x.json"]
      ) {
        await Deno.remove(`${arena.world.home}/policy`, { recursive: true })
          .catch(() => {});
        const ended = await launch(arena, mode, { [name]: policy });
        assertEquals(ended.code, 1, `${key}: ${ended.stderr}`);
        assertStringIncludes(ended.stderr, `"${key}" in /etc/claude-code/`);
      }
    }
    assertEquals(rival.requests, []);
    const asked = gateway.requests.filter(({ kind }) => kind !== "metadata");
    assertEquals(asked, []);
  });

  policyTest(`${mode} works under a policy that does no harm`, async () => {
    await using arena = await makeArena();
    const address = mode === "bedrock"
      ? "ANTHROPIC_BEDROCK_BASE_URL"
      : "ANTHROPIC_BASE_URL";
    const ended = await launch(arena, mode, {
      "managed-settings.json": {
        env: {
          CLAUDE_CODE_USE_VERTEX: "0",
          MY_SETTING: "1",
          // The launch's own.
          [address]: providerUrl(arena.gateway, mode),
        },
        ...mode === "bedrock" ? {} : { allowedProviders: ["customEndpoint"] },
        permissions: { deny: ["WebFetch"] },
      },
    });
    assertEquals(
      { code: ended.code, stdout: ended.stdout.trim() },
      { code: 0, stdout: `Hello from the embedded gateway (${mode}).` },
      ended.stderr,
    );
  });
}

policyTest(
  "control: what a policy makes of a session with a gateway and a helper",
  async () => {
    const cases: { policy: (own: object) => object; starts: boolean }[] = [
      {
        policy: (env) => ({ allowedProviders: ["firstParty"], env }),
        starts: false,
      },
      {
        policy: () => ({ allowedProviders: ["customEndpoint"] }),
        starts: false,
      },
      // By that name, and with its address pinned.
      {
        policy: (env) => ({ allowedProviders: ["customEndpoint"], env }),
        starts: true,
      },
      { policy: () => ({ forceLoginMethod: "claudeai" }), starts: false },
      { policy: () => ({ forceLoginOrgUUID: "x" }), starts: false },
    ];
    await inParallel(cases, async ({ policy, starts }) => {
      await using arena = await makeArena();
      const { world, gateway } = arena;
      const env = { ANTHROPIC_BASE_URL: providerUrl(gateway, "managed") };
      const settings = { apiKeyHelper: `echo ${GATEWAY_TOKEN}`, env };
      const { code } = await runUnderPolicy(
        world,
        { "managed-settings.json": policy(env) },
        [
          ...[world.env.AI_CLAUDE_BIN, "--settings", JSON.stringify(settings)],
          ...["-p", "hi"],
        ],
        QUIET,
      );
      fact(
        `whether a session starts under ${JSON.stringify(policy(env))}`,
        { starts, asks: starts },
        { starts: code === 0, asks: gateway.requests.length > 0 },
      );
    });
  },
);

policyTest(
  "a broken policy is named, as Claude Code would not start",
  async () => {
    await using arena = await makeArena();
    const ended = await launch(arena, "managed", {
      "managed-settings.json": "{ not json",
    });
    assertEquals(ended.code, 1);
    assertStringIncludes(ended.stderr, POLICY);
  },
);
