import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import type { JsonObject } from "../../lib/base/json_object.ts";
import type { Mode } from "../../lib/gateway/mode.ts";
import { type LaunchPlan, planLaunch } from "../../lib/launch/plan.ts";
import type { Provider } from "../../lib/gateway/provider.ts";
import {
  type Changes,
  fileOf as file,
  launchFacts,
  PROVIDER_URL as URL,
} from "../support/launch_facts.ts";

const MODES: Mode[] = ["managed", "passthrough", "bedrock"];
const HELPER =
  "/opt/ai-claude auth token --rpai-endpoint=https://gw.example.com";
const TOKEN = "gateway-token-1";
const RELAY = "http://127.0.0.1:4000/0123456789abcdef";

type Env = Record<string, string>;

function provider(mode: Mode, more: Partial<Provider> = {}): Provider {
  return {
    name: "main",
    type: mode === "bedrock" ? "bedrock" : "anthropic",
    enabled: true,
    passthrough: mode === "passthrough",
    models: [],
    ...more,
  };
}

function plan(mode: Mode, more: Changes = {}): LaunchPlan {
  const facts = launchFacts(mode, {
    provider: provider(mode),
    helper: HELPER,
    token: TOKEN,
    env: { PATH: "/usr/bin" },
    ...more,
  });
  return planLaunch(facts, facts.route.relay);
}

/** The variables of the caller's `--settings`, and what else is in them. */
function caller(env: Env, values: JsonObject = {}): Changes {
  return { callerSettings: { values, env } };
}

/** `env` of the overlay. */
function overlayEnv({ settings }: LaunchPlan): Env {
  return settings.env as Env;
}

/** What of `env` is not blank. */
function given(env: Env): Env {
  return Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== ""),
  );
}

/** Whether a variable is gone from the environment and blank in the overlay. */
function isScrubbed(plan: LaunchPlan, name: string): boolean {
  return !(name in plan.env) && overlayEnv(plan)[name] === "";
}

/** A test of each mode. */
function inEachMode(name: string, fn: (mode: Mode) => void): void {
  for (const mode of MODES) {
    Deno.test(`planLaunch() ${mode} ${name}`, () => fn(mode));
  }
}

Deno.test("planLaunch() sends Claude Code to the gateway, and sets nothing else", () => {
  const routing = {
    ANTHROPIC_BASE_URL: URL,
    CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK: "1",
  };
  const quiet = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" };
  const bedrock = {
    ANTHROPIC_BEDROCK_BASE_URL: URL,
    CLAUDE_CODE_USE_BEDROCK: "1",
    CLAUDE_CODE_SKIP_BEDROCK_AUTH: "1",
  };
  const header = {
    ANTHROPIC_CUSTOM_HEADERS: `X-Redpanda-Cloud-Token: ${TOKEN}`,
  };
  // In passthrough an empty helper erases one on disk.
  const cases: [Mode, overlay: Env, exported: Env, helper: string][] = [
    ["managed", routing, {}, HELPER],
    ["passthrough", { ...routing, ...quiet }, header, ""],
    ["bedrock", { ...routing, ...bedrock }, {}, HELPER],
  ];
  for (const [mode, overlay, exported, helper] of cases) {
    const planned = plan(mode);
    assertEquals(planned.env, { PATH: "/usr/bin", ...overlay, ...exported });
    assertEquals(given(overlayEnv(planned)), overlay);
    assertEquals(planned.settings.apiKeyHelper, helper);
    assertEquals([planned.mode, planned.provider, planned.model], [
      mode,
      "main",
      null,
    ]);
    assertEquals([planned.removed, planned.warnings], [[], []]);
  }
});

inEachMode("passes exactly one --settings, first and inline", (mode) => {
  const claudeArgs = "-p hi --model sonnet -- --settings".split(" ");
  const { args, settings, model } = plan(mode, {
    requestedModel: { id: "opus", from: "--model" },
    claudeArgs,
  });
  const own = ["--settings", JSON.stringify(settings), "--model", "opus"];
  assertEquals(args, [...own, ...claudeArgs]);
  assertEquals(model, "opus");
  assertEquals(plan(mode).args.length, 2, "no model, no --model");
});

