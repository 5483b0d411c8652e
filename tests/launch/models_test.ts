import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import {
  type ModelInput,
  pickModel,
  PIN_VARIABLES,
  planModels,
} from "../../lib/launch/models.ts";
import { shown } from "../support/fake_sys.ts";

const OPUS = "ANTHROPIC_DEFAULT_OPUS_MODEL";
const SONNET = "ANTHROPIC_DEFAULT_SONNET_MODEL";
const HAIKU = "ANTHROPIC_DEFAULT_HAIKU_MODEL";
const SMALL_FAST = "ANTHROPIC_SMALL_FAST_MODEL";

const ALLOWED = [
  "claude-haiku-4-5",
  "claude-opus-4-1",
  "claude-sonnet-4-5",
  "claude-sonnet-4-6",
];

function plan(more: Partial<ModelInput> = {}) {
  return planModels({
    fallbacks: [],
    configured: [],
    userPins: {},
    allowed: ALLOWED,
    provider: "anthropic",
    ...more,
  });
}

function refusal(more: Partial<ModelInput>): CliError {
  return assertThrows(() => plan(more), CliError);
}

Deno.test("planModels() pins each family to its newest allowed id", () => {
  const { model, pins, warnings } = plan();
  assertEquals(model, undefined);
  assertEquals([pins[OPUS], pins[SONNET], pins[HAIKU]], [
    "claude-opus-4-1",
    "claude-sonnet-4-6",
    "claude-haiku-4-5",
  ]);
  assertEquals(pins.ANTHROPIC_MODEL, undefined);
  assertEquals(warnings, []);
});

Deno.test("planModels() pins to nothing outside the list, whatever it holds", () => {
  for (
    const allowed of [
      ["claude-sonnet-4-6"],
      ["claude-haiku-4-5", "claude-3-opus-20240229"],
      ["some-other-model"],
      ["us.anthropic.claude-sonnet-4-6"],
    ]
  ) {
    const { pins } = plan({ allowed });
    for (const name of [OPUS, SONNET, HAIKU]) assert(name in pins, name);
    for (const [name, id] of Object.entries(pins)) {
      assert(allowed.includes(id), `${name}=${id} is not among ${allowed}`);
    }
  }
});

Deno.test("planModels() pins nothing and allows anything without a list", () => {
  assertEquals(
    plan({
      allowed: [],
      requested: { id: "anything", from: "--model" },
      configured: [{ id: "other", from: "ANTHROPIC_MODEL" }],
      userPins: { [OPUS]: { id: "x", from: OPUS } },
    }),
    { model: "anything", pins: {}, settings: {}, warnings: [] },
  );
});

Deno.test("planModels() leaves the user's own pins alone", () => {
  for (const name of [SONNET, SMALL_FAST]) {
    const { pins, warnings } = plan({
      userPins: { [name]: { id: "claude-sonnet-4-5", from: name } },
    });
    assertEquals(name in pins, false);
    assertEquals(pins[OPUS], "claude-opus-4-1");
    assertEquals(warnings, []);
  }
});

Deno.test("planModels() replaces a pin outside the list, whoever set it, with a warning", () => {
  const cases = { [OPUS]: "claude-opus-4-1", [SMALL_FAST]: "claude-haiku-4-5" };
  for (const [name, instead] of Object.entries(cases)) {
    const { pins, warnings } = plan({
      userPins: {
        [name]: { id: "claude-opus-5-5", from: `env.${name} in /s.json` },
      },
    });
    assertEquals(pins[name], instead);
    assertEquals(warnings, [
      `model "claude-opus-5-5" (env.${name} in /s.json) is not allowed by ` +
      `provider "anthropic": using ${instead}`,
    ]);
  }
});

Deno.test("planModels() lets subagents use the session's model instead of one outside the list", () => {
  const name = "CLAUDE_CODE_SUBAGENT_MODEL";
  const of = (id: string) => plan({ userPins: { [name]: { id, from: name } } });
  assertEquals(of("claude-opus-5-5").pins[name], "");
  assertEquals(of("claude-opus-5-5").warnings, [
    `model "claude-opus-5-5" (${name}) is not allowed by provider ` +
    `"anthropic": using the session's model`,
  ]);
  assertEquals(name in of("claude-haiku-4-5").pins, false);
  assertEquals(name in plan().pins, false);
});

