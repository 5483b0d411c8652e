/**
 * `--print-settings` of the whole program: what is shown is what a launch does,
 * without the secrets, with whatever can be known.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { parse } from "@std/yaml";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import { inParallel } from "../support/in_parallel.ts";
import { makeWorld, type RunOptions, type World } from "../support/program.ts";
import { freePort, serveHttp } from "../support/servers.ts";
import { jwt, recordingClaude } from "../support/stand_ins.ts";
import { strictTest } from "../support/strict_test.ts";

const TOKEN = "gateway-token-0d4c8a1e6b7f2935";
const KEYS = [
  "mode",
  "provider",
  "model",
  "settings",
  "env",
  "unset",
  "argv",
  "warnings",
];
const PROVIDERS = [
  {
    name: "anthropic",
    type: "anthropic" as const,
    models: ["claude-sonnet-4-6", "claude-haiku-4-5"],
  },
  { name: "bedrock", type: "bedrock" as const, region: "eu-west-1" },
  { name: "own-login", type: "anthropic" as const, passthrough: true },
];

/** A plan of each mode, with everything in it that can be secret. */
const PLANS = ["anthropic", "bedrock", "own-login"];
const SECRETS = {
  RPAI_TOKEN: TOKEN,
  ANTHROPIC_API_KEY: "sk-hidden-api-key",
  ANTHROPIC_CUSTOM_HEADERS:
    "X-Team: hidden-team\nAuthorization: Bearer hidden-bearer",
  CLAUDE_CODE_USE_VERTEX: "1",
};
const CALLER_SETTINGS = {
  env: { DATABASE_URL: "postgres://hidden-caller-value" },
  permissions: { allow: ["Bash(ls:*)"] },
};