inEachMode("keeps rivals out of the environment and blanks them", (mode) => {
  const rivals = [
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_FEDERATION_RULE_ID",
    "ANTHROPIC_VERTEX_BASE_URL",
    "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST",
    "CLAUDE_CODE_USE_FUTURE_CLOUD",
    "CLAUDE_CODE_USE_VERTEX",
  ];
  const hostile = Object.fromEntries(rivals.map((name) => [name, "rival"]));
  const places: Changes[] = [
    { env: { PATH: "/usr/bin", ...hostile } },
    caller(hostile),
    { files: [file("project", { env: hostile })] },
  ];
  for (const launch of places.map((place) => plan(mode, place))) {
    assertEquals(rivals.filter((name) => !isScrubbed(launch, name)), []);
    assertFalse(
      JSON.stringify([launch.env, launch.settings]).includes("rival"),
    );
  }
  const { removed } = plan(mode, { env: hostile });
  assertEquals(removed.map(({ name }) => name).sort(), rivals);
  assertEquals(removed.filter(({ why }) => why === ""), []);
});

inEachMode("beats every settings file on disk", (mode) => {
  const env = {
    ANTHROPIC_BASE_URL: "https://evil.example",
    ANTHROPIC_BEDROCK_BASE_URL: "https://evil.example",
    CLAUDE_CODE_USE_BEDROCK: "evil",
  };
  const files = (["local", "project", "user"] as const).map((scope) =>
    file(scope, { apiKeyHelper: "evil", env })
  );
  const launch = plan(mode, { files });
  assert("apiKeyHelper" in launch.settings);
  assertEquals(
    Object.keys(env).filter((name) => !(name in overlayEnv(launch))),
    [],
  );
  assertFalse(JSON.stringify(launch.settings).includes("evil"));
});

inEachMode("holds no secret in settings or arguments", (mode) => {
  const secret = (n: number) => `hunter2secret${n}`;
  for (const staticToken of [true, false]) {
    const { settings, args, warnings, removed } = plan(mode, {
      token: secret(0),
      staticToken,
      env: {
        RPAI_TOKEN: secret(1),
        RPAI_CLIENT_SECRET: secret(2),
        ANTHROPIC_API_KEY: secret(3),
        ANTHROPIC_CUSTOM_HEADERS: `Authorization: ${secret(4)}\nX-Team: ${
          secret(5)
        }`,
        AWS_SECRET_ACCESS_KEY: secret(6),
        CLAUDE_CODE_OAUTH_TOKEN: secret(7),
        HTTPS_PROXY: `http://user:${secret(8)}@proxy:3128`,
      },
      ...caller(
        { MY_KEY: secret(9), ANTHROPIC_AUTH_TOKEN: secret(10) },
        { model: "opus" },
      ),
      files: [
        file("user", {
          env: { ANTHROPIC_AUTH_TOKEN: secret(11), OTHER: secret(12) },
        }),
      ],
    });
    const shown = JSON.stringify([settings, args, warnings, removed]);
    assertFalse(shown.includes("hunter2secret"), shown);
  }
});

inEachMode("merges the caller's settings under the overlay", (mode) => {
  const values = {
    hooks: { PreToolUse: [{ matcher: "Bash", hooks: [] }] },
    permissions: { allow: ["Read"], deny: ["WebFetch"] },
    model: "opus",
  };
  const { settings, warnings } = plan(
    mode,
    caller(
      { ANTHROPIC_BASE_URL: "https://mine.example", MY_OWN: "1" },
      { apiKeyHelper: "my-helper", ...values },
    ),
  );
  const { apiKeyHelper, env: _, ...rest } = settings;
  assertEquals(apiKeyHelper, mode === "passthrough" ? "" : HELPER);
  assertEquals(rest, values);
  assertEquals(warnings, [
    "--settings: apiKeyHelper, env.ANTHROPIC_BASE_URL ignored: the launch decides routing",
  ]);
});