Deno.test("planModels() keeps settings from turning an allowed id into another", () => {
  assertEquals(plan().settings, {
    enforceAvailableModels: false,
    modelOverrides: Object.fromEntries(ALLOWED.map((id) => [id, id])),
    modelPicker: {
      options: ALLOWED.map((model) => ({ model })),
      replaceBuiltInOptions: true,
    },
  });
  const many = Array.from({ length: 101 }, (_, at) => `claude-haiku-${at}`);
  assertEquals(Object.keys(plan({ allowed: many }).settings), [
    "enforceAvailableModels",
    "modelOverrides",
  ]);
});

Deno.test("planModels() refuses an alias whose family the list lacks", () => {
  const allowed = ["claude-sonnet-4-6"];
  const from = "--model";
  for (const id of ["opus", "Opus[1m]", "opusplan", "haiku"]) {
    const choice = { id, from };
    const family = id === "haiku" ? "haiku" : "opus";
    for (
      const more of [
        { requested: choice },
        { claudeArg: choice },
        { fallbacks: [choice] },
      ]
    ) {
      assertEquals(shown(refusal({ ...more, allowed })), {
        code: "usage",
        message: `model "${id}" (--model): provider "anthropic" allows no ` +
          `${family} model`,
        hint: "allowed: claude-sonnet-4-6",
      });
    }
  }
  for (const id of ["sonnet", "default", "best"]) {
    plan({ allowed, requested: { id, from: "--model" } });
  }
  // Unless the user says what it means, and that is allowed.
  const name = "ANTHROPIC_DEFAULT_OPUS_MODEL";
  const own = (id: string) => ({
    allowed,
    requested: { id: "opus", from: "--model" },
    userPins: { [name]: { id, from: name } },
  });
  assertEquals(plan(own("claude-sonnet-4-6[1m]")).model, "opus");
  refusal(own("claude-opus-5-5"));
});

Deno.test("planModels() takes allowed ids, family aliases, and [1m] for a context size", () => {
  const ids = ["claude-sonnet-4-5", "sonnet", "opus", "haiku", "Opus"];
  for (const id of [...ids, "default", "sonnet[1m]", "claude-sonnet-4-6[1m]"]) {
    const { model, warnings } = plan({ requested: { id, from: "--model" } });
    assertEquals([model, warnings], [id, []]);
  }
});

Deno.test("planModels() refuses a requested model outside the list, with the closest", () => {
  const error = refusal({
    requested: { id: "claude-sonnet-4-7", from: "profile prod" },
  });
  assertEquals(error.exitCode, 2);
  assertEquals(shown(error), {
    code: "usage",
    message:
      'model "claude-sonnet-4-7" (profile prod) is not in the allow-list of ' +
      'provider "anthropic"',
    hint: `allowed: ${ALLOWED.join(", ")}`,
  });
  assertEquals(error.suggest, {
    word: "claude-sonnet-4-7",
    among: ALLOWED,
    show: "closest",
  });
});

Deno.test("planModels() takes no part of an id for the id", () => {
  const parts = ["claude-sonnet-4", "claude-sonnet-4-6x", "CLAUDE-SONNET-4-6"];
  for (const id of [...parts, "", "[1m]"]) {
    const { code } = refusal({ requested: { id, from: "--model" } });
    assertEquals(code, "usage", id);
  }
});

Deno.test("planModels() refuses what Claude's own --model asks for outside the list", () => {
  const claudeArg = { id: "gpt-5", from: "Claude Code's --model" };
  assertStringIncludes(
    refusal({ claudeArg }).message,
    `model "gpt-5" (Claude Code's --model)`,
  );
  assertStringIncludes(
    refusal({
      claudeArg,
      requested: { id: "claude-opus-4-1", from: "--model" },
    }).message,
    "gpt-5",
  );
});

Deno.test("planModels() replaces a configured model outside the list, with a warning", () => {
  const from = '"model" in /s.json';
  const cases: [string, string[], string][] = [
    ["claude-opus-5-5", ALLOWED, "claude-opus-4-1"],
    // An alias whose family the list lacks.
    ["opus", ["claude-sonnet-4-6"], "claude-sonnet-4-6"],
  ];
  for (const [id, allowed, instead] of cases) {
    const { model, pins, warnings } = plan({
      configured: [{ id, from }, { id: "claude-sonnet-4-6", from: "below" }],
      allowed,
    });
    assertEquals([model, pins.ANTHROPIC_MODEL], [instead, instead]);
    assertEquals(warnings, [
      `model "${id}" (${from}) is not allowed by provider "anthropic": using ` +
      `${instead}; choose another with --model`,
    ]);
  }
});

