import {
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { parseConfig, type Profile } from "../../lib/profile/config.ts";
import { CliError } from "../../lib/base/errors.ts";
import { shown } from "../support/fake_sys.ts";

const PATH = "/home/me/.rpai/config";

async function refusal(text: string) {
  return shown(await assertRejects(() => parseConfig(text, PATH), CliError));
}

/** What to do about the line that a message names. */
function hintFor(message: string): string {
  const line = /at line (\d+)/.exec(message)?.[1];
  return `fix line ${line} of ${PATH}, or name another with --rpai-config PATH`;
}

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
    foreign: false,
    warnings: [],
  });
});

/** What is read, the file, and its profiles. */
const FILES: [what: string, text: string, profiles: Profile[]][] = [
  [
    "ai_gateway_url before dataplane_url",
    "profiles:\n  a:\n    dataplane_url: https://old\n    ai_gateway_url: https://new\n",
    [{ name: "a", gatewayUrl: "https://new" }],
  ],
  [
    "every scalar as the text it is",
    `profiles:
  2026-01-01: {model: 1e3, description: yes, llm_provider: 0x10}
  0123: {description: 12:30:45, model: 1.10}
`,
    [
      {
        name: "2026-01-01",
        model: "1e3",
        description: "yes",
        provider: "0x10",
      },
      { name: "0123", description: "12:30:45", model: "1.10" },
    ],
  ],
  [
    "past keys it does not know",
    "future: [1, {a: b}]\nprofiles: {a: {relay_port: {first: 1}, model: m}}\n",
    [{ name: "a", model: "m" }],
  ],
  [
    "an empty value as a missing one",
    "current_profile:\nprofiles:\n  a:\n  b:\n    model:\n    auth_mode: ''\n",
    [{ name: "a" }, { name: "b" }],
  ],
  [
    "Windows line ends",
    "profiles:\r\n  a:\r\n    model: m\r\n",
    [{ name: "a", model: "m" }],
  ],
  [
    "a profile's own issuer",
    "profiles: {a: {auth: {issuer: https://id, client_id: 0123, " +
    "audience: a, organization: 1e3, x: y}}}",
    [{
      name: "a",
      auth: {
        issuer: "https://id",
        clientId: "0123",
        audience: "a",
        organization: "1e3",
      },
    }],
  ],
  [
    "an issuer that is the built-in one",
    "profiles: {a: {auth: {client_id: c, issuer: }}}",
    [{ name: "a", auth: { clientId: "c" } }],
  ],
  ...["", "''", "{}", "{issuer: ''}", "{unknown: x}"].map((
    block,
  ): [string, string, Profile[]] => [
    `no issuer in ${block || "nothing"}`,
    `profiles: {a: {auth: ${block}}}`,
    [{ name: "a" }],
  ]),
  ...(["device", "rpk", "client_credentials", "token", "none"] as const).map((
    authMode,
  ): [string, string, Profile[]] => [
    `auth mode ${authMode}`,
    `profiles: {a: {auth_mode: ${authMode}}}`,
    [{ name: "a", authMode }],
  ]),
  [
    "whether a profile uses the relay, or is quiet",
    `profiles: {a: {relay: true}, b: {relay: false}, c: {relay: ''}, d: {quiet: "true"}}`,
    [
      { name: "a", relay: true },
      { name: "b", relay: false },
      { name: "c" },
      { name: "d", quiet: true },
    ],
  ],
  [
    "no key into a prototype",
    "profiles:\n  __proto__:\n    model: m\n",
    [{ name: "__proto__", model: "m" }],
  ],
];

for (const [what, text, profiles] of FILES) {
  Deno.test(`parseConfig() reads ${what}`, async () => {
    const config = await parseConfig(text, PATH);
    assertEquals(config.profiles, profiles);
    assertEquals([config.foreign, config.warnings], [false, []]);
    assertEquals(({} as { model?: string }).model, undefined);
  });
}

Deno.test("parseConfig() takes an empty file for one without profiles", async () => {
  const nothing = ["", "\n", "# nothing\n", "---\n", "''\n"];
  for (const text of [...nothing, "profiles:\n", "profiles: {}\n"]) {
    assertEquals(
      await parseConfig(text, PATH),
      { path: PATH, profiles: [], foreign: false, warnings: [] },
      text,
    );
  }
});

Deno.test("parseConfig() takes a file without profiles for another program's", async () => {
  const others = [
    "current_environment: a\nenvironments: []\n",
    "current_profile: a\n",
  ];
  for (const text of others) {
    assertEquals((await parseConfig(text, PATH)).foreign, true, text);
  }
});

const MODES = "one of device, rpk, client_credentials, token, none";