inEachMode("moves the caller's env to the environment", (mode) => {
  const launch = plan(mode, {
    env: { PATH: "/usr/bin", MY_OWN: "before" },
    ...caller({ MY_OWN: "after", MY_NEW: "new" }),
  });
  const { MY_OWN, MY_NEW, PATH } = launch.env;
  assertEquals([MY_OWN, MY_NEW, PATH], ["after", "new", "/usr/bin"]);
  assertFalse("MY_OWN" in overlayEnv(launch));
  assertFalse("MY_NEW" in overlayEnv(launch));
  assertEquals(launch.warnings, []);
});

inEachMode(
  "warns when a file beats the caller's env, and not the launch",
  (mode) => {
    const warnings = (own: Env, theirs: Env) =>
      plan(mode, { ...caller(own), files: [file("user", { env: theirs })] })
        .warnings;
    assertEquals(
      warnings({ MY_OWN: "caller", MY_NEW: "new" }, { MY_OWN: "file" }),
      [
        "--settings: env.MY_OWN is also set in /user.json, which wins: these values " +
        "travel in the environment, not in argv",
      ],
    );
    const name = "ANTHROPIC_BASE_URL";
    assertEquals(warnings({ [name]: "http://a" }, { [name]: "http://b" }), [
      `/user.json: env.${name} ignored: the launch decides routing`,
      `--settings: env.${name} ignored: the launch decides routing`,
    ]);
  },
);

inEachMode("keeps what belongs to the user", (mode) => {
  const own: Env = {
    PATH: "/usr/bin",
    HTTPS_PROXY: "http://proxy:3128",
    NODE_EXTRA_CA_CERTS: "/ca.pem",
    AWS_PROFILE: "work",
    AWS_REGION: "us-west-2",
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://otel.example",
    CLAUDE_CONFIG_DIR: "/my/claude",
    RPAI_PROFILE: "prod",
    LANG: "C",
  };
  const { env, removed } = plan(mode, { env: own });
  assertEquals({ ...env, ...own }, env);
  assertEquals(removed, []);
});

inEachMode("keeps the user's custom headers and drops credentials", (mode) => {
  const own = mode === "passthrough" ? `X-Redpanda-Cloud-Token: ${TOKEN}` : "";
  const headers = "X-Team: a\nauthorization: x\nX-API-Key: y\n" +
    "x-redpanda-cloud-token: z\nX-Trace: b";
  const { env, warnings } = plan(mode, {
    env: { ANTHROPIC_CUSTOM_HEADERS: headers },
  });
  assertEquals(
    env.ANTHROPIC_CUSTOM_HEADERS,
    `X-Team: a\nX-Trace: b\n${own}`.trim(),
  );
  assertEquals(warnings, [
    "ANTHROPIC_CUSTOM_HEADERS: dropped authorization, x-api-key, " +
    "x-redpanda-cloud-token: the launch decides the credentials",
  ]);
  const bare = plan(mode, {
    env: { ANTHROPIC_CUSTOM_HEADERS: "Authorization: x" },
  });
  assertEquals(bare.env.ANTHROPIC_CUSTOM_HEADERS, own || undefined);
  assertEquals(
    bare.removed.map(({ why }) => why),
    own === "" ? ["it held nothing but credentials"] : [],
  );
});

inEachMode("leaves its input alone", (mode) => {
  const input = {
    env: { ANTHROPIC_API_KEY: "k", PATH: "/bin" },
    ...caller({ A: "1" }, { permissions: { allow: ["Read"] } }),
    files: [file("user", { env: { ANTHROPIC_API_KEY: "k" } })],
  };
  const before = structuredClone(input);
  plan(mode, input);
  assertEquals(input, before);
});