printTest("all formats show the plan, and no secret", async () => {
  await using world = await makeWorld();
  await using gateway = startLoopbackGateway({ providers: PROVIDERS });
  await inParallel(PLANS, async (provider) => {
    const args = [
      ...["-s", gateway.url, "-L", provider, "-m", "claude-sonnet-4-6"],
      ...["--print-settings"],
    ];
    const end = ["--", "-p", `about ${TOKEN}`];
    const settings = ["--settings", JSON.stringify(CALLER_SETTINGS)];
    const formats = ["table", "wide", "json", "yaml", "markdown"];
    const outputs = await Promise.all(formats.map(async (format) => {
      const ended = await world.run(
        [...args, "-o", format, ...end, ...settings],
        { env: SECRETS },
      );
      assertEquals(ended.code, 0, ended.stderr);
      assertMatch(ended.stderr, /^(warning: .+\n)*$/);
      // deno-lint-ignore no-control-regex -- no colours without a terminal
      assertNotMatch(ended.stdout, /\u001b/);
      assertNotMatch(ended.stdout + ended.stderr, /hidden-/);
      assertFalse((ended.stdout + ended.stderr).includes(TOKEN));
      assert(ended.stdout.endsWith("\n"));
      return ended;
    }));
    const [table, wide, json, yaml, markdown] = outputs.map((ended) =>
      ended.stdout
    );
    const document = JSON.parse(json);
    assertEquals(Object.keys(document), KEYS);
    assertEquals(parse(yaml), document);
    assertEquals(
      outputs[2].stderr,
      document.warnings.map((line: string) => `warning: ${line}\n`).join(""),
    );

    assertEquals(document.provider, provider);
    assertEquals(document.model, "claude-sonnet-4-6");
    assertEquals(document.argv, [
      "claude",
      "--settings",
      JSON.stringify(document.settings),
      ...["--model", "claude-sonnet-4-6", "-p", "about <redacted>"],
    ]);
    assertEquals(document.env.DATABASE_URL, "<redacted>");
    assertEquals(document.settings.permissions, CALLER_SETTINGS.permissions);
    assert(document.unset.includes("ANTHROPIC_API_KEY"));
    assert(document.unset.includes("CLAUDE_CODE_USE_VERTEX"));
    if (provider === "own-login") {
      assertEquals(
        document.env.ANTHROPIC_CUSTOM_HEADERS,
        "X-Team: <redacted>\nX-Redpanda-Cloud-Token: <redacted>",
      );
      assert(document.unset.includes("RPAI_TOKEN"));
    }

    for (const text of [table, wide, markdown]) {
      for (
        const part of [
          document.mode,
          provider,
          "claude-sonnet-4-6",
          ...Object.keys(document.env),
          ...document.unset,
          ...document.warnings,
          JSON.stringify(document.settings.apiKeyHelper),
        ]
      ) assertStringIncludes(text, part);
    }
    // Only `wide` must say what is blanked, and why a variable goes.
    assertStringIncludes(wide, '"CLAUDE_CODE_USE_FOUNDRY": ""');
    assertFalse(table.includes("CLAUDE_CODE_USE_FOUNDRY"));
    assertMatch(table, /^variables blanked in "env": \d+ \(/m);
    const why = "a key of the user's own would replace the gateway credential";
    assertStringIncludes(wide, why);
    assertFalse(table.includes(why));
    assertMatch(markdown, /^\| MODE \| .+ \|\n\| --- \| /);
    assertMatch(table, /^MODE +PROVIDER +MODEL\n/);
  });
});

printTest(
  "a format of the environment is honoured, the flag's wins",
  async () => {
    await using world = await makeWorld();
    await using gateway = startLoopbackGateway({ providers: PROVIDERS });
    const args = ["-s", gateway.url, "-L", "anthropic", "--print-settings"];
    const RPAI_TOKEN = TOKEN;
    await inParallel([
      { env: { RPAI_FORMAT: "json", RPAI_TOKEN }, flag: [], start: "{\n" },
      { env: { RPAI_FORMAT: "", RPAI_TOKEN }, flag: [], start: "MODE" },
      {
        env: { RPAI_FORMAT: "nonsense", RPAI_TOKEN },
        flag: ["-o", "yaml"],
        start: "mode: managed\n",
      },
    ], async ({ env, flag, start }) => {
      const ended = await world.run([...args, ...flag], { env });
      assertEquals([ended.code, ended.stderr], [0, ""]);
      assertEquals(ended.stdout.slice(0, start.length), start);
    });
  },
);

printTest("what is printed is what a launch passes", async () => {
  await using gateway = startLoopbackGateway({ providers: PROVIDERS });
  await inParallel([
    ...PLANS.map((provider) => ({ provider, more: [] })),
    {
      provider: "anthropic",
      more: [
        ...["-m", "haiku", "--claude-config-dir", "conf", "--", "--settings"],
        ...[JSON.stringify(CALLER_SETTINGS), "-p", "a b", ""],
      ],
    },
  ], async ({ provider, more }) => {
    await using world = await makeWorld();
    await world.write(
      ".rpai/config",
      `current_profile: dev\nprofiles:\n  dev:\n    ai_gateway_url: ${gateway.url}\n    llm_provider: ${provider}\n`,
    );
    const recording = await recordingClaude(world);
    const env = { ...SECRETS };
    const launched = await world.run(more, { env });
    assertEquals(launched.code, 0, launched.stderr);
    const got = await recording();
    const flags = ["--print-settings", "-o", "json"];
    const printed = await world.run([...flags, ...more], { env });
    assertEquals(printed.stderr, launched.stderr);
    const document = JSON.parse(printed.stdout);
    // The relay's address is there only while a launch runs.
    const argv = got.argv.map(withoutAddress);
    assertEquals(document.settings, JSON.parse(argv[1]));
    assertEquals(document.argv, ["claude", ...argv]);
    for (const name of document.unset) assertFalse(name in got.env, name);
    for (const [name, value] of Object.entries<string>(document.env)) {
      if (value.includes("<redacted>")) assert(name in got.env, name);
      else assertEquals(withoutAddress(got.env[name]), value);
    }
    // And what is not printed is as it was.
    for (const [name, value] of Object.entries({ ...world.env, ...env })) {
      if (name in document.env || document.unset.includes(name)) continue;
      assertEquals(got.env[name], value, name);
    }
  });
});

printTest(
  "it works offline: a warning, and the shape that the flags say",
  async () => {
    await using html = serveHttp(() => new Response("<html>", { status: 502 }));
    const down = `http://127.0.0.1:${freePort()}`;
    await inParallel([
      { url: down, flags: [], mode: "managed" },
      { url: down, flags: ["--bedrock"], mode: "bedrock" },
      { url: down, flags: ["--passthrough"], mode: "passthrough" },
      { url: html.url, flags: [], mode: "managed" },
      // No token, no `rpk`, no `claude`: a machine on its first day.
      { url: down, flags: [], mode: "managed", tokenless: true },
      {
        url: down,
        flags: ["--passthrough"],
        mode: "passthrough",
        tokenless: true,
      },
      { url: html.url, flags: ["--bedrock"], mode: "bedrock", tokenless: true },
    ], async ({ url, flags, mode, tokenless }) => {
      await using world = await makeWorld();
      const { code, document, stderr } = await print(
        world,
        ["-s", url, "-L", "anthropic", ...flags],
        {
          env: {
            PATH: `${world.home}/none`,
            ...tokenless ? {} : { RPAI_TOKEN: TOKEN },
          },
        },
      );
      assertEquals(code, 0);
      assertEquals(document.mode, mode);
      assertMatch(stderr, /^warning: .+\n$/);
      assertStringIncludes(stderr, url);
      assertStringIncludes(stderr, mode);
      assertNotMatch(stderr, /fetch failed/);
      assertEquals(document.warnings.length, 1);
      const variable = mode === "bedrock"
        ? "ANTHROPIC_BEDROCK_BASE_URL"
        : "ANTHROPIC_BASE_URL";
      // The relay carries what only the launcher has.
      const address = tokenless || mode === "passthrough"
        ? `${url}/llm/v1/providers/anthropic`
        : mode === "bedrock"
        ? "http://127.0.0.1:<port>/ai-claude"
        : "http://127.0.0.1:2/ai-claude";
      assertEquals(document.env[variable], address);
      assertEquals(document.settings.env[variable], address);
      assertEquals(
        document.settings.apiKeyHelper === "",
        mode === "passthrough",
      );
      // Nothing is pinned when the provider's models are not known.
      assertNotMatch(JSON.stringify(document.settings), /ANTHROPIC_DEFAULT_/);
      assertEquals(await world.files(), []);
    });
  },
);

printTest("without a token it says so, and asks nobody", async () => {
  await using gateway = startLoopbackGateway({ providers: PROVIDERS });
  const cases: { env: Record<string, string>; part: string }[] = [
    { env: {}, part: "not signed in" },
    { env: { RPAI_TOKEN: jwt(-5) }, part: "expired" },
    { env: { RPAI_TOKEN: "two words" }, part: "RPAI_TOKEN" },
  ];
  await inParallel(cases, async ({ env, part }) => {
    await using world = await makeWorld();
    world.env.PATH = "/dev/null/none";
    const { code, document, stderr } = await print(
      world,
      ["-s", gateway.url, "-L", "anthropic"],
      { env },
    );
    assertEquals(code, 0);
    assertEquals(document.mode, "managed");
    assertMatch(stderr, /^warning: .+\n$/);
    assertStringIncludes(stderr, part);
    for (const value of Object.values(env)) {
      assertFalse((JSON.stringify(document) + stderr).includes(value));
    }
  });
  assertEquals(gateway.requests, []);
});

printTest("a claude that is missing or broken does not matter", async () => {
  await using gateway = startLoopbackGateway({ providers: PROVIDERS });
  await using world = await makeWorld();
  const { code, document, stderr } = await print(
    world,
    ["-s", gateway.url, "-L", "bedrock"],
    {
      env: { RPAI_TOKEN: TOKEN, AI_CLAUDE_BIN: "/dev/null/none", PATH: "" },
    },
  );
  assertEquals([code, stderr, document.mode], [0, "", "bedrock"]);
  assertEquals(document.model, null);
  assertEquals(document.warnings, []);
  assertEquals(document.env.AWS_REGION, "eu-west-1");
});

printTest("it writes nothing and starts nothing", async () => {
  await using gateway = startLoopbackGateway({ providers: PROVIDERS });
  await using world = await makeWorld();
  await world.fakeClaude(': > "${0%/*}/started"');
  const ended = await world.run(
    ["-s", gateway.url, "-L", "anthropic", "--print-settings"],
    { env: { RPAI_TOKEN: TOKEN } },
  );
  assertEquals(ended.code, 0, ended.stderr);
  assertEquals(await world.files(), ["bin/claude"]);
});

/** A relay's address as a dry run shows it. */
function withoutAddress(text: string): string {
  return text
    .replace(/[^"]*\/ai-claude-\w+\/socket(?=$|")/g, "<private folder>/socket")
    .replace(/:\d{4,5}(?=\/ai-claude(?:$|"))/g, ":<port>");
}

/** Prints as JSON, which must be one document. */
async function print(world: World, args: string[], options: RunOptions) {
  const { code, stdout, stderr } = await world.run(
    ["--print-settings", "-o", "json", ...args],
    options,
  );
  assertEquals(code, 0, stderr);
  return { code, stderr, document: JSON.parse(stdout) };
}

function printTest(name: string, fn: () => Promise<void>): void {
  strictTest(`--print-settings: ${name}`, fn);
}
