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
const VIA_HELPER: Mode[] = ["managed", "bedrock"];
const HELPER =
  "/opt/ai-claude auth token --rpai-endpoint=https://gw.example.com";
const TOKEN = "gateway-token-1";

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

/** `env` of the overlay. */
function overlayEnv({ settings }: LaunchPlan): Record<string, string> {
  return settings.env as Record<string, string>;
}

/** What of `env` is not blank. */
function given(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== ""),
  );
}

/** Whether a variable is gone from the environment and blank in the overlay. */
function isScrubbed(plan: LaunchPlan, name: string): boolean {
  return !(name in plan.env) && overlayEnv(plan)[name] === "";
}

Deno.test("planLaunch() managed sends Claude Code to the gateway with the helper", () => {
  const managed = plan("managed");
  const routing = {
    ANTHROPIC_BASE_URL: URL,
    CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK: "1",
  };
  assertEquals(managed.env, { PATH: "/usr/bin", ...routing });
  assertEquals(given(overlayEnv(managed)), routing);
  assertEquals(managed.settings.apiKeyHelper, HELPER);
  assertEquals([managed.mode, managed.provider, managed.model], [
    "managed",
    "main",
    null,
  ]);
  assertEquals([managed.removed, managed.warnings], [[], []]);
});

Deno.test("planLaunch() passthrough adds the header and no helper", () => {
  const passthrough = plan("passthrough");
  const routing = {
    ANTHROPIC_BASE_URL: URL,
    CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  };
  assertEquals(passthrough.env, {
    PATH: "/usr/bin",
    ...routing,
    ANTHROPIC_CUSTOM_HEADERS: `X-Redpanda-Cloud-Token: ${TOKEN}`,
  });
  assertEquals(given(overlayEnv(passthrough)), routing);
  assertEquals(passthrough.settings.apiKeyHelper, "");
});

Deno.test("planLaunch() Bedrock uses Claude Code's own Bedrock mode at the gateway", () => {
  const bedrock = plan("bedrock", {
    provider: provider("bedrock", { region: "eu-west-1" }),
  });
  for (const env of [bedrock.env, overlayEnv(bedrock)]) {
    assertEquals(env.CLAUDE_CODE_USE_BEDROCK, "1");
    assertEquals(env.CLAUDE_CODE_SKIP_BEDROCK_AUTH, "1");
    assertEquals(env.ANTHROPIC_BEDROCK_BASE_URL, URL);
    assertEquals(env.CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK, "1");
  }
  assertEquals(bedrock.settings.apiKeyHelper, HELPER);
  assertEquals(bedrock.env.AWS_REGION, "eu-west-1");
  assertEquals(
    Object.keys(bedrock.env).filter((name) => /^AWS_(?!REGION)/.test(name)),
    [],
  );
});