Deno.test("planModels() leaves a configured model that is allowed, or that -m beats", () => {
  const bad = [{ id: "claude-opus-5-5", from: "ANTHROPIC_MODEL" }];
  const requested = { id: "claude-sonnet-4-6", from: "--model" };
  for (
    const { pins, warnings } of [
      plan({ configured: [{ id: "claude-sonnet-4-5", from: "x" }, ...bad] }),
      plan({ configured: [{ id: "opus", from: "x" }] }),
      plan({ configured: bad, requested }),
      plan({ configured: bad, claudeArg: requested }),
    ]
  ) {
    assertEquals(pins.ANTHROPIC_MODEL, undefined);
    assertEquals(warnings, []);
  }
});

Deno.test("PIN_VARIABLES holds the documented ones", () => {
  assertEquals(PIN_VARIABLES, [
    ...["ANTHROPIC_DEFAULT_MODEL", "ANTHROPIC_DEFAULT_FABLE_MODEL"],
    ...[OPUS, SONNET, HAIKU, SMALL_FAST, "CLAUDE_CODE_SUBAGENT_MODEL"],
  ]);
});

/** The family that is wanted, what is allowed, and which of it is the pick. */
const PICKS: [
  Parameters<typeof pickModel>[0],
  allowed: string,
  pick: number,
][] = [
  ["sonnet", "claude-sonnet-4-5 claude-sonnet-4-6 claude-opus-5", 1],
  ["sonnet", "claude-sonnet-4-6 claude-sonnet-4-10", 1],
  ["sonnet", "claude-sonnet-4-20250514 claude-sonnet-4-5", 1],
  ["sonnet", "claude-sonnet-4-5 claude-3-7-sonnet-20250219", 0],
  ["sonnet", "claude-3-5-sonnet-20240620 claude-3-5-sonnet-20241022", 1],
  ["haiku", "claude-3-haiku-20240307 claude-3-5-haiku-20241022", 1],
  ["opus", "claude-opus-4-20250514 claude-opus-4-1-20250805", 1],
  [
    "sonnet",
    "anthropic.claude-sonnet-4-20250514-v1:0 " +
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    1,
  ],
  // None of the family: the nearest.
  ["opus", "claude-haiku-4-5 claude-sonnet-4-6", 1],
  ["haiku", "claude-opus-4-1 claude-sonnet-4-6", 1],
  ["sonnet", "claude-haiku-4-5 claude-opus-4-1", 1],
  ["opus", "claude-haiku-4-5", 0],
];

Deno.test("pickModel() picks the newest of a family, or of the nearest one", () => {
  for (const [family, text, index] of PICKS) {
    const allowed = text.split(" ");
    for (const list of [allowed, allowed.toReversed()]) {
      assertEquals(pickModel(family, list), allowed[index], family);
    }
  }
});

Deno.test("pickModel() picks the first of ids that name no family", () => {
  assertEquals(pickModel("opus", ["other-b", "other-a"]), "other-b");
});

Deno.test("pickModel() picks the region's inference profile, then a global one", () => {
  const ids = ["", "eu.", "global.", "us.", "apac."]
    .map((prefix) => `${prefix}anthropic.claude-sonnet-4-6`);
  const prefix = (region: string, allowed = ids) =>
    pickModel("sonnet", allowed, region).split(".")[0];
  assertEquals(prefix("us-east-1"), "us");
  assertEquals(prefix("eu-central-1"), "eu");
  assertEquals(prefix("ap-northeast-1"), "apac");
  assertEquals(prefix("ca-central-1"), "global");
  const others = ids.filter((id) => !/^(?:eu|global)/.test(id));
  assertEquals(prefix("eu-west-1", others), "anthropic");
});

Deno.test("pickModel() prefers a newer model to the region's own", () => {
  assertEquals(
    pickModel(
      "sonnet",
      ["eu.anthropic.claude-sonnet-4-5", "global.anthropic.claude-sonnet-4-6"],
      "eu-west-1",
    ),
    "global.anthropic.claude-sonnet-4-6",
  );
});