/** Files whose shape is not understood: the file, the reason and its line. */
const SHAPE_ERRORS: [text: string, reason: string][] = [
  ["- a\n- b\n", "the file is not a mapping of keys at line 1"],
  ["just a word\n", "the file is not a mapping of keys at line 1"],
  [
    "# c\n\ncurrent_profile:\n  a: b\nprofiles:\n",
    '"current_profile" is not a text at line 3',
  ],
  [
    "profiles:\n  a:\n    current_profile: x\ncurrent_profile: [z]\n",
    '"current_profile" is not a text at line 4',
  ],
  [
    "current_profile: a\nprofiles:\n  - name: a\n",
    '"profiles" is not a mapping of profile names at line 2',
  ],
  ["profiles: a\n", '"profiles" is not a mapping of profile names at line 1'],
  [
    "profiles:\n  a:\n    model: m\n\n  # b\n  b: https://gw\n",
    '"profiles.b" is not a mapping of keys at line 6',
  ],
  [
    "profiles:\n  a:\n    - model\n",
    '"profiles.a" is not a mapping of keys at line 2',
  ],
  ["profiles:\n  'a': x\n", '"profiles.a" is not a mapping of keys at line 2'],
  [
    "profiles:\n  a:\n    model: m\n    auth: https://id\n",
    '"profiles.a.auth" is not a mapping of keys at line 4',
  ],
  [
    "profiles:\n  a:\n    auth:\n      client_id: c\n      issuer: [x]\n",
    '"profiles.a.auth.issuer" is not a text at line 5',
  ],
  [
    "profiles:\n  a:\n    auth_mode: rpk\n  b:\n    model: m\n    auth_mode: oauth\n",
    `"profiles.b.auth_mode" is not ${MODES} at line 6`,
  ],
  [
    "# c\nprofiles: {a: {auth_mode: oauth}}\n",
    `"profiles.a.auth_mode" is not ${MODES} at line 2`,
  ],
  ...["yes", "1"].map((value): [string, string] => [
    `profiles:\n  a:\n    relay: ${value}\n`,
    '"profiles.a.relay" is not true or false at line 3',
  ]),
  ...[
    ...["ai_gateway_url", "dataplane_url", "auth_mode", "llm_provider"],
    ...["model", "description", "relay"],
  ].flatMap((key) =>
    [" [z]", "\n      z: z"].map((value): [string, string] => [
      `profiles:\n  a:\n    x: y\n    ${key}:${value}\n`,
      `"profiles.a.${key}" is not a text at line 4`,
    ])
  ),
  [
    `profiles:\n  "a b":\n    model: [z]\n`,
    '"profiles.a b.model" is not a text at line 3',
  ],
  [
    "profiles:\r\n  a:\r\n    model: [z]\r\n",
    '"profiles.a.model" is not a text at line 3',
  ],
  [
    "profiles:\n  a: {model: m}\n  b: {model: [z]}\n",
    '"profiles.b.model" is not a text at line 3',
  ],
  // The name stands elsewhere too: as a key of another, or in a text.
  [
    "profiles:\n  a:\n    b: x\n  b:\n    model: [z]\n",
    '"profiles.b.model" is not a text at line 5',
  ],
  [
    "profiles:\n  a:\n    description: |\n      b: the old one\n  b: [z]\n",
    '"profiles.b" is not a mapping of keys at line 5',
  ],
  ["profiles:\n  a:\n\tmodel: m\n", "a tab cannot indent at line 3"],
];

for (const [text, reason] of SHAPE_ERRORS) {
  Deno.test(`parseConfig() refuses ${JSON.stringify(text)}, naming the line`, async () => {
    assertEquals(await refusal(text), {
      code: "failure",
      message: `cannot read config ${PATH}: ${reason}`,
      hint: hintFor(reason),
    });
  });
}

/** What is no YAML at all: what, the file and the line of the parser's message. */
const SYNTAX_ERRORS: [what: string, text: string, line: number | string][] = [
  ["a repeated key", "profiles:\n  a:\n    model: x\n    model: y\n", 4],
  ["bad indentation", "profiles:\n  a: b\n    c: d\n", 3],
  ["a second document", "a: b\n---\nc: d\n", 2],
  ["an unknown alias", "profiles:\n  a: *b\n", 2],
  ["an open bracket", "profiles: [a\n", "\\d+"],
  ["an open quote", 'current_profile: "a\n', "\\d+"],
  ["an open brace", "profiles: {a: b\n", "\\d+"],
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

Deno.test("parseConfig() does not repeat what the file holds", async () => {
  const { message } = await refusal(
    "profiles:\n  a:\n    token: hunter2secret\n    token: hunter2secret\n",
  );
  assertFalse(message.includes("hunter2secret"), message);
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
  // Also where it may be another program's.
  assertEquals((await parseConfig("curent_profile: a\n", PATH)).warnings, [
    warning(1, "curent_profile", "current_profile"),
  ]);
});
