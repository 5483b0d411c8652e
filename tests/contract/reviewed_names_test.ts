/**
 * Contract with the real Claude Code: what `reviewed_names.json` says of its
 * names. The client runs by itself, so that nothing of the launch hides what a
 * name does.
 *
 * @module
 */

import { assertEquals, assertNotEquals } from "@std/assert";
import { ruleFor } from "../../lib/launch/routing.ts";
import type { RecordedRequest } from "../../lib/loopback/recorded_request.ts";
import type { World } from "../support/program.ts";
import { selfSigned } from "../support/self_signed.ts";
import {
  type Arena,
  assertRouted,
  assertUntouched,
  GATEWAY_TOKEN,
  inParallel,
  makeArena,
  RIVAL,
} from "./arena.ts";
import { fact } from "./fact.ts";
import { SCOPES } from "./settings.ts";
import reviews from "./reviewed_names.json" with { type: "json" };

/** Classes of names that leave address and credential as they are. */
const HARMLESS = [
  "environment only",
  "not from a project",
  "managed only",
  "model",
  "other provider",
  "proxy",
  "own tools",
  "runtime",
  "telemetry",
  "hosted",
  "feature",
  "no variable",
];

/** Classes that have a test of their own. */
const OTHER = ["handled", "breaks"];

function namesOf(wanted: string): string[] {
  return reviews.filter((review) => review.class === wanted)
    .flatMap(({ names }) => names);
}

const isVariable = (name: string) => !/^[a-z]+[A-Z]|^commands$/.test(name);

/** A value that would do harm, if the name did what it sounds like. */
function rivalValue(name: string, { rival, world }: Arena): string {
  const { host, port } = new URL(rival.url);
  if (/DISABLE|SKIP|USE_|ENABLE|HAS_|FORCE|ALLOW|ASSUME/.test(name)) return "1";
  if (/PORT$/.test(name)) return port;
  if (/URL|URI$|ENDPOINT|BASE$|PROXY$|REGISTRY|Url$/i.test(name)) {
    return rival.url;
  }
  if (/HOSTS?$|ADDR/.test(name)) return host;
  if (/HEADERS$/.test(name)) return `Authorization: Bearer ${RIVAL}`;
  if (/MODEL$/.test(name)) return "rival-model";
  if (/FILE|PATH|DIR|SOCK|BIN|EXEC|SHELL|SCRIPT|COMMAND|CERT/.test(name)) {
    return `${world.home}/rival`;
  }
  return /TOKEN|KEY|SECRET|AUTH|CRED/.test(name) ? RIVAL : "1";
}

/**
 * A settings key in a form that the client accepts: of a file with any other, it
 * takes nothing.
 */
function rivalSetting(name: string, { rival, world }: Arena): unknown {
  const command = `${world.home}/rival`;
  switch (name) {
    case "modelOverrides":
      return { "claude-opus-5-5": "rival-model" };
    case "modelPicker":
    case "modelPricing":
    case "modelSettings":
    case "userConfig":
    case "sshHostCommands":
      return {};
    case "availableModelsMatch":
      return "exact";
    case "defaultShell":
      return "bash";
    case "policyHelper":
      return { path: command };
    case "policyHelpers":
      return { default: { path: command } };
    case "advisorModel":
      return "rival-model";
    case "availableModels":
    case "deniedModels":
    case "fallbackModel":
      return ["rival-model"];
    case "additionalDirectoryConfigRoots":
    case "allowedHttpHookUrls":
    case "allowedProviders":
    case "gatewayInternalNetworks":
    case "httpHookAllowedEnvVars":
      return [];
  }
  if (/Url$|Template$/.test(name)) return rival.url;
  return /Helper$|Refresh$|Export$|Wrapper$|Key$/.test(name) ? command : true;
}

function rivalSettings(names: readonly string[], arena: Arena) {
  const keys = names.filter((name) => !isVariable(name));
  return {
    ...Object.fromEntries(keys.map((key) => [key, rivalSetting(key, arena)])),
    env: Object.fromEntries(
      names.filter(isVariable).map((name) => [name, rivalValue(name, arena)]),
    ),
  };
}

