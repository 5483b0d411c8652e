/**
 * Contract with the real Claude Code: what is asked for is in the allow-list.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Mode } from "../../lib/gateway/mode.ts";
import {
  type Arena,
  inParallel,
  launchEnv,
  makeArena,
  MODES,
} from "./arena.ts";
import { SCOPES, storeLogin } from "./settings.ts";

/** Two allowed models, neither of which the client would choose by itself. */
function allowed(mode: Mode): string[] {
  const prefix = mode === "bedrock" ? "us.anthropic." : "";
  return [`${prefix}claude-sonnet-4-5`, `${prefix}claude-haiku-4-5`];
}

/** One prompt's models, with an allow-list. */
async function modelsAsked(
  mode: Mode,
  setup: {
    flags?: string[];
    claudeArgs?: string[];
    env?: Record<string, string>;
    settings?: object;
    models?: string[];
  },
): Promise<{ code: number; stderr: string; models: (string | undefined)[] }> {
  await using arena = await makeArena({
    models: setup.models ?? allowed(mode),
  });
  if (setup.settings !== undefined) {
    await arena.world.write(SCOPES.project, setup.settings);
  }
  const { code, stderr, calls } = await arena.prompt(mode, setup);
  return { code, stderr, models: calls.map(({ model }) => model) };
}

for (const mode of MODES) {
  const [sonnet, haiku] = allowed(mode);

  Deno.test(`${mode} asks for an allowed model when nobody chose one`, async () => {
    const { code, stderr, models } = await modelsAsked(mode, {});
    assertEquals({ code, models }, { code: 0, models: [sonnet] }, stderr);
  });

  Deno.test(`${mode} gives a stored subscription an allowed default too`, async () => {
    await using arena = await makeArena({ models: allowed(mode) });
    await storeLogin(arena.world);
    const env = { CLAUDE_CODE_OAUTH_TOKEN: "" };
    const { calls } = await arena.prompt(mode, { env });
    assertEquals(calls.map(({ model }) => model), [sonnet]);
  });

  Deno.test(`${mode} maps family aliases to allowed models`, async () => {
    const expected = {
      sonnet,
      haiku,
      "sonnet[1m]": sonnet,
      best: sonnet,
      default: sonnet,
    };
    await inParallel(Object.entries(expected), async ([alias, model]) => {
      const byFlag = await modelsAsked(mode, { flags: ["-m", alias] });
      assertEquals(byFlag.models, [model], `-m ${alias}: ${byFlag.stderr}`);
    });
    const bySetting = await modelsAsked(mode, { settings: { model: "opus" } });
    assertEquals(bySetting.models, [sonnet]);
    assertStringIncludes(bySetting.stderr, 'warning: model "opus"');
  });

  Deno.test(`${mode} replaces a configured model that is not allowed`, async () => {
    const cases = [
      { settings: { model: "claude-opus-4-1" } },
      { settings: { env: { ANTHROPIC_MODEL: "claude-opus-4-1" } } },
      { env: { ANTHROPIC_MODEL: "claude-opus-4-1" } },
    ];
    await inParallel(cases, async (setup) => {
      const { code, models, stderr } = await modelsAsked(mode, setup);
      assertEquals({ code, models }, { code: 0, models: [sonnet] }, stderr);
      assertStringIncludes(stderr, 'warning: model "claude-opus-4-1"');
    });
  });

  Deno.test(`${mode} lets the last --model win`, async () => {
    const { code, models } = await modelsAsked(mode, {
      flags: ["-m", sonnet],
      claudeArgs: ["-p", "hi", "--model", haiku],
    });
    assertEquals({ code, models }, { code: 0, models: [haiku] });
  });

  Deno.test(`${mode} stops before asking for a model that is not allowed`, async () => {
    const cases = [
      { flags: ["-m", "claude-opus-4-1"] },
      { claudeArgs: ["-p", "hi", "--model", "claude-opus-4-1"] },
      // An alias of a family that the list has no model of.
      { flags: ["-m", "opus"] },
      { claudeArgs: ["-p", "hi", "--model", "opus"] },
    ];
    await inParallel(cases, async (setup) => {
      const { code, models, stderr } = await modelsAsked(mode, setup);
      assertEquals({ code, models }, { code: 2, models: [] });
      assertStringIncludes(stderr, sonnet);
    });
  });

  Deno.test(`${mode} pins nothing when every model is allowed`, async () => {
    const setup = { models: [], env: { ANTHROPIC_MODEL: "some-model" } };
    const { models } = await modelsAsked(mode, setup);
    assertEquals(models, ["some-model"]);
  });

  Deno.test(`${mode} honours the user's own pins`, async () => {
    const env = { ANTHROPIC_DEFAULT_SONNET_MODEL: haiku };
    const flags = ["-m", "sonnet"];
    const { models } = await modelsAsked(mode, { env, flags });
    assertEquals(models, [haiku]);
  });
}

Deno.test("the background model is allowed, or the one that is exported", async () => {
  // A prompt hook is judged by the background model.
  const settings = {
    hooks: {
      UserPromptSubmit: [{
        hooks: [{ type: "prompt", prompt: "Fine? $ARGUMENTS" }],
      }],
    },
  };
  const [sonnet, haiku] = allowed("managed");
  const plain = await modelsAsked("managed", { settings });
  assertEquals(plain.models.includes(haiku), true, String(plain.models));
  const env = { ANTHROPIC_SMALL_FAST_MODEL: sonnet };
  const exported = await modelsAsked("managed", { settings, env });
  assertEquals(exported.models.includes(haiku), false, String(exported.models));
});

for (const mode of MODES) {
  Deno.test(`${mode} offers each allowed model once, whatever else is curated`, async () => {
    const [sonnet, haiku] = allowed(mode);
    const models = [sonnet, sonnet.replace("4-5", "4-6"), haiku];
    await using arena = await makeArena({ models });
    await arena.world.write(SCOPES.user, {
      modelPicker: { options: [{ model: "claude-opus-4-1" }] },
    });
    const offered = await offeredModels(arena, mode);
    assertEquals(offered, ["default", ...models]);
  });
}

/** What `/model` offers: the answer to how an SDK begins a session. */
async function offeredModels(arena: Arena, mode: Mode): Promise<string[]> {
  const child = arena.world.start([
    ...["-s", arena.gateway.url, "-L", mode, "--", "-p", "--verbose"],
    ...["--input-format", "stream-json", "--output-format", "stream-json"],
  ], { env: launchEnv(mode) });
  const writer = child.stdin.getWriter();
  const question = {
    type: "control_request",
    request_id: "1",
    request: { subtype: "initialize" },
  };
  await writer.write(new TextEncoder().encode(`${JSON.stringify(question)}\n`));
  await writer.close();
  const { stdout } = await child.output();
  const [answer] = new TextDecoder().decode(stdout).split("\n");
  const models: { value: string }[] = JSON.parse(answer).response.response
    .models;
  return models.map(({ value }) => value);
}