inEachMode("treats names without case on Windows", (mode) => {
  const launch = plan(mode, {
    platform: "windows",
    staticToken: true,
    env: {
      Path: "C:\\bin",
      anthropic_api_key: "rival",
      Anthropic_Base_Url: "https://rival.example",
      Anthropic_Custom_Headers: "X-Team: a\nX-Api-Key: rival",
      Claude_Code_Use_Vertex: "1",
      Rpai_Token: "rival",
    },
  });
  const upper = Object.keys(launch.env).map((name) => name.toUpperCase());
  assertEquals(upper.length, new Set(upper).size);
  assertFalse(JSON.stringify(launch.env).includes("rival"));
  assertEquals(launch.env.PATH, "C:\\bin");
  assert(launch.env.ANTHROPIC_CUSTOM_HEADERS.startsWith("X-Team: a"));
  assertEquals(overlayEnv(launch).ANTHROPIC_API_KEY, "");
});

inEachMode("takes this program's credentials from the session", (mode) => {
  const credentials = {
    RPAI_TOKEN: "t",
    RPAI_CLIENT_ID: "i",
    RPAI_CLIENT_SECRET: "s",
    RPAI_CLIENT_SECRET_FILE: "/f",
  };
  const { env, removed } = plan(mode, {
    env: { ...credentials, RPAI_PROFILE: "p" },
  });
  const left = Object.keys(env).filter((name) => name.startsWith("RPAI_"));
  assertEquals(left, ["RPAI_PROFILE"]);
  assertEquals(removed.map(({ name }) => name), Object.keys(credentials));
});

inEachMode("works without the provider's record", (mode) => {
  const { provider, env } = plan(mode, { provider: undefined });
  assertEquals(provider, "main");
  assert(Object.values(env).includes(URL));
});

Deno.test("planLaunch() passthrough refuses bare mode, which files cannot turn on", () => {
  const simple = { CLAUDE_CODE_SIMPLE: "1" };
  for (const more of [{ env: simple }, { claudeArgs: ["--bare"] }]) {
    const error = assertThrows(() => plan("passthrough", more), CliError);
    assertEquals(error.code, "refused");
  }
  const launch = plan("passthrough", {
    ...caller(simple),
    files: [file("project", { env: simple })],
  });
  assert(isScrubbed(launch, "CLAUDE_CODE_SIMPLE"));
});

Deno.test("planLaunch() takes the region from the provider unless the user set one", () => {
  const record = provider("bedrock", { region: "eu-west-1" });
  const region = (mode: Mode, env: Env) =>
    plan(mode, { provider: record, env }).env.AWS_REGION;
  assertEquals(region("bedrock", {}), "eu-west-1");
  assertEquals(region("bedrock", { AWS_REGION: "" }), "eu-west-1");
  assertEquals(region("bedrock", { AWS_REGION: "us-east-1" }), "us-east-1");
  assertEquals(region("managed", {}), undefined);
});

const ALLOWED = ["claude-sonnet-4-6", "claude-haiku-4-5"];
const PINS = [
  "ANTHROPIC_DEFAULT_OPUS_MODEL",
  "ANTHROPIC_DEFAULT_SONNET_MODEL",
  "ANTHROPIC_DEFAULT_HAIKU_MODEL",
];

function limited(mode: Mode, more: Changes = {}): LaunchPlan {
  return plan(mode, { provider: provider(mode, { models: ALLOWED }), ...more });
}

inEachMode("pins models in the environment and the overlay", (mode) => {
  const [sonnet, haiku] = ALLOWED;
  const launch = limited(mode);
  for (const env of [launch.env, overlayEnv(launch)]) {
    assertEquals(PINS.map((name) => env[name]), [sonnet, sonnet, haiku]);
  }
});

inEachMode("leaves pins alone that the user set anywhere", (mode) => {
  const [name] = PINS;
  const pin = { [name]: "claude-haiku-4-5" };
  const cases: [Changes, string | undefined][] = [
    [{ env: pin }, "claude-haiku-4-5"],
    [caller(pin), "claude-haiku-4-5"],
    [{ files: [file("user", { env: pin })] }, undefined],
  ];
  for (const [more, inEnv] of cases) {
    const launch = limited(mode, more);
    assertEquals(launch.env[name], inEnv);
    assertFalse(name in overlayEnv(launch));
    assertEquals(launch.warnings, []);
  }
});