for (const mode of MODES) {
  Deno.test(`planLaunch() ${mode} passes exactly one --settings, first and inline`, () => {
    const { args, settings } = plan(mode, {
      requestedModel: { id: "opus", from: "--model" },
      claudeArgs: ["-p", "hi", "--model", "sonnet", "--", "--settings"],
    });
    assertEquals(args, [
      "--settings",
      JSON.stringify(settings),
      "--model",
      "opus",
      "-p",
      "hi",
      "--model",
      "sonnet",
      "--",
      "--settings",
    ]);
  });

  Deno.test(`planLaunch() ${mode} sends nothing anywhere but to the gateway`, () => {
    const { env, settings } = plan(mode);
    const urls = [env, settings.env as Record<string, string>]
      .flatMap((each) => Object.entries(each))
      .filter(([name, value]) => /_(?:BASE_)?URL$/.test(name) && value !== "");
    assert(urls.length >= 2, "set in the environment and in the overlay");
    assertEquals(urls.filter(([, value]) => value !== URL), []);
  });

  Deno.test(`planLaunch() ${mode} keeps rivals out of the environment and blanks them`, () => {
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
    for (
      const launch of [
        plan(mode, { env: { PATH: "/usr/bin", ...hostile } }),
        plan(mode, { callerSettings: { values: {}, env: hostile } }),
        plan(mode, { files: [file("project", { env: hostile })] }),
      ]
    ) {
      assertEquals(rivals.filter((name) => !isScrubbed(launch, name)), []);
      assertFalse(
        JSON.stringify([launch.env, launch.settings]).includes("rival"),
      );
    }
    const { removed } = plan(mode, { env: hostile });
    assertEquals(removed.map(({ name }) => name).sort(), rivals);
    assertEquals(removed.filter(({ why }) => why === ""), []);
  });

  Deno.test(`planLaunch() ${mode} beats every settings file on disk`, () => {
    const hostile = {
      apiKeyHelper: "evil",
      env: {
        ANTHROPIC_BASE_URL: "https://evil.example",
        ANTHROPIC_BEDROCK_BASE_URL: "https://evil.example",
        CLAUDE_CODE_USE_BEDROCK: "evil",
      },
    };
    const files = (["local", "project", "user"] as const).map((scope) =>
      file(scope, hostile)
    );
    const { settings } = plan(mode, { files });
    const env = settings.env as Record<string, string>;
    assertEquals("apiKeyHelper" in settings, true);
    assertEquals(Object.keys(hostile.env).filter((name) => !(name in env)), []);
    assertFalse(JSON.stringify(settings).includes("evil"));
  });

  Deno.test(`planLaunch() ${mode} holds no secret in settings or arguments`, () => {
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
        callerSettings: {
          values: { model: "opus" },
          env: { MY_KEY: secret(9), ANTHROPIC_AUTH_TOKEN: secret(10) },
        },
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

  Deno.test(`planLaunch() ${mode} merges the caller's settings under the overlay`, () => {
    const hooks = { PreToolUse: [{ matcher: "Bash", hooks: [] }] };
    const { settings, warnings } = plan(mode, {
      callerSettings: {
        values: {
          apiKeyHelper: "my-helper",
          hooks,
          permissions: { allow: ["Read"], deny: ["WebFetch"] },
          model: "opus",
        },
        env: { ANTHROPIC_BASE_URL: "https://mine.example", MY_OWN: "1" },
      },
    });
    const { apiKeyHelper, env: _, ...rest } = settings;
    assertEquals(apiKeyHelper, mode === "passthrough" ? "" : HELPER);
    assertEquals(rest, {
      hooks,
      permissions: { allow: ["Read"], deny: ["WebFetch"] },
      model: "opus",
    });
    assertEquals(warnings, [
      "--settings: apiKeyHelper, env.ANTHROPIC_BASE_URL ignored: the launch decides routing",
    ]);
  });

  Deno.test(`planLaunch() ${mode} moves the caller's env to the environment`, () => {
    const { env, settings, warnings } = plan(mode, {
      env: { PATH: "/usr/bin", MY_OWN: "before" },
      callerSettings: { values: {}, env: { MY_OWN: "after", MY_NEW: "new" } },
    });
    assertEquals([env.MY_OWN, env.MY_NEW, env.PATH], [
      "after",
      "new",
      "/usr/bin",
    ]);
    assertEquals(
      Object.keys(settings.env as JsonObject).filter((name) =>
        /^MY_/.test(name)
      ),
      [],
    );
    assertEquals(warnings, []);
  });

  Deno.test(`planLaunch() ${mode} warns when a file beats the caller's env`, () => {
    const { warnings } = plan(mode, {
      callerSettings: { values: {}, env: { MY_OWN: "caller", MY_NEW: "new" } },
      files: [file("user", { env: { MY_OWN: "file" } })],
    });
    assertEquals(warnings, [
      "--settings: env.MY_OWN is also set in /user.json, which wins: these values " +
      "travel in the environment, not in argv",
    ]);
  });

  Deno.test(`planLaunch() ${mode} does not call a file the winner where the launch is`, () => {
    const own = { env: { ANTHROPIC_BASE_URL: "http://b" } };
    const { warnings } = plan(mode, {
      callerSettings: { values: {}, env: { ANTHROPIC_BASE_URL: "http://a" } },
      files: [file("user", own)],
    });
    assertEquals(warnings, [
      "/user.json: env.ANTHROPIC_BASE_URL ignored: the launch decides routing",
      "--settings: env.ANTHROPIC_BASE_URL ignored: the launch decides routing",
    ]);
  });

  Deno.test(`planLaunch() ${mode} keeps what belongs to the user`, () => {
    const own = {
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
    for (const [name, value] of Object.entries(own)) {
      assertEquals(env[name], value, name);
    }
    assertEquals(removed, []);
  });

  Deno.test(`planLaunch() ${mode} runs against --claude-config-dir`, () => {
    const { env } = plan(mode, {
      env: { CLAUDE_CONFIG_DIR: "/mine" },
      claudeConfigDir: "/other",
    });
    assertEquals(env.CLAUDE_CONFIG_DIR, "/other");
  });

  Deno.test(`planLaunch() ${mode} keeps the user's custom headers and drops credentials`, () => {
    const { env, warnings } = plan(mode, {
      env: {
        ANTHROPIC_CUSTOM_HEADERS:
          "X-Team: a\nauthorization: x\nX-API-Key: y\n" +
          "x-redpanda-cloud-token: z\nX-Trace: b",
      },
    });
    assertEquals(
      env.ANTHROPIC_CUSTOM_HEADERS,
      "X-Team: a\nX-Trace: b" +
        (mode === "passthrough" ? `\nX-Redpanda-Cloud-Token: ${TOKEN}` : ""),
    );
    assertEquals(warnings, [
      "ANTHROPIC_CUSTOM_HEADERS: dropped authorization, x-api-key, " +
      "x-redpanda-cloud-token: the launch decides the credentials",
    ]);
  });

  Deno.test(`planLaunch() ${mode} leaves its input alone`, () => {
    const input = {
      env: { ANTHROPIC_API_KEY: "k", PATH: "/bin" },
      callerSettings: {
        values: { permissions: { allow: ["Read"] } },
        env: { A: "1" },
      },
      files: [file("user", { env: { ANTHROPIC_API_KEY: "k" } })],
    };
    const before = structuredClone(input);
    plan(mode, input);
    assertEquals(input, before);
  });

  Deno.test(`planLaunch() ${mode} refuses what it cannot override`, () => {
    const error = assertThrows(
      () => plan(mode, { files: [file("policy", { apiKeyHelper: "theirs" })] }),
      CliError,
    );
    assertEquals(error.code, "refused");
  });

  Deno.test(`planLaunch() ${mode} treats names without case on Windows`, () => {
    const launch = plan(mode, {
      platform: "windows",
      env: {
        Path: "C:\\bin",
        anthropic_api_key: "rival",
        Anthropic_Base_Url: "https://evil.example",
        Claude_Code_Use_Vertex: "1",
      },
    });
    const upper = Object.keys(launch.env).map((name) => name.toUpperCase());
    assertEquals(
      upper.filter((name, index) => upper.indexOf(name) !== index),
      [],
    );
    assertFalse(JSON.stringify(launch.env).includes("rival"));
    assertFalse(JSON.stringify(launch.env).includes("evil"));
    assertEquals(launch.env.PATH, "C:\\bin");
    assertEquals(overlayEnv(launch).ANTHROPIC_API_KEY, "");
  });

  Deno.test(`planLaunch() ${mode} finds custom headers in any case on Windows`, () => {
    const { env } = plan(mode, {
      platform: "windows",
      env: { Anthropic_Custom_Headers: "X-Team: a\nX-Api-Key: rival" },
    });
    const headers = Object.entries(env).filter(([name]) =>
      name.toUpperCase() === "ANTHROPIC_CUSTOM_HEADERS"
    ).map(([, value]) => value);
    assertEquals(headers, [
      "X-Team: a" +
      (mode === "passthrough" ? `\nX-Redpanda-Cloud-Token: ${TOKEN}` : ""),
    ]);
  });
}

for (const mode of VIA_HELPER) {
  Deno.test(`planLaunch() ${mode} puts no token into the environment`, () => {
    const { env, settings } = plan(mode);
    assertFalse(JSON.stringify([env, settings]).includes(TOKEN));
  });

  Deno.test(`planLaunch() ${mode} removes custom headers that held only credentials`, () => {
    const { env, removed } = plan(mode, {
      env: { ANTHROPIC_CUSTOM_HEADERS: "Authorization: x" },
    });
    assertEquals("ANTHROPIC_CUSTOM_HEADERS" in env, false);
    assertEquals(removed, [
      {
        name: "ANTHROPIC_CUSTOM_HEADERS",
        why: "it held nothing but credentials",
      },
    ]);
  });

  Deno.test(`planLaunch() ${mode} keeps the subscription login private`, () => {
    const launch = plan(mode, { env: { CLAUDE_CODE_OAUTH_TOKEN: "sub" } });
    assertEquals(isScrubbed(launch, "CLAUDE_CODE_OAUTH_TOKEN"), true);
  });
}

for (const mode of MODES) {
  Deno.test(`planLaunch() ${mode} takes this program's credentials from the session`, () => {
    const credentials = {
      RPAI_TOKEN: "t",
      RPAI_CLIENT_ID: "i",
      RPAI_CLIENT_SECRET: "s",
      RPAI_CLIENT_SECRET_FILE: "/f",
    };
    const { env, removed } = plan(mode, {
      env: { ...credentials, RPAI_PROFILE: "p" },
    });
    assertEquals(
      Object.keys(env).filter((name) => name.startsWith("RPAI_")),
      ["RPAI_PROFILE"],
    );
    assertEquals(
      removed.map(({ name }) => name),
      Object.keys(credentials),
    );
  });
}

Deno.test("planLaunch() passthrough takes them in any case on Windows", () => {
  const launch = plan("passthrough", {
    platform: "windows",
    env: { Rpai_Token: "hunter2secret" },
    staticToken: true,
  });
  assertFalse(JSON.stringify(launch.env).includes("hunter2secret"));
});

Deno.test("planLaunch() passthrough lets the user's subscription login through", () => {
  const env = {
    CLAUDE_CODE_OAUTH_TOKEN: "sub",
    CLAUDE_CODE_OAUTH_REFRESH_TOKEN: "r",
    CLAUDE_CODE_OAUTH_SCOPES: "s",
  };
  const launch = plan("passthrough", { env });
  for (const [name, value] of Object.entries(env)) {
    assertEquals(launch.env[name], value);
    assertEquals(name in overlayEnv(launch), false, name);
  }
});

Deno.test("planLaunch() passthrough refuses bare mode from anywhere", () => {
  for (
    const more of [
      { env: { CLAUDE_CODE_SIMPLE: "1" } },
      { claudeArgs: ["--bare"] },
    ]
  ) {
    assertEquals(
      assertThrows(() => plan("passthrough", more), CliError).code,
      "refused",
    );
  }
  const launch = plan("passthrough", {
    callerSettings: { values: {}, env: { CLAUDE_CODE_SIMPLE: "1" } },
    files: [file("project", { env: { CLAUDE_CODE_SIMPLE: "1" } })],
  });
  assertEquals(isScrubbed(launch, "CLAUDE_CODE_SIMPLE"), true);
});

Deno.test("planLaunch() scrubs the Bedrock bearer in Bedrock mode only", () => {
  const env = { AWS_BEARER_TOKEN_BEDROCK: "b" };
  assertEquals(
    isScrubbed(plan("bedrock", { env }), "AWS_BEARER_TOKEN_BEDROCK"),
    true,
  );
  for (const mode of ["managed", "passthrough"] as const) {
    assertEquals(plan(mode, { env }).env.AWS_BEARER_TOKEN_BEDROCK, "b");
  }
});

Deno.test("planLaunch() takes the region from the provider unless the user set one", () => {
  const record = provider("bedrock", { region: "eu-west-1" });
  const region = (mode: Mode, env: Record<string, string>) =>
    plan(mode, { provider: record, env }).env.AWS_REGION;
  assertEquals(region("bedrock", {}), "eu-west-1");
  assertEquals(region("bedrock", { AWS_REGION: "" }), "eu-west-1");
  assertEquals(region("bedrock", { AWS_REGION: "us-east-1" }), "us-east-1");
  assertEquals(region("managed", {}), undefined);
  assertEquals(plan("bedrock").env.AWS_REGION, undefined, "it works without");
});

Deno.test("planLaunch() works without the provider's record", () => {
  for (const mode of MODES) {
    const { provider, env } = plan(mode, { provider: undefined });
    assertEquals(provider, "main");
    assertEquals(Object.values(env).includes(URL), true);
  }
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

for (const mode of MODES) {
  Deno.test(`planLaunch() ${mode} pins models in the environment and the overlay`, () => {
    const launch = limited(mode);
    for (const env of [launch.env, overlayEnv(launch)]) {
      assertEquals(PINS.map((name) => env[name]), [
        "claude-sonnet-4-6",
        "claude-sonnet-4-6",
        "claude-haiku-4-5",
      ]);
    }
    assertEquals(
      PINS.filter((name) => name in plan(mode).env),
      [],
      "not without a list",
    );
  });

  Deno.test(`planLaunch() ${mode} leaves pins alone that the user set anywhere`, () => {
    const [name] = PINS;
    const pin = { [name]: "claude-haiku-4-5" };
    for (
      const [launch, inEnv] of [
        [limited(mode, { env: pin }), "claude-haiku-4-5"],
        [
          limited(mode, { callerSettings: { values: {}, env: pin } }),
          "claude-haiku-4-5",
        ],
        [limited(mode, { files: [file("user", { env: pin })] }), undefined],
      ] as const
    ) {
      assertEquals(launch.env[name], inEnv);
      assertEquals(name in overlayEnv(launch), false);
      assertEquals(launch.warnings, []);
    }
  });

  Deno.test(`planLaunch() ${mode} keeps an exported ANTHROPIC_SMALL_FAST_MODEL`, () => {
    const env = { ANTHROPIC_SMALL_FAST_MODEL: "claude-sonnet-4-6" };
    const launch = limited(mode, { env });
    assertEquals(launch.env.ANTHROPIC_SMALL_FAST_MODEL, "claude-sonnet-4-6");
    assertEquals("ANTHROPIC_SMALL_FAST_MODEL" in overlayEnv(launch), false);
  });

  Deno.test(`planLaunch() ${mode} asks for no disallowed ANTHROPIC_MODEL`, () => {
    const rival = { ANTHROPIC_MODEL: "claude-opus-5-5" };
    for (
      const launch of [
        limited(mode, { env: rival }),
        limited(mode, { callerSettings: { values: {}, env: rival } }),
        limited(mode, { files: [file("project", { env: rival })] }),
      ]
    ) {
      const inOverlay = overlayEnv(launch).ANTHROPIC_MODEL;
      assert(["", ...ALLOWED].includes(inOverlay), `overlay: ${inOverlay}`);
      assert(
        ["", undefined, ...ALLOWED].includes(launch.env.ANTHROPIC_MODEL),
        `environment: ${launch.env.ANTHROPIC_MODEL}`,
      );
      assertEquals(launch.warnings.length, 1);
      assertStringIncludes(launch.warnings[0], 'model "claude-opus-5-5" (');
    }
  });

  Deno.test(`planLaunch() ${mode} keeps an allowed ANTHROPIC_MODEL, or one that -m beats`, () => {
    const allowed = limited(mode, {
      env: { ANTHROPIC_MODEL: "claude-haiku-4-5" },
    });
    assertEquals(allowed.env.ANTHROPIC_MODEL, "claude-haiku-4-5");
    assertEquals("ANTHROPIC_MODEL" in overlayEnv(allowed), false);
    const beaten = limited(mode, {
      env: { ANTHROPIC_MODEL: "claude-opus-5-5" },
      requestedModel: { id: "claude-sonnet-4-6", from: "--model" },
    });
    assertEquals(beaten.env.ANTHROPIC_MODEL, "claude-opus-5-5");
    assertEquals("ANTHROPIC_MODEL" in overlayEnv(beaten), false);
    const unlimited = plan(mode, {
      env: { ANTHROPIC_MODEL: "claude-opus-5-5" },
    });
    assertEquals(unlimited.env.ANTHROPIC_MODEL, "claude-opus-5-5");
  });

  Deno.test(`planLaunch() ${mode} asks for no disallowed model of a settings file`, () => {
    const { settings, warnings } = limited(mode, {
      files: [file("user", { model: "claude-opus-5-5" })],
    });
    assert(
      ALLOWED.includes(String((settings.env as JsonObject).ANTHROPIC_MODEL)),
    );
    assertEquals(warnings.length, 1);
    assertStringIncludes(warnings[0], '("model" in /user.json)');
    const named = limited(mode, { files: [file("user", { model: "haiku" })] });
    assertEquals(named.warnings, []);
  });

  Deno.test(`planLaunch() ${mode} refuses a disallowed model before Claude starts`, () => {
    for (
      const more of [
        { requestedModel: { id: "claude-opus-5-5", from: "--model" } },
        { claudeArgs: ["-p", "--model", "claude-opus-5-5"] },
        { claudeArgs: ["--model=claude-opus-5-5"] },
      ]
    ) {
      const error = assertThrows(() => limited(mode, more), CliError);
      assertEquals([error.code, error.exitCode], ["usage", 2]);
    }
  });

  Deno.test(`planLaunch() ${mode} names the requested model`, () => {
    const { model, args } = limited(mode, {
      requestedModel: { id: "claude-haiku-4-5", from: "profile prod" },
    });
    assertEquals(model, "claude-haiku-4-5");
    assertEquals(args.slice(2), ["--model", "claude-haiku-4-5"]);
    assertEquals(limited(mode).args.length, 2);
  });
}

Deno.test("planLaunch() pins Bedrock models of the provider's region", () => {
  const models = [
    "us.anthropic.claude-sonnet-4-6",
    "eu.anthropic.claude-sonnet-4-6",
  ];
  const pin = (region: string, env = {}) =>
    plan("bedrock", { provider: provider("bedrock", { models, region }), env })
      .env.ANTHROPIC_DEFAULT_SONNET_MODEL;
  assertEquals(pin("us-east-1"), models[0]);
  assertEquals(pin("eu-west-1"), models[1]);
  assertEquals(
    pin("eu-west-1", { AWS_REGION: "us-east-1" }),
    models[0],
    "the user's counts",
  );
});

const RELAY = "http://127.0.0.1:4000/0123456789abcdef";

for (const mode of MODES) {
  Deno.test(`planLaunch() ${mode} with the relay keeps every token out of the plan`, () => {
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
    for (const secret of [TOKEN, "client-secret", "old"]) {
      assertFalse(text.includes(secret), secret);
    }
    assertEquals(planned.env.ANTHROPIC_CUSTOM_HEADERS, "X-Team: a");
    assertFalse(text.includes(HELPER));
    assertFalse(text.includes(URL), "the gateway's own address is nowhere");
    assertEquals(planned.env.ANTHROPIC_BASE_URL, RELAY);
    assertEquals(overlayEnv(planned).ANTHROPIC_BASE_URL, RELAY);
    assertEquals(
      overlayEnv(planned).ANTHROPIC_BEDROCK_BASE_URL,
      mode === "bedrock" ? RELAY : "",
    );
    assertEquals(
      planned.settings.apiKeyHelper,
      mode === "passthrough" ? "" : "echo ai-claude-relay",
    );
    assert(isScrubbed(planned, "ANTHROPIC_AUTH_TOKEN"));
  });

  Deno.test(`planLaunch() ${mode} with the relay leaves nonessential traffic as the user has it`, () => {
    const name = "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC";
    const environments: Record<string, string>[] = [{}, { [name]: "1" }];
    for (const env of environments) {
      const planned = plan(mode, { relayUrl: RELAY, env });
      assertEquals(planned.env[name], env[name]);
      assertFalse(name in overlayEnv(planned));
    }
  });
}