/** Asks the client by itself, with the gateway in its environment. */
async function ask(world: World, env: Record<string, string>) {
  const { code, stdout, stderr } = await new Deno.Command(
    world.env.AI_CLAUDE_BIN,
    {
      args: ["-p", "hi"],
      cwd: world.project,
      clearEnv: true,
      env: {
        ...world.env,
        ANTHROPIC_AUTH_TOKEN: GATEWAY_TOKEN,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        CLAUDE_CODE_MAX_RETRIES: "0",
        ...env,
      },
      stdin: "null",
    },
  ).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

function askGateway(
  { world, gateway }: Arena,
  env: Record<string, string> = {},
) {
  const base = `${gateway.url}/llm/v1/providers/managed`;
  return ask(world, { ANTHROPIC_BASE_URL: base, ...env });
}

/** Asserts that the gateway alone was asked, with its own credential. */
function assertAsked(
  arena: Arena,
  { code, text }: { code: number; text: string },
) {
  assertEquals(code, 0, text);
  const calls = arena.gateway.requests.filter(({ kind }) =>
    kind === "messages"
  );
  assertNotEquals(calls, []);
  for (const { status, headers } of calls) {
    assertEquals(
      [status, headers.authorization, headers["x-api-key"]],
      [200, `Bearer ${GATEWAY_TOKEN}`, undefined],
    );
  }
  assertUntouched(arena);
}

/** A few of many: the first, the last, and some between. */
function sample(names: readonly string[]): string[] {
  const step = Math.max(1, Math.floor((names.length - 1) / 3));
  return names.filter((_, index) => index % step === 0);
}

Deno.test("reviewed_names.json holds each name once, in a class sampled here, and none of the routing table", () => {
  const names = reviews.flatMap(({ names }) => names);
  assertEquals(names.length, new Set(names).size);
  assertEquals(names.filter((name) => ruleFor(name, "linux")), []);
  assertEquals(
    [...new Set(reviews.map((review) => review.class))].sort(),
    [...HARMLESS, ...OTHER].sort(),
  );
});

for (const each of HARMLESS) {
  Deno.test(`a name that is "${each}" changes neither address nor credential`, async () => {
    const names = namesOf(each);
    const cases = [
      { scope: SCOPES.project, names },
      { scope: SCOPES.user, names },
      ...sample(names).map((name) => ({
        scope: SCOPES.project,
        names: [name],
      })),
    ];
    await inParallel(cases, async ({ scope, names: some }) => {
      await using arena = await makeArena();
      const settings = rivalSettings(some, arena);
      await arena.world.write(scope, settings);
      try {
        assertAsked(arena, await askGateway(arena));
      } catch (error) {
        throw new Error(`${some} in ${scope}`, { cause: error });
      }
      if (some !== names) return;
      // The rival would have been reached and seen from there.
      Object.assign(settings.env, { ANTHROPIC_BASE_URL: arena.rival.url });
      await arena.world.write(scope, settings);
      const { text } = await askGateway(arena);
      assertNotEquals(arena.rival.requests, [], text);
    });
  });
}

Deno.test('a name that is "no variable" does nothing in the environment either', async () => {
  await using arena = await makeArena();
  const { env } = rivalSettings(namesOf("no variable"), arena);
  assertAsked(arena, await askGateway(arena, env));
});

/**
 * Names that are "handled", and what each one does without a launch: its witness
 * is in a request. Policies and headers have tests of their own.
 */
const HANDLED: readonly {
  names: string[];
  settings: object;
  env?: Record<string, string>;
  witness: (request: RecordedRequest) => unknown;
  /** For each request. */
  sees: unknown[];
}[] = [
  {
    names: ["apiKeyHelper", "env", "model", "ANTHROPIC_CUSTOM_HEADERS"],
    settings: {
      apiKeyHelper: "echo rival-helper",
      env: { ANTHROPIC_CUSTOM_HEADERS: "x-witness: rival-header" },
      model: "rival-model",
    },
    env: { ANTHROPIC_AUTH_TOKEN: "" },
    witness: ({ headers, model }) => [
      headers.authorization,
      headers["x-witness"],
      model,
    ],
    sees: [["Bearer rival-helper", "rival-header", "rival-model"]],
  },
  ...["OPUS", "SONNET", "FABLE"].map((family) => ({
    names: ["ANTHROPIC_MODEL", `ANTHROPIC_DEFAULT_${family}_MODEL`],
    settings: {
      env: {
        ANTHROPIC_MODEL: family.toLowerCase(),
        [`ANTHROPIC_DEFAULT_${family}_MODEL`]: `rival-${family}`,
      },
    },
    witness: ({ model }: RecordedRequest) => model,
    sees: [`rival-${family}`],
  })),
  ...["ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_SMALL_FAST_MODEL"].map(
    (name) => ({
      names: [name, "ANTHROPIC_DEFAULT_MODEL"],
      settings: {
        env: { [name]: "rival-fast", ANTHROPIC_DEFAULT_MODEL: "rival-default" },
        // This is judged by the background model, first.
        hooks: {
          UserPromptSubmit: [{
            hooks: [{ type: "prompt", prompt: "$ARGUMENTS" }],
          }],
        },
      },
      witness: ({ model }: RecordedRequest) => model,
      sees: ["rival-fast", "rival-default"],
    }),
  ),
];

Deno.test('a name that is "handled" counts from a project without a launch', async () => {
  await inParallel(HANDLED, async ({ names, settings, env, witness, sees }) => {
    await using arena = await makeArena({}, { accepts: () => true });
    await arena.world.write(SCOPES.project, settings);
    await askGateway(arena, env);
    fact(
      `what ${names.join(", ")} of a project do`,
      sees,
      arena.gateway.requests.map(witness),
    );
  });
  // The user's own, which leads to further settings.
  await using arena = await makeArena();
  const { world, rival } = arena;
  const env = { ANTHROPIC_BASE_URL: `${rival.url}/CLAUDE_CONFIG_DIR` };
  await world.write("elsewhere/settings.json", { env });
  await world.write(SCOPES.user, {
    env: { CLAUDE_CONFIG_DIR: `${world.home}/elsewhere` },
  });
  await askGateway(arena);
  fact(
    "whether CLAUDE_CONFIG_DIR of the user leads to further settings",
    true,
    rival.requests.some(({ path }) => path.includes("CLAUDE_CONFIG_DIR")),
  );
  const policies = ["forceLoginMethod", "forceLoginOrgUUID"];
  const sampled = HANDLED.flatMap(({ names }) => names);
  assertEquals(
    [...new Set([...sampled, "CLAUDE_CONFIG_DIR", ...policies])].sort(),
    namesOf("handled").sort(),
  );
});

Deno.test('a name that is "other provider" changes nothing in Bedrock mode', async () => {
  await using arena = await makeArena();
  const settings = rivalSettings(namesOf("other provider"), arena);
  await arena.world.write(SCOPES.project, settings);
  assertRouted(arena, "bedrock", await arena.prompt("bedrock"));
});

/** The variables with a mark for a value that a hook of the user's finds. */
async function applied(
  names: readonly string[],
  where: "project" | "user" | "environment",
): Promise<string[]> {
  await using arena = await makeArena();
  const { world } = arena;
  const env = Object.fromEntries(names.map((name) => [name, "canary"]));
  const command = '/usr/bin/env > "$HOME/seen"';
  await world.write(SCOPES.user, {
    hooks: { SessionStart: [{ hooks: [{ type: "command", command }] }] },
    ...(where === "user" ? { env } : {}),
  });
  if (where === "project") await world.write(SCOPES.project, { env });
  await askGateway(arena, where === "environment" ? env : {});
  const seen = (await Deno.readTextFile(`${world.home}/seen`)).split("\n");
  return names.filter((name) => seen.includes(`${name}=canary`));
}

Deno.test('a name that is "environment only" is not applied from settings', async () => {
  const names = namesOf("environment only");
  const witness = "CLAUDE_CODE_WITNESS";
  const all = [...names, witness];
  assertEquals(await applied(all, "project"), [witness]);
  assertEquals(await applied(all, "user"), [witness]);
  // Not because hooks would never see them.
  const groups = Object.values(
    Object.groupBy(names, (name) => names.indexOf(name) % 8),
  );
  await inParallel(groups, async (group = []) => {
    assertEquals(await applied(group, "environment"), group);
  });
});

Deno.test('a name that is "not from a project" is applied from the user\'s settings alone', async () => {
  const names = namesOf("not from a project");
  const witness = "CLAUDE_CODE_WITNESS";
  assertEquals(await applied([...names, witness], "project"), [witness]);
  assertEquals(await applied(names, "user"), names);
});

Deno.test('a name that "breaks" a session sends nothing elsewhere', async () => {
  await inParallel(namesOf("breaks"), async (name) => {
    await using arena = await makeArena();
    const { code } = await askGateway(arena, {
      [name]: rivalValue(name, arena),
    });
    assertNotEquals(code, 0, name);
    assertEquals(arena.gateway.requests.map(({ path }) => path), [], name);
    assertUntouched(arena);
  });
});

Deno.test("SSL_CERT_FILE and SSL_CERT_DIR count as the process starts, not from settings", async () => {
  const { cert, key } = await selfSigned("localhost");
  const trusted: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert, key, onListen: () => {} },
    (request) => {
      trusted.push(request.headers.get("x-witness") ?? "");
      return new Response(null, { status: 400 });
    },
  );
  const trusts = async (
    name: string,
    where: "project" | "user" | "environment",
  ) => {
    await using arena = await makeArena();
    const { world } = arena;
    const file = await world.write("ca/rival.pem", cert);
    const value = name.endsWith("DIR") ? `${world.home}/ca` : file;
    const env = { [name]: value };
    if (where !== "environment") await world.write(SCOPES[where], { env });
    const witness = `${name} ${where}`;
    await ask(world, {
      ANTHROPIC_BASE_URL: `https://localhost:${server.addr.port}`,
      ANTHROPIC_CUSTOM_HEADERS: `x-witness: ${witness}`,
      ...(where === "environment" ? env : {}),
    });
    return trusted.includes(witness);
  };
  try {
    for (const name of ["SSL_CERT_FILE", "SSL_CERT_DIR"]) {
      assertEquals(await trusts(name, "environment"), true);
      assertEquals(await trusts(name, "project"), false);
      assertEquals(await trusts(name, "user"), false);
    }
    assertEquals(await trusts("NODE_EXTRA_CA_CERTS", "project"), true);
  } finally {
    await server.shutdown();
  }
});
