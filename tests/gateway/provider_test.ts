import { assertEquals, assertThrows } from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import {
  checkProviderName,
  isUsable,
  parseProvider,
  type Provider,
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

/** What is missing is false and empty. */
const EMPTY: Provider = {
  name: "a",
  type: "unspecified",
  enabled: false,
  passthrough: false,
  models: [],
};

Deno.test("parseProvider() takes what is missing or of the wrong type for false and empty", () => {
  const cases: [Record<string, unknown>, Partial<Provider>][] = [
    [{}, {}],
    [{ url: 1, bedrockConfig: { region: ["x"] }, anthropicConfig: [] }, {}],
    [{ anthropicConfig: { authorizationPassthrough: true } }, {
      passthrough: true,
    }],
    [{ anthropicConfig: { authorizationPassthrough: "true" } }, {}],
    [{ enabled: true }, { enabled: true }],
    [{ enabled: "true" }, {}],
    [{ enabled: 1 }, {}],
    // The deprecated list counts only without the new one.
    [{ models: ["old", 1, ""] }, { models: ["old"] }],
    [{ providerModels: [], models: ["old"] }, { models: ["old"] }],
    [{
      providerModels: [{ name: "" }, {}, null, 1, { name: "new" }],
      models: ["old"],
    }, { models: ["new"] }],
    [{ models: "m" }, {}],
    [{ type: null }, {}],
    [{ type: 99 }, { type: "type 99" }],
    [{ type: "LLM_PROVIDER_TYPE_NEW_ONE" }, { type: "new_one" }],
    [{ type: "LLM_PROVIDER_TYPE_\u001b[31mX\nmore" }, { type: "?[31mx" }],
  ];
  for (const [record, expected] of cases) {
    const provider = parseProvider({ name: "a", ...record });
    assertEquals(provider, { ...EMPTY, ...expected });
  }
});

Deno.test("parseProvider() reads a type as name or number", () => {
  const names = [
    "OPENAI",
    "ANTHROPIC",
    "GOOGLE",
    "BEDROCK",
    "OPENAI_COMPATIBLE",
  ];
  for (const [index, name] of names.entries()) {
    for (const type of [`LLM_PROVIDER_TYPE_${name}`, index + 1]) {
      const provider = parseProvider({ name: "a", type });
      assertEquals(provider?.type, name.toLowerCase());
    }
  }
});

Deno.test("parseProvider() has nothing for what is no record", () => {
  for (const record of [undefined, null, [], "a", 1, {}, { name: 1 }]) {
    assertEquals(parseProvider(record), undefined);
  }
});

Deno.test("isUsable() is enabled, of one of the two types, with a name that a URL can hold", () => {
  const usable = (type: string, enabled: boolean, name = "a") =>
    isUsable({ ...EMPTY, name, type, enabled });
  assertEquals(usable("anthropic", true), true);
  assertEquals(usable("bedrock", true), true);
  assertEquals(usable("anthropic", false), false);
  assertEquals(usable("openai", true), false);
  for (const name of ["", "A", "a/b", "a\u001b[2J", "a".repeat(64), "../a"]) {
    assertEquals(usable("anthropic", true, name), false, name);
  }
});
