import { assertEquals, assertFalse, assertRejects } from "@std/assert";
import {
  canAsk,
  chooseModel,
  chooseProvider,
} from "../../lib/gateway/choose_provider.ts";
import { CliError } from "../../lib/base/errors.ts";
import type { Question, StreamName } from "../../lib/system/sys.ts";
import {
  type FakeMachine,
  type FakeSys,
  fakeSys,
  shown,
} from "../support/fake_sys.ts";

const CLIENT = { gatewayUrl: "https://gw.example.com", token: "t" };
const PLACE = { gatewayUrl: CLIENT.gatewayUrl };
const STATE = "/home/me/.rpai/ai-claude.state";
const TERMINALS: StreamName[] = ["stdin", "stderr"];

const anthropic = (name: string, more = {}) => ({
  name,
  type: 2,
  enabled: true,
  ...more,
});

/** A machine at a terminal whose user answers, and what they were asked. */
function asking(
  providers: unknown[],
  answer: string | undefined,
  machine: FakeMachine = {},
): FakeSys & { questions: Question[]; written: string[] } {
  const questions: Question[] = [];
  const written: string[] = [];
  const sys = fakeSys({
    env: { HOME: "/home/me" },
    terminals: TERMINALS,
    fetch: () => Promise.resolve(Response.json({ llmProviders: providers })),
    ...machine,
  });
  sys.pick = (question) => {
    questions.push(question);
    return Promise.resolve(answer);
  };
  sys.replaceTextFile = (_path, text) => {
    written.push(text);
    return Promise.resolve();
  };
  return Object.assign(sys, { questions, written });
}

const refusalOf = async (promise: Promise<unknown>) =>
  shown(await assertRejects(() => promise, CliError));

Deno.test("canAsk() wants a keyboard, a screen, and one that can be drawn on", () => {
  const can = (terminals: StreamName[], env = {}) =>
    canAsk(fakeSys({ terminals, env }));
  assertEquals(can(TERMINALS), true);
  assertEquals(can(["stdin", "stdout", "stderr"]), true);
  assertEquals(can(["stdin", "stdout"]), false);
  assertEquals(can(["stdout", "stderr"]), false);
  assertEquals(can(TERMINALS, { TERM: "dumb" }), false);
});

Deno.test("chooseProvider() offers what Claude Code can use, the last choice first", async () => {
  const sys = asking(
    [
      anthropic("a"),
      anthropic("off", { enabled: false }),
      { name: "o", type: 1, enabled: true },
      anthropic("B\u001b[2J"),
      anthropic("p", { anthropicConfig: { authorizationPassthrough: true } }),
      { name: "b", type: 4, enabled: true },
    ],
    "b",
    {
      files: { [STATE]: `{"last_provider":{"${CLIENT.gatewayUrl}":"p"}}` },
    },
  );
  assertEquals(await chooseProvider(CLIENT, PLACE, true, sys), "b");
  assertEquals(sys.questions, [{
    message: "Provider",
    choices: [
      { value: "p", note: "passthrough, chosen last time" },
      { value: "a", note: "managed" },
      { value: "b", note: "bedrock" },
    ],
    color: true,
  }]);
  assertEquals(sys.stderr, "provider: b\n");
  assertEquals(sys.stdout, "");
  assertEquals(sys.written.map((text) => JSON.parse(text)), [
    { last_provider: { [CLIENT.gatewayUrl]: "b" } },
  ]);
});

Deno.test("chooseProvider() does not offer a last choice that is gone", async () => {
  const sys = asking([anthropic("a")], "a", {
    files: { [STATE]: `{"last_provider":{"${CLIENT.gatewayUrl}":"gone"}}` },
  });
  await chooseProvider(CLIENT, PLACE, false, sys);
  assertEquals(sys.questions[0].choices, [{ value: "a", note: "managed" }]);
});

Deno.test("chooseProvider() asks also when there is one", async () => {
  const sys = asking([anthropic("a")], undefined);
  assertEquals(await refusalOf(chooseProvider(CLIENT, PLACE, true, sys)), {
    code: "cancelled",
    message: "no provider was chosen",
    hint: "name one with --llmprovider NAME",
  });
  assertEquals([sys.questions.length, sys.written], [1, []]);
});

Deno.test("chooseProvider() without a choice says what there is", async () => {
  const hintOf = async (
    machine: FakeMachine,
    providers: unknown[] = [],
    client: typeof CLIENT | CliError = CLIENT,
  ) => {
    const sys = asking(providers, "a", machine);
    const refusal = await refusalOf(chooseProvider(client, PLACE, true, sys));
    assertEquals([refusal.code, sys.questions], ["usage", []]);
    return refusal.hint;
  };
  const many = Array.from({ length: 12 }, (_, index) => anthropic(`a${index}`));
  assertEquals(
    await hintOf({ terminals: [] }, many),
    "providers Claude Code can use: a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, " +
      "and 2 more",
  );
  assertEquals(
    await hintOf({}, [{ name: "o", type: 1, enabled: true }]),
    "this gateway has no provider that Claude Code can use",
  );
  const denied = () =>
    Promise.resolve(
      Response.json({ code: "permission_denied", message: "no" }, {
        status: 403,
      }),
    );
  assertEquals(
    await hintOf({ fetch: denied }),
    "or set llm_provider in the profile; the providers cannot be read with " +
      "this token: no",
  );
  assertEquals(
    await hintOf({}, [], new CliError("unauthenticated", "not signed in")),
    "or set llm_provider in the profile",
  );
});

/** What the gateway said of a provider with these models. */
const lookup = (models: string[]) => ({
  kind: "provider" as const,
  provider: {
    name: "p",
    type: "anthropic",
    enabled: true,
    passthrough: false,
    models,
  },
});

Deno.test("chooseModel() offers the allow-list but for what cannot be shown", async () => {
  const sys = asking([], "m2");
  const models = ["m1", "m\u001b[2J", "m\u202e", "m2", "x".repeat(300)];
  assertEquals(await chooseModel("p", lookup(models), false, sys), "m2");
  assertEquals(sys.questions, [{
    message: "Model",
    choices: [{ value: "m1" }, { value: "m2" }],
    color: false,
  }]);
  assertEquals(sys.written, []);
});

Deno.test("chooseModel() without a terminal lists the allowed ids", async () => {
  const sys = asking([], "m1", { terminals: [] });
  const models = Array.from({ length: 101 }, (_, index) => `m${index}`);
  const { code, message, hint } = await refusalOf(
    chooseModel("p", lookup(models), true, sys),
  );
  assertEquals([code, message], [
    "usage",
    "--model ? needs a terminal",
  ]);
  assertEquals(
    hint,
    `models of provider "p": ${models.slice(0, 100).join(", ")}, and 1 more`,
  );
  assertEquals(sys.questions, []);
});

Deno.test("chooseModel() without an allow-list says that any id goes", async () => {
  const sys = asking([], "m1");
  assertEquals(await refusalOf(chooseModel("p", lookup([]), true, sys)), {
    code: "usage",
    message: 'provider "p" lists no models to choose from',
    hint: "give any id with --model ID, or leave it out",
  });
  const unread = { kind: "permission_denied", message: "no" } as const;
  assertEquals(
    (await refusalOf(chooseModel("p", unread, true, sys))).message,
    'the models of provider "p" cannot be listed: no',
  );
  assertFalse(sys.questions.length > 0);
});
