/**
 * Contract with the real Claude Code: models that a repository asks for.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Mode } from "../../lib/gateway/mode.ts";
import type { ToolCall } from "../../lib/loopback/messages.ts";
import type { RecordedRequest } from "../../lib/loopback/recorded_request.ts";
import { inParallel, makeArena } from "./arena.ts";
import { fact } from "./fact.ts";
import { unguardedClaude } from "./plain_claude.ts";
import { SCOPES } from "./settings.ts";

/** The session's own model, with the variables that a launch sets beside it. */
const OWN = "claude-opus-5-5";
const PINNED = { ANTHROPIC_DEFAULT_OPUS_MODEL: OWN };
const CHOSEN = ["--model", OWN];

/** Has the session's agent called once. */
function callAgent(
  agent: string,
): (request: RecordedRequest) => string | ToolCall {
  return ({ body }) => {
    const text = JSON.stringify(body);
    return text.includes("of-the-agent") || !text.includes('"name":"Agent"')
      ? "done"
      : {
        tool: "Agent",
        input: {
          description: "x",
          prompt: "of-the-agent",
          subagent_type: agent,
        },
      };
  };
}

const withModel = (name: string, model: string) =>
  `---\nname: ${name}\ndescription: x\nmodel: ${model}\n---\nhi`;
const AGENT = { ".claude/agents/own.md": withModel("own", "rival-agent") };

/** What a repository holds, and the models that a session then asks for. */
interface Case {
  name: string;
  settings?: object;
  files?: Record<string, string>;
  /** The agent that is called. */
  agent?: string;
  args?: string[];
  asks: string[];
}

const CASES: readonly Case[] = [
  {
    name: "availableModels with enforceAvailableModels, past --model",
    settings: {
      availableModels: ["claude-sonnet-4-5"],
      enforceAvailableModels: true,
    },
    asks: ["claude-sonnet-4-5"],
  },
  {
    name: "modelOverrides past --model, and a subagent's variable",
    settings: {
      modelOverrides: { [OWN]: "rival-override" },
      env: { CLAUDE_CODE_SUBAGENT_MODEL: "rival-subagent" },
    },
    agent: "general-purpose",
    asks: ["rival-override", "rival-subagent"],
  },
  {
    name: "an extra body past --model",
    settings: { env: { CLAUDE_CODE_EXTRA_BODY: '{"model":"rival-body"}' } },
    asks: ["rival-body"],
  },
  {
    name: "a default where nobody chose",
    settings: { env: { ANTHROPIC_DEFAULT_MODEL: "rival-default" } },
    args: [],
    asks: ["rival-default"],
  },
  {
    name: "an alias's own model",
    settings: { env: { ANTHROPIC_DEFAULT_SONNET_MODEL: "rival-sonnet" } },
    args: ["--model", "sonnet"],
    asks: ["rival-sonnet"],
  },
  {
    name: "an agent past --model",
    files: AGENT,
    agent: "own",
    asks: [OWN, "rival-agent"],
  },
  {
    name: "the session's agent where nobody chose",
    settings: { agent: "own" },
    files: AGENT,
    args: [],
    asks: ["rival-agent"],
  },
  {
    name: "a command past --model",
    files: { ".claude/commands/own.md": withModel("own", "rival-command") },
    args: ["/own", ...CHOSEN],
    asks: ["rival-command"],
  },
  {
    name: "a skill past --model",
    files: { ".claude/skills/own/SKILL.md": withModel("own", "rival-skill") },
    args: ["/own", ...CHOSEN],
    asks: ["rival-skill"],
  },
];

Deno.test("control: without a launch, a project's settings, agents, commands and skills choose models", async () => {
  await inParallel(CASES, async (each) => {
    await using arena = await makeArena(
      {},
      each.agent === undefined ? {} : {
        reply: callAgent(each.agent),
      },
    );
    const { world, gateway } = arena;
    await world.write(SCOPES.project, each.settings ?? {});
    for (const [path, text] of Object.entries(each.files ?? {})) {
      await world.write(`project/${path}`, text);
    }
    const { args = CHOSEN } = each;
    const env = args === CHOSEN ? PINNED : {};
    await unguardedClaude(arena, { env }, ["-p", ...args, "hi"]);
    fact(
      `${each.name}: the models that are asked`,
      each.asks.toSorted(),
      [...new Set(gateway.requests.map(({ model }) => String(model)))].sort(),
    );
  });
});

Deno.test("a project's settings make no launch ask for a model that is not allowed", async () => {
  const cases: { mode: Mode; flags: string[] }[] = [
    { mode: "managed", flags: [] },
    { mode: "managed", flags: ["-m", "opus"] },
    { mode: "passthrough", flags: [] },
    { mode: "bedrock", flags: ["-m", "opus"] },
  ];
  await inParallel(cases, async ({ mode, flags }) => {
    const prefix = mode === "bedrock" ? "us.anthropic." : "";
    const models = [`${prefix}${OWN}`, `${prefix}claude-haiku-4-5`];
    await using arena = await makeArena({ models }, {
      reply: callAgent("general-purpose"),
    });
    const variables = [
      ...["DEFAULT", "DEFAULT_OPUS", "DEFAULT_SONNET", "DEFAULT_HAIKU"],
      ...["DEFAULT_FABLE", "SMALL_FAST"],
    ].map((name) => `ANTHROPIC_${name}_MODEL`);
    await arena.world.write(SCOPES.project, {
      availableModels: ["claude-sonnet-4-5"],
      enforceAvailableModels: true,
      modelOverrides: Object.fromEntries(
        [OWN, ...models].map((id) => [id, "rival-override"]),
      ),
      env: {
        CLAUDE_CODE_EXTRA_BODY: '{"model":"rival-body"}',
        CLAUDE_CODE_SUBAGENT_MODEL: "rival-subagent",
        ...Object.fromEntries(variables.map((name) => [name, `rival-${name}`])),
      },
      // This is judged by the background model.
      hooks: {
        UserPromptSubmit: [{
          hooks: [{ type: "prompt", prompt: "$ARGUMENTS" }],
        }],
      },
    });
    const { code, stderr, calls } = await arena.prompt(mode, { flags });
    assertEquals(code, 0, stderr);
    assertEquals(
      [...new Set(calls.map(({ status, model }) => `${status} ${model}`))]
        .sort(),
      models.map((id) => `200 ${id}`).sort(),
    );
    const ofTheAgent = calls.map(({ body }) => JSON.stringify(body))
      .filter((text) =>
        text.includes("of-the-agent") && !text.includes('"type":"tool_use"')
      );
    assertEquals(ofTheAgent.length, 1);
  });
});
