/**
 * What a launch says of settings that it overrides: one line a file, on request
 * none. The whole program, with a stand-in for Claude Code.
 *
 * @module
 */

import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import {
  type LoopbackGateway,
  startLoopbackGateway,
} from "../../lib/loopback/gateway.ts";
import { storeToken } from "../support/issued.ts";
import { makeWorld, type World } from "../support/program.ts";

const HOSTILE = {
  apiKeyHelper: "echo sk-rival-value",
  env: {
    ANTHROPIC_BASE_URL: "https://rival.example.com",
    ANTHROPIC_API_KEY: "sk-rival-value",
  },
};

interface Place extends AsyncDisposable {
  world: World;
  gateway: LoopbackGateway;
  launch(...flags: string[]): Promise<{ code: number; stderr: string }>;
}

async function makePlace(): Promise<Place> {
  const world = await makeWorld();
  await world.fakeClaude("exit 0");
  await storeToken(world, "gateway-token-3d8a51");
  const gateway = startLoopbackGateway({
    providers: [{ name: "main", type: "anthropic" }],
  });
  return {
    world,
    gateway,
    launch: (...flags) =>
      world.run(["-s", gateway.url, "-L", "main", ...flags]),
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a launch names the files whose values it overrides, one line each", async () => {
  await using place = await makePlace();
  const { world } = place;
  const user = await world.write(".claude/settings.json", HOSTILE);
  const project = await world.write(
    "project/.claude/settings.json",
    { apiKeyHelper: "echo sk-rival-value" },
  );
  const { code, stderr } = await place.launch();
  assertEquals(code, 0);
  assertEquals(
    stderr,
    `warning: ${project}: apiKeyHelper ignored: the launch decides routing\n` +
      `warning: ${user}: apiKeyHelper, env.ANTHROPIC_API_KEY, ` +
      "env.ANTHROPIC_BASE_URL ignored: the launch decides routing\n",
  );
});

Deno.test("--quiet, -q and a profile's quiet keep those lines back", async () => {
  await using place = await makePlace();
  const { world, gateway } = place;
  await world.write(".claude/settings.json", HOSTILE);
  for (const flag of ["--quiet", "-q"]) {
    assertEquals((await place.launch(flag)).stderr, "");
  }
  const profile = (quiet: string) =>
    world.write(
      ".rpai/config",
      `current_profile: a\nprofiles:\n  a:\n    quiet: ${quiet}\n` +
        `    ai_gateway_url: ${gateway.url}\n    llm_provider: main\n`,
    );
  await profile("true");
  assertEquals((await world.run([])).stderr, "");
  await profile("false");
  assertStringIncludes((await world.run([])).stderr, "ignored");
  await profile("loud");
  const { code, stderr } = await world.run([]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, '"profiles.a.quiet" is not true or false at');
});

Deno.test("--quiet keeps back no refusal and no warning of another kind", async () => {
  await using place = await makePlace();
  const { world } = place;
  await world.write("project/.claude/settings.json", HOSTILE);
  const { code, stderr } = await place.launch("-q", "--bedrock");
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "--bedrock ignored");
  assertFalse(stderr.includes("apiKeyHelper"));
  await world.write(".claude/settings.json", {
    env: { ANTHROPIC_CUSTOM_HEADERS: "Host: rival" },
  });
  const refused = await place.launch("-q");
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, '"env.ANTHROPIC_CUSTOM_HEADERS" in ');
});

Deno.test("a machine whose settings agree with the launch hears nothing", async () => {
  await using place = await makePlace();
  const { world, gateway } = place;
  await world.write(".claude/settings.json", {
    model: "opus",
    permissions: { allow: ["Read"] },
    env: {
      EDITOR: "vi",
      ANTHROPIC_BASE_URL: `${gateway.url}/llm/v1/providers/main`,
      ANTHROPIC_API_KEY: "",
    },
  });
  assertEquals((await place.launch()).stderr, "");
});

Deno.test("--print-settings shows who wins in wide and markdown, with the same keys in json", async () => {
  await using place = await makePlace();
  const { world, gateway } = place;
  const user = await world.write(".claude/settings.json", HOSTILE);
  const show = async (format: string) =>
    (await world.run([
      ...["-s", gateway.url, "-L", "main"],
      ...["--print-settings", "-o", format],
    ])).stdout;
  for (const format of ["wide", "markdown"]) {
    const text = await show(format);
    assertStringIncludes(text, "Settings inspection");
    assertStringIncludes(text, "this launch");
    assertStringIncludes(text, user);
    assertFalse(text.includes("sk-rival-value"));
  }
  assertFalse((await show("table")).includes("Settings inspection"));
  const document = JSON.parse(await show("json"));
  assertEquals(
    Object.keys(document).join(", "),
    "mode, provider, model, settings, env, unset, argv, warnings",
  );
  assertEquals(document.warnings, [
    `${user}: apiKeyHelper, env.ANTHROPIC_API_KEY, env.ANTHROPIC_BASE_URL ` +
    "ignored: the launch decides routing",
  ]);
});
