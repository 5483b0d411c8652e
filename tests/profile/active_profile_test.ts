import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import { type Options, resolveOptions } from "../../lib/profile/options.ts";
import { readTarget, type Target } from "../../lib/profile/active_profile.ts";
import { gatewayUrl } from "../../lib/gateway/gateway_url.ts";
import { fakeSys, shown } from "../support/fake_sys.ts";

const PATH = "/home/me/.rpai/config";
const CONFIG = `current_profile: prod
profiles:
  prod:
    ai_gateway_url: https://gw.example.com/
  local:
    ai_gateway_url: http://gw.internal:8080
    auth_mode: none
`;

function options(more: Partial<Options> = {}): Options {
  return {
    ...resolveOptions({}, fakeSys({ env: { HOME: "/home/me" } })),
    ...more,
  };
}

type Files = Record<string, string | Error>;

function read(more: Partial<Options> = {}, files: Files = { [PATH]: CONFIG }) {
  return readTarget(options(more), fakeSys({ files }));
}

const NOBODY: Target = {
  profile: undefined,
  authMode: "device",
  authModeByDefault: true,
  warnings: [],
};

Deno.test("readTarget() takes the named profile, else the current one, else the only one", async () => {
  assertEquals(await read(), {
    ...NOBODY,
    profile: { name: "prod", gatewayUrl: "https://gw.example.com/" },
  });
  const { profile, authMode } = await read({ profile: "local" });
  assertEquals([profile?.name, authMode], ["local", "none"]);
  const only = await read({}, { [PATH]: "profiles: {a: {model: m}}" });
  assertEquals(only, { ...NOBODY, profile: { name: "a", model: "m" } });
  assertEquals(
    await read({}, { [PATH]: "profiles: {a: {model: m}, b: {}}" }),
    { ...NOBODY, unchosen: ["a", "b"] },
  );
  assertEquals(await read({}, { [PATH]: "profiles: {}" }), NOBODY);
});

Deno.test("readTarget() needs neither file nor home directory", async () => {
  assertEquals(await read({}, {}), NOBODY);
  assertEquals(await read({ configPath: undefined }, {}), NOBODY);
});

Deno.test("readTarget() takes a given auth mode before the profile's", async () => {
  const given = { value: "rpk", source: "--auth-mode" } as const;
  for (const profile of ["local", "prod"]) {
    const target = await read({ profile, authMode: given });
    assertEquals([target.authMode, target.authModeByDefault], [
      "rpk",
      undefined,
    ]);
  }
});

Deno.test("readTarget() takes a file without profiles for one of another program", async () => {
  const text = "current_profile:\n  name: a\nenvironments: []\n";
  assertEquals(await read({}, { [PATH]: text }), { ...NOBODY, foreign: true });
});

Deno.test("readTarget() refuses a profile that is not there, listing those that are", async () => {
  const error = await assertRejects(() => read({ profile: "prdo" }), CliError);
  assertEquals(error.exitCode, 4);
  assertEquals(shown(error), {
    code: "not_found",
    message: `profile "prdo" is not in ${PATH}`,
    hint: "profiles there: prod, local",
  });
  assertEquals(error.suggest, {
    word: "prdo",
    among: ["prod", "local"],
    show: "likely",
  });
});

const NONE_THERE = "there are no profiles; ai-claude profile add NAME " +
  "--ai-gateway-url URL, or give --rpai-endpoint URL without one";

