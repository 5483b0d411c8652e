import { assertEquals, assertThrows } from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import {
  checkProviderName,
  isProviderName,
  isUsable,
  parseProvider,
} from "../../lib/gateway/provider.ts";
import { shown } from "../support/fake_sys.ts";

Deno.test("checkProviderName() takes what a gateway can name", () => {
  for (const name of ["a", "anthropic", "a-1", "a--1", "b".repeat(63)]) {
    assertEquals(checkProviderName(name, "--llmprovider"), name);
  }
});

Deno.test("checkProviderName() refuses anything else, naming where it was said", () => {
  for (
    const name of [
      "",
      "Anthropic",
      "1a",
      "-a",
      "a_b",
      "a/b",
      "../x",
      "a b",
      "a\n",
      "ä",
      "a?b",
      "b".repeat(64),
      "a-",
      "a--",
      "b".repeat(62) + "-",
    ]
  ) {
    assertEquals(
      assertThrows(() => checkProviderName(name, "x"), CliError).code,
      "usage",
      name,
    );
  }
  const error = assertThrows(
    () => checkProviderName("A/b", "profile dev"),
    CliError,
  );
  assertEquals(shown(error), {
    code: "usage",
    message: 'bad provider name "A/b" (profile dev)',
    hint: "a name is a lower-case letter, then up to 62 of a-z, 0-9 and -, " +
      "the last not a -",
  });
});

Deno.test("parseProvider() reads a full record and ignores unknown fields", () => {
  assertEquals(
    parseProvider({
      name: "bedrock",
      displayName: "Bedrock",
      type: "LLM_PROVIDER_TYPE_BEDROCK",
      providerModels: [{ name: "a", rpm: "9007199254740993" }, { name: "b" }],
      models: ["deprecated"],
      enabled: true,
      url: "https://gw.example.com/llm/v1/providers/bedrock",
      bedrockConfig: { region: "eu-west-1", baseUrl: "x" },
      somethingNew: { a: 1 },
    }),
    {
      name: "bedrock",
      type: "bedrock",
      enabled: true,
      passthrough: false,
      models: ["a", "b"],
      region: "eu-west-1",
      url: "https://gw.example.com/llm/v1/providers/bedrock",
    },
  );
});

Deno.test("parseProvider() takes what is missing for false and empty", () => {
  assertEquals(parseProvider({ name: "a" }), {
    name: "a",
    type: "unspecified",
    enabled: false,
    passthrough: false,
    models: [],
  });
});

Deno.test("parseProvider() reads authorizationPassthrough", () => {
  const passthrough = (anthropicConfig: unknown) =>
    parseProvider({ name: "a", anthropicConfig })?.passthrough;
  assertEquals(passthrough({ authorizationPassthrough: true }), true);
  assertEquals(passthrough({ authorizationPassthrough: false }), false);
  assertEquals(passthrough({}), false);
  assertEquals(passthrough("x"), false);
});

Deno.test("parseProvider() reads a type as name, number or something new", () => {
  const type = (value: unknown) =>
    parseProvider({ name: "a", type: value })?.type;
  assertEquals(
    ["OPENAI", "ANTHROPIC", "GOOGLE", "BEDROCK", "OPENAI_COMPATIBLE"].map((
      name,
    ) => type(`LLM_PROVIDER_TYPE_${name}`)),
    ["openai", "anthropic", "google", "bedrock", "openai_compatible"],
  );
  assertEquals([1, 2, 3, 4, 5].map(type), [
    "openai",
    "anthropic",
    "google",
    "bedrock",
    "openai_compatible",
  ]);
  assertEquals(type(99), "type 99");
  assertEquals(type("LLM_PROVIDER_TYPE_NEW_ONE"), "new_one");
  assertEquals(type(undefined), "unspecified");
  assertEquals(type(null), "unspecified");
});

Deno.test("parseProvider() takes the deprecated list only without the new one", () => {
  const models = (record: object) =>
    parseProvider({ name: "a", ...record })?.models;
  assertEquals(models({ models: ["old"] }), ["old"]);
  assertEquals(models({ providerModels: [], models: ["old"] }), ["old"]);
  assertEquals(models({ providerModels: [{ name: "new" }], models: ["old"] }), [
    "new",
  ]);
});

Deno.test("parseProvider() leaves out list entries without a name", () => {
  assertEquals(
    parseProvider({
      name: "a",
      providerModels: [{ name: "" }, {}, null, 1, { name: "m" }],
    })
      ?.models,
    ["m"],
  );
  assertEquals(parseProvider({ name: "a", models: ["m", 1, ""] })?.models, [
    "m",
  ]);
  assertEquals(parseProvider({ name: "a", models: "m" })?.models, []);
});

Deno.test("parseProvider() takes only true for enabled", () => {
  for (const enabled of [false, "true", 1, null]) {
    assertEquals(parseProvider({ name: "a", enabled })?.enabled, false);
  }
});

Deno.test("parseProvider() leaves out fields of the wrong type", () => {
  assertEquals(
    parseProvider({
      name: "a",
      url: 1,
      bedrockConfig: { region: ["x"] },
      anthropicConfig: [],
    }),
    {
      name: "a",
      type: "unspecified",
      enabled: false,
      passthrough: false,
      models: [],
    },
  );
});

Deno.test("parseProvider() has nothing for what is no record", () => {
  for (const record of [undefined, null, [], "a", 1, {}, { name: 1 }]) {
    assertEquals(parseProvider(record), undefined);
  }
});

Deno.test("isUsable() is enabled and one of the two types", () => {
  const usable = (type: string, enabled: boolean) =>
    isUsable({ name: "a", type, enabled, passthrough: false, models: [] });
  assertEquals(usable("anthropic", true), true);
  assertEquals(usable("bedrock", true), true);
  assertEquals(usable("anthropic", false), false);
  assertEquals(usable("openai", true), false);
});

Deno.test("isUsable() wants a name that a URL can hold", () => {
  for (const name of ["", "A", "a/b", "a\u001b[2J", "a".repeat(64), "../a"]) {
    const type = "anthropic";
    const provider = { name, type, enabled: true, passthrough: false };
    assertEquals(isUsable({ ...provider, models: [] }), false, name);
    assertEquals(isProviderName(name), false, name);
  }
  assertEquals(isProviderName("a".repeat(63)), true);
});

Deno.test("parseProvider() makes a type from the future showable", () => {
  const type = "LLM_PROVIDER_TYPE_\u001b[31mX\n" + "y".repeat(500);
  assertEquals(parseProvider({ name: "a", type })?.type, "?[31mx");
  const long = parseProvider({ name: "a", type: "y".repeat(500) })?.type;
  assertEquals(long?.length, 203);
});
