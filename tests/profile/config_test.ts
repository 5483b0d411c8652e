import {
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { parseConfig } from "../../lib/profile/config.ts";
import { CliError } from "../../lib/base/errors.ts";
import { shown } from "../support/fake_sys.ts";

const PATH = "/home/me/.rpai/config";

/** What to do about the line that a message names. */
function hintFor(message: string): string {
  const line = /at line (\d+)/.exec(message)?.[1];
  return `fix line ${line} of ${PATH}, or name another with --rpai-config PATH`;
}

async function refusal(text: string) {
  return shown(await assertRejects(() => parseConfig(text, PATH), CliError));
}

/** Nothing odd about a file. */
const PLAIN = { foreign: false, warnings: [] };

Deno.test("parseConfig() reads the documented file", async () => {
  const text = `current_profile: prod
profiles:
  prod:
    ai_gateway_url: https://aigw.abc.clusters.rdpa.co   # \`dataplane_url\` is read too
    auth_mode: device
    llm_provider: anthropic      # default for -L
    model: claude-sonnet-4-6     # default for -m
    description: production
  local:
    dataplane_url: http://127.0.0.1:8080
    auth_mode: none
`;
  assertEquals(await parseConfig(text, PATH), {
    ...PLAIN,
    path: PATH,
    currentProfile: "prod",
    profiles: [
      {
        name: "prod",
        gatewayUrl: "https://aigw.abc.clusters.rdpa.co",
        authMode: "device",
        provider: "anthropic",
        model: "claude-sonnet-4-6",
        description: "production",
      },
      { name: "local", gatewayUrl: "http://127.0.0.1:8080", authMode: "none" },
    ],
  });
});

Deno.test("parseConfig() prefers ai_gateway_url to dataplane_url", async () => {
  const text =
    "profiles:\n  a:\n    dataplane_url: https://old\n    ai_gateway_url: https://new\n";
  assertEquals(
    (await parseConfig(text, PATH)).profiles[0].gatewayUrl,
    "https://new",
  );
});

Deno.test("parseConfig() keeps every scalar the text it is", async () => {
  const text = `current_profile: 2026-01-01
profiles:
  2026-01-01: {model: 1e3, description: yes, llm_provider: 0x10}
  0123: {description: 12:30:45, model: 1.10}
`;
  assertEquals(await parseConfig(text, PATH), {
    ...PLAIN,
    path: PATH,
    currentProfile: "2026-01-01",
    profiles: [
      {
        name: "2026-01-01",
        model: "1e3",
        description: "yes",
        provider: "0x10",
      },
      { name: "0123", description: "12:30:45", model: "1.10" },
    ],
  });
});

Deno.test("parseConfig() ignores keys it does not know", async () => {
  const text = `future: [1, {a: b}]
profiles:
  a:
    relay_port: {first: 1}
    model: m
`;
  assertEquals((await parseConfig(text, PATH)).profiles, [{
    name: "a",
    model: "m",
  }]);
});

Deno.test("parseConfig() takes an empty value for a missing one", async () => {
  for (
    const text of [
      "",
      "\n",
      "# nothing\n",
      "profiles:\n",
      "profiles: {}\n",
      "---\n",
      "''\n",
    ]
  ) {
    assertEquals(
      await parseConfig(text, PATH),
      { ...PLAIN, path: PATH, profiles: [] },
      text,
    );
  }
  assertEquals(
    await parseConfig(
      "current_profile:\nprofiles:\n  a:\n  b:\n    model:\n    auth_mode: ''\n",
      PATH,
    ),
    { ...PLAIN, path: PATH, profiles: [{ name: "a" }, { name: "b" }] },
  );
});

Deno.test("parseConfig() reads Windows line ends", async () => {
  assertEquals(
    (await parseConfig("profiles:\r\n  a:\r\n    model: m\r\n", PATH)).profiles,
    [
      { name: "a", model: "m" },
    ],
  );
});

Deno.test("parseConfig() reads a profile's own issuer", async () => {
  const auth = async (block: string) =>
    (await parseConfig(`profiles: {a: {auth: ${block}}}`, PATH)).profiles;
  assertEquals(
    await auth(
      "{issuer: https://id, client_id: 0123, audience: a, organization: 1e3, x: y}",
    ),
    [{
      name: "a",
      auth: {
        issuer: "https://id",
        clientId: "0123",
        audience: "a",
        organization: "1e3",
      },
    }],
  );
  assertEquals(await auth("{client_id: c, issuer: }"), [
    { name: "a", auth: { clientId: "c" } },
  ]);
  for (const empty of ["", "''", "{}", "{issuer: ''}", "{unknown: x}"]) {
    assertEquals(await auth(empty), [{ name: "a" }], empty);
  }
});

Deno.test("parseConfig() knows the five auth modes", async () => {
  for (const mode of ["device", "rpk", "client_credentials", "token", "none"]) {
    const { profiles } = await parseConfig(
      `profiles: {a: {auth_mode: ${mode}}}`,
      PATH,
    );
    assertEquals<unknown>(profiles, [{ name: "a", authMode: mode }]);
  }
});

/** Shapes that are not understood: what, the file, the reason and its line. */
const SHAPE_ERRORS: [what: string, text: string, reason: string][] = [
  ["a list", "- a\n- b\n", "the file is not a mapping of keys at line 1"],
  ["a word", "just a word\n", "the file is not a mapping of keys at line 1"],
  [
    "current_profile as a mapping",
    "# c\n\ncurrent_profile:\n  a: b\nprofiles:\n",
    '"current_profile" is not a text at line 3',
  ],
  [
    "current_profile as a list",
    "profiles:\n  a:\n    model: m\ncurrent_profile: [a]\n",
    '"current_profile" is not a text at line 4',
  ],
  [
    "profiles as a list",
    "current_profile: a\nprofiles:\n  - name: a\n",
    '"profiles" is not a mapping of profile names at line 2',
  ],
  [
    "profiles as a word",
    "profiles: a\n",
    '"profiles" is not a mapping of profile names at line 1',
  ],
  [
    "a profile as a word",
    "profiles:\n  a:\n    model: m\n\n  # b\n  b: https://gw\n",
    '"profiles.b" is not a mapping of keys at line 6',
  ],
  [
    "a profile as a list",
    "profiles:\n  a:\n    - model\n",
    '"profiles.a" is not a mapping of keys at line 2',
  ],
  [
    "auth as a word",
    "profiles:\n  a:\n    model: m\n    auth: https://id\n",
    '"profiles.a.auth" is not a mapping of keys at line 4',
  ],
  [
    "an issuer as a list",
    "profiles:\n  a:\n    auth:\n      client_id: c\n      issuer: [x]\n",
    '"profiles.a.auth.issuer" is not a text at line 5',
  ],
  [
    "an unknown auth_mode",
    "profiles:\n  a:\n    auth_mode: rpk\n  b:\n    model: m\n    auth_mode: oauth\n",
    '"profiles.b.auth_mode" is not one of device, rpk, client_credentials, token, none at line 6',
  ],
  ...[
    "ai_gateway_url",
    "dataplane_url",
    "auth_mode",
    "llm_provider",
    "model",
    "description",
  ]
    .flatMap((key): [string, string, string][] => [
      [
        `${key} as a list`,
        `profiles:\n  a:\n    x: y\n    ${key}: [z]\n`,
        `"profiles.a.${key}" is not a text at line 4`,
      ],
      [
        `${key} as a mapping`,
        `profiles:\n  a:\n    x: y\n    ${key}:\n      z: z\n`,
        `"profiles.a.${key}" is not a text at line 4`,
      ],
    ]),
  [
    "a quoted name",
    `profiles:\n  "a b":\n    model: [z]\n`,
    '"profiles.a b.model" is not a text at line 3',
  ],
  [
    "a name in single quotes",
    `profiles:\n  'a': x\n`,
    '"profiles.a" is not a mapping of keys at line 2',
  ],
  [
    "Windows line ends",
    "profiles:\r\n  a:\r\n    model: [z]\r\n",
    '"profiles.a.model" is not a text at line 3',
  ],
  [
    "a mapping in braces",
    "# c\nprofiles: {a: {auth_mode: oauth}}\n",
    '"profiles.a.auth_mode" is not one of device, rpk, client_credentials, token, none at line 2',
  ],
  [
    "a profile in braces",
    "profiles:\n  a: {model: m}\n  b: {model: [z]}\n",
    '"profiles.b.model" is not a text at line 3',
  ],
  [
    "a name that another profile has for a key",
    "profiles:\n  a:\n    b: x\n  b:\n    model: [z]\n",
    '"profiles.b.model" is not a text at line 5',
  ],
  [
    "a name that stands in a text above",
    "profiles:\n  a:\n    description: |\n      b: the old one\n  b: [z]\n",
    '"profiles.b" is not a mapping of keys at line 5',
  ],
  [
    "a top-level name that a profile has for a key",
    "profiles:\n  a:\n    current_profile: x\ncurrent_profile: [z]\n",
    '"current_profile" is not a text at line 4',
  ],
];

for (const [what, text, reason] of SHAPE_ERRORS) {
  Deno.test(`parseConfig() refuses ${what}, naming the line`, async () => {
    assertEquals(await refusal(text), {
      code: "failure",
      message: `cannot read config ${PATH}: ${reason}`,
      hint: hintFor(reason),
    });
  });
}

/** What is no YAML at all: what, the file and the line of the parser's message. */
const SYNTAX_ERRORS: [what: string, text: string, line: number][] = [
  ["a repeated key", "profiles:\n  a:\n    model: x\n    model: y\n", 4],
  ["bad indentation", "profiles:\n  a: b\n    c: d\n", 3],
  ["a second document", "a: b\n---\nc: d\n", 2],
  ["an unknown alias", "profiles:\n  a: *b\n", 2],
];

for (const [what, text, line] of SYNTAX_ERRORS) {
  Deno.test(`parseConfig() refuses ${what}, naming the line`, async () => {
    const { code, message, hint } = await refusal(text);
    assertEquals([code, hint], ["failure", hintFor(message)]);
    assertStringIncludes(message, `cannot read config ${PATH}: `);
    assertFalse(message.endsWith(":"), message);
    assertMatch(message, new RegExp(`at line ${line}\\b`));
    assertFalse(message.includes("\n"), message);
  });
}

Deno.test("parseConfig() names a line for a bracket or quote without an end", async () => {
  for (
    const text of [
      "profiles: [a\n",
      'current_profile: "a\n',
      "profiles: {a: b\n",
    ]
  ) {
    assertMatch((await refusal(text)).message, /at line \d+/, text);
  }
});

Deno.test("parseConfig() does not repeat what the file holds", async () => {
  const { message } = await refusal(
    "profiles:\n  a:\n    token: hunter2secret\n    token: hunter2secret\n",
  );
  assertFalse(message.includes("hunter2secret"), message);
});

Deno.test("parseConfig() does not let __proto__ reach the prototype", async () => {
  const { profiles } = await parseConfig(
    "profiles:\n  __proto__:\n    model: m\n",
    PATH,
  );
  assertEquals(profiles, [{ name: "__proto__", model: "m" }]);
  assertEquals(({} as { model?: string }).model, undefined);
});

Deno.test("parseConfig() reads whether a profile uses the relay", async () => {
  const relayOf = async (text: string) => {
    const config = `profiles:\n  a:\n    relay: ${text}\n`;
    return (await parseConfig(config, "c")).profiles[0].relay;
  };
  assertEquals(
    await Promise.all(["true", "false", "''", '"true"'].map(relayOf)),
    [true, false, undefined, true],
  );
  for (const text of ["yes", "1", "[true]"]) {
    const error = await assertRejects(() => relayOf(text), CliError);
    assertStringIncludes(error.message, '"profiles.a.relay"');
    assertStringIncludes(error.message, "line 3");
  }
});

Deno.test("parseConfig() warns of a key that looks like one that is read, with its line", async () => {
  const text = `profiles:
  dev:
    ai_gateway_ulr: https://gw.example.com
    llmprovider: anthropic
    timeout: 30
    auth:
      isuer: https://issuer.example
profile: dev
`;
  const { warnings } = await parseConfig(text, PATH);
  const warning = (line: number, key: string, meant: string) =>
    `line ${line} of ${PATH}: nothing reads "${key}"; did you mean "${meant}"?`;
  assertEquals(warnings, [
    warning(8, "profile", "profiles"),
    warning(3, "ai_gateway_ulr", "ai_gateway_url"),
    warning(4, "llmprovider", "llm_provider"),
    warning(7, "isuer", "issuer"),
  ]);
});

Deno.test("parseConfig() takes a file without profiles for another program's", async () => {
  const foreign = async (text: string) =>
    (await parseConfig(text, PATH)).foreign;
  assertEquals(
    await foreign("current_environment: a\nenvironments: []\n"),
    true,
  );
  assertEquals(await foreign("current_profile: a\n"), true);
  assertEquals(await foreign("profiles: {}\n"), false);
  assertEquals(await foreign(""), false);
});

Deno.test("parseConfig() says that a tab cannot indent, and in which line", async () => {
  const error = await assertRejects(
    () => parseConfig("profiles:\n  a:\n\tmodel: m\n", PATH),
    CliError,
  );
  assertEquals(
    error.hint,
    `fix line 3 of ${PATH}, or name another with --rpai-config PATH`,
  );
  assertStringIncludes(error.message, "a tab cannot indent");
});
