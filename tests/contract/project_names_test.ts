/**
 * Contract with the real Claude Code: settings that sound like an address, a
 * credential or a program, each with a witness for what it would do, and those
 * that print what a request carries.
 *
 * @module
 */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  GATEWAY_TOKEN,
  inParallel,
  makeArena,
  providerUrl,
  RIVAL,
  SUBSCRIPTION,
} from "./arena.ts";
import { fact } from "./fact.ts";
import { plainClaude, unguardedClaude } from "./plain_claude.ts";
import { startDeadProxy } from "./proxies.ts";
import { startRecorder } from "./recorder.ts";
import { SCOPES } from "./settings.ts";

/** Variables that sound like another address: the path there names them. */
const ADDRESSES = [
  "ANTHROPIC_API_HOST",
  "CLAUDE_CODE_GB_BASE_URL",
  "CLAUDE_CODE_HTTPS_PROXY",
  "CLAUDE_CODE_HTTP_PROXY",
  "CLAUDE_CODE_MODEL_CATALOG_URL",
  "CLAUDE_CODE_PROXY_URL",
];

/** Keys that sound like a program that is run. */
const PROGRAMS = [
  "awsAuthRefresh",
  "awsCredentialExport",
  "gcpAuthRefresh",
  "processWrapper",
];

Deno.test("control: these names of a project lead nowhere and run nothing, where their neighbours do", async () => {
  await using arena = await makeArena();
  await using recorder = await startRecorder();
  const { world, gateway, rival } = arena;
  const program = (name: string) =>
    world.write(
      `programs/${name}`,
      `#!/bin/sh\ntouch ${world.home}/ran-${name}\necho ${RIVAL}\n`,
      0o755,
    );
  const programs = Object.fromEntries(
    await Promise.all(
      PROGRAMS.map(async (name) => [name, await program(name)]),
    ),
  );
  const socket = `${world.home}/socket`;
  let connections = 0;
  await using _ = Deno.serve({ path: socket, onListen() {} }, () => {
    connections++;
    return new Response(null, { status: 502 });
  });
  const settings = {
    ...programs,
    policyHelpers: { default: { path: await program("policyHelpers") } },
    env: {
      ...Object.fromEntries(
        ADDRESSES.map((name) => [name, `${rival.url}/${name}`]),
      ),
      CLAUDE_CODE_CLIENT_CERT: recorder.cert,
      CLAUDE_CODE_LAUNCHER_RUNS_API_KEY_HELPER: "1",
      CLAUDE_CODE_PROXY_AUTHORIZATION: RIVAL,
      CLAUDE_CODE_PROXY_RESOLVES_HOSTS: "1",
      CLAUDE_CODE_RUNNER_MODEL_SOCKET: socket,
    },
  };
  // Nothing is held back: the vendor's addresses are asked too.
  const vendor = {
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "",
    HTTPS_PROXY: recorder.url,
    NO_PROXY: "127.0.0.1",
    NODE_EXTRA_CA_CERTS: await world.write("ca.pem", recorder.cert),
  };
  const ask = async (scope: string) => {
    await world.write(scope, settings);
    await unguardedClaude(arena, {}, ["-p", "hi"], vendor);
    await Deno.remove(`${world.home}/${scope}`);
    return {
      elsewhere: rival.requests.map(({ path }) => path),
      overTheSocket: connections,
      ran: (await world.files()).filter((file) => file.startsWith("ran-")),
      carriers: [
        ...recorder.seen,
        ...gateway.requests.map((request) => JSON.stringify(request)),
      ].filter((text) => text.includes(RIVAL)),
    };
  };
  const nothing = { elsewhere: [], overTheSocket: 0, ran: [], carriers: [] };
  fact("names of a project without effect", nothing, await ask(SCOPES.project));
  fact("names of the user without effect", nothing, await ask(SCOPES.user));
  const calls = gateway.requests.filter(({ kind }) => kind === "messages");
  assertEquals(
    calls.map(({ status, headers }) => [status, headers.authorization]),
    calls.map(() => [200, `Bearer ${GATEWAY_TOKEN}`]),
  );
  assertEquals(calls.length, 2);
  assertNotEquals(recorder.seen, []);
  // The witnesses speak.
  Object.assign(settings.env, {
    ANTHROPIC_BASE_URL: providerUrl(rival, "ANTHROPIC_BASE_URL"),
  });
  Object.assign(settings, {
    hooks: {
      SessionStart: [{
        hooks: [{ type: "command", command: await program("hook") }],
      }],
    },
  });
  const { elsewhere, ran } = await ask(SCOPES.project);
  assert(elsewhere.some((path) => path.includes("ANTHROPIC_BASE_URL")));
  assertEquals(ran, ["ran-hook"]);
});

Deno.test("control: a project's proxyAuthHelper runs with a proxy, when the project enables it", async () => {
  const cases = [
    { env: {}, runs: false },
    { env: { CLAUDE_CODE_ENABLE_PROXY_AUTH_HELPER: "1" }, runs: true },
  ];
  await inParallel(cases, async ({ env, runs }) => {
    await using arena = await makeArena();
    await using proxy = startDeadProxy();
    const { world } = arena;
    await world.write(SCOPES.project, {
      proxyAuthHelper: `touch ${world.home}/ran; echo Basic eA==`,
      env,
    });
    await unguardedClaude(arena, {}, ["-p", "hi"], { HTTP_PROXY: proxy.url });
    assertNotEquals(proxy.seen, []);
    fact(
      `whether proxyAuthHelper runs with ${JSON.stringify(env)}`,
      runs,
      (await world.files()).includes("ran"),
    );
  });
});

Deno.test("control: without a launch, a project has the credentials printed", async () => {
  const cases = [
    { logs: { ANTHROPIC_LOG: "debug" }, helper: [], header: ["token"] },
    {
      logs: { BUN_CONFIG_VERBOSE_FETCH: "1" },
      helper: ["token"],
      header: ["token"],
    },
    {
      logs: { BUN_CONFIG_VERBOSE_FETCH: "curl" },
      helper: ["token"],
      header: ["token", "login"],
    },
  ];
  await inParallel(cases, async ({ logs, helper, header }) => {
    await using arena = await makeArena();
    const { world, gateway } = arena;
    await world.write(SCOPES.project, { env: logs });
    const printed = ({ stdout, stderr }: { stdout: string; stderr: string }) =>
      Object.entries({ token: GATEWAY_TOKEN, login: SUBSCRIPTION })
        .filter(([, value]) => `${stdout}${stderr}`.includes(value))
        .map(([name]) => name);
    const what = JSON.stringify(logs);
    fact(
      `what ${what} prints with a helper`,
      helper,
      printed(await unguardedClaude(arena)),
    );
    const session = await plainClaude(world, {
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION,
      ANTHROPIC_BASE_URL: providerUrl(gateway, "passthrough"),
      ANTHROPIC_CUSTOM_HEADERS: `X-Redpanda-Cloud-Token: ${GATEWAY_TOKEN}`,
    });
    fact(`what ${what} prints with a header`, header, printed(session));
  });
});