/** What is wrong, the options, the files, and the error. */
const REFUSED: [
  what: string,
  options: Partial<Options>,
  files: Files,
  error: [code: string, message: string, hint: string],
][] = [
  ["a named profile without a file", { profile: "prod" }, {}, [
    "not_found",
    `profile "prod" is not in ${PATH}`,
    NONE_THERE,
  ]],
  [
    "a named profile without a home directory",
    { profile: "prod", configPath: undefined },
    {},
    [
      "not_found",
      'profile "prod" is not in ~/.rpai/config (HOME is not set)',
      NONE_THERE,
    ],
  ],
  [
    "a current profile that is not there",
    {},
    { [PATH]: "current_profile: gone\nprofiles: {a: }\n" },
    [
      "not_found",
      `profile "gone" is not in ${PATH}`,
      "ai-claude profile use NAME; profiles there: a",
    ],
  ],
  [
    "a config file that was named and is not there",
    { configPath: "/x", configNamed: true },
    {},
    [
      "failure",
      "cannot read config /x: no such file",
      "fix --rpai-config or RPAI_CONFIG, or make that file: ai-claude " +
      "profile add NAME --ai-gateway-url URL",
    ],
  ],
  [
    "a config file that cannot be read",
    {},
    { [PATH]: new Error("Permission denied (os error 13): open") },
    [
      "failure",
      `cannot read config ${PATH}: Permission denied (os error 13): open`,
      "check the file's permissions, or name another with --rpai-config",
    ],
  ],
  ["a malformed config file", {}, { [PATH]: "a: b\nprofiles: [x]\n" }, [
    "failure",
    `cannot read config ${PATH}: "profiles" is not a mapping of profile ` +
    "names at line 2",
    `fix line 2 of ${PATH}, or name another with --rpai-config PATH`,
  ]],
];

for (const [what, more, files, [code, message, hint]] of REFUSED) {
  Deno.test(`readTarget() refuses ${what}`, async () => {
    const error = await assertRejects(() => read(more, files), CliError);
    assertEquals<unknown>(shown(error), { code, message, hint });
  });
}

const NO_PROFILE: Target = { authMode: "device", warnings: [] };
const DEVICE: Target = { ...NO_PROFILE, profile: { name: "p" } };
const NONE: Target = { ...DEVICE, authMode: "none" };
const TOKEN = { value: "tok", source: "RPAI_TOKEN" };

function withUrl(gatewayUrl: string): Target {
  return { ...DEVICE, profile: { name: "p", gatewayUrl } };
}

function urlRefusal(options: Options, target: Target) {
  return shown(assertThrows(() => gatewayUrl(options, target), CliError));
}

Deno.test("gatewayUrl() takes the endpoint before the profile's", () => {
  const target = withUrl("https://profile.example.com");
  const endpoint = "https://flag.example.com/";
  for (const each of [target, NO_PROFILE]) {
    const url = gatewayUrl(options({ endpoint }), each);
    assertEquals(url, "https://flag.example.com");
  }
  assertEquals(gatewayUrl(options(), target), "https://profile.example.com");
});

Deno.test("gatewayUrl() refuses clear text when a token would be sent", () => {
  const endpoint = "http://gw.internal:8080";
  assertEquals(gatewayUrl(options({ endpoint }), NONE), endpoint);
  const cases: [Partial<Options>, Target, string][] = [
    [{ endpoint }, DEVICE, "--rpai-endpoint"],
    [{ endpoint, token: TOKEN }, NONE, "--rpai-endpoint"],
    [{}, withUrl(endpoint), "profile p"],
  ];
  for (const [more, target, from] of cases) {
    assertEquals(
      urlRefusal(options(more), target).message,
      `bad gateway URL "${endpoint}" (${from}): a token would travel in clear text`,
    );
  }
});

Deno.test("gatewayUrl() says what to do when there is none", () => {
  const like = "https://aigw.<cluster-id>.clusters.rdpa.co";
  const cases: [Target, reason: string, hint: string][] = [
    [
      NO_PROFILE,
      "there is no profile and no --rpai-endpoint",
      `ai-claude profile add NAME --ai-gateway-url ${like}; ` +
      "ai-claude auth login; ai-claude",
    ],
    [
      DEVICE,
      'profile "p" has no ai_gateway_url',
      `ai-claude profile set p ai_gateway_url=${like}`,
    ],
    [
      { ...NO_PROFILE, unchosen: ["a", "b"] },
      "no profile is the current one",
      "ai-claude profile use NAME; profiles: a, b",
    ],
    [
      { ...NO_PROFILE, foreign: true },
      `${PATH} is another program's, and there is no --rpai-endpoint`,
      "name a file of its own: set RPAI_CONFIG, then ai-claude profile " +
      `add NAME --ai-gateway-url ${like}`,
    ],
  ];
  for (const [target, reason, hint] of cases) {
    const message = `no AI gateway: ${reason}`;
    const error = urlRefusal(options(), target);
    assertEquals(error, { code: "usage", message, hint });
  }
});