inEachMode(
  "asks for no model that is not allowed, whoever chose it",
  (mode) => {
    const model = "claude-opus-5-5";
    const env = { ANTHROPIC_MODEL: model };
    const cases: [Changes, string][] = [
      [{ env }, "ANTHROPIC_MODEL"],
      [caller(env), "ANTHROPIC_MODEL"],
      [
        { files: [file("project", { env })] },
        "env.ANTHROPIC_MODEL in /project.json",
      ],
      [{ files: [file("user", { model })] }, '"model" in /user.json'],
    ];
    for (const [more, from] of cases) {
      const launch = limited(mode, more);
      for (const each of [launch.env, overlayEnv(launch)]) {
        assert(ALLOWED.includes(each.ANTHROPIC_MODEL), each.ANTHROPIC_MODEL);
      }
      assertEquals(launch.warnings.length, 1);
      assertStringIncludes(launch.warnings[0], `model "${model}" (${from})`);
    }
    const named = limited(mode, { files: [file("user", { model: "haiku" })] });
    assertEquals(named.warnings, []);
  },
);

Deno.test("planLaunch() refuses a model that is not allowed before Claude starts", () => {
  for (
    const more of [
      { requestedModel: { id: "claude-opus-5-5", from: "--model" } },
      { claudeArgs: ["-p", "--model", "claude-opus-5-5"] },
      { claudeArgs: ["--model=claude-opus-5-5"] },
    ]
  ) {
    const error = assertThrows(() => limited("managed", more), CliError);
    assertEquals(error.code, "usage");
  }
});

Deno.test("planLaunch() pins Bedrock models of the region, the user's before the provider's", () => {
  const models = ["us", "eu"].map((area) =>
    `${area}.anthropic.claude-sonnet-4-6`
  );
  const pin = (region: string, env = {}) =>
    plan("bedrock", { provider: provider("bedrock", { models, region }), env })
      .env.ANTHROPIC_DEFAULT_SONNET_MODEL;
  assertEquals(pin("us-east-1"), models[0]);
  assertEquals(pin("eu-west-1"), models[1]);
  assertEquals(pin("eu-west-1", { AWS_REGION: "us-east-1" }), models[0]);
});

inEachMode("with the relay keeps every token out of the plan", (mode) => {
  const planned = plan(mode, {
    relayUrl: RELAY,
    staticToken: true,
    env: {
      PATH: "/usr/bin",
      RPAI_TOKEN: TOKEN,
      RPAI_CLIENT_SECRET: "client-secret",
      ANTHROPIC_CUSTOM_HEADERS: "X-Team: a\nX-Redpanda-Cloud-Token: old",
    },
  });
  const text = JSON.stringify([planned.env, planned.args, planned.settings]);
  // Nor the gateway's own address, nor the helper that prints the token.
  for (const word of [TOKEN, "client-secret", "old", HELPER, URL]) {
    assertFalse(text.includes(word), word);
  }
  const overlay = overlayEnv(planned);
  const { env, settings } = planned;
  assertEquals(env.ANTHROPIC_CUSTOM_HEADERS, "X-Team: a");
  assertEquals([env.ANTHROPIC_BASE_URL, overlay.ANTHROPIC_BASE_URL], [
    RELAY,
    RELAY,
  ]);
  assertEquals(
    overlay.ANTHROPIC_BEDROCK_BASE_URL,
    mode === "bedrock" ? RELAY : "",
  );
  assertEquals(
    settings.apiKeyHelper,
    mode === "passthrough" ? "" : "echo ai-claude-relay",
  );
  assert(isScrubbed(planned, "ANTHROPIC_AUTH_TOKEN"));
});

inEachMode(
  "with the relay leaves nonessential traffic as the user has it",
  (mode) => {
    const name = "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC";
    for (const env of [{}, { [name]: "1" }] as Env[]) {
      const planned = plan(mode, { relayUrl: RELAY, env });
      assertEquals(planned.env[name], env[name]);
      assertFalse(name in overlayEnv(planned));
    }
  },
);
