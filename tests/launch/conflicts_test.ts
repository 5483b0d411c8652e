import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Scope, SettingsFile } from "../../lib/claude/claude_settings.ts";
import { type Changes, fileOf, launchFacts } from "../support/launch_facts.ts";
import { findConflicts, refuseConflicts } from "../../lib/launch/conflicts.ts";
import { CliError } from "../../lib/base/errors.ts";
import type { JsonObject } from "../../lib/base/json_object.ts";
import type { Mode } from "../../lib/gateway/mode.ts";
import { shown } from "../support/fake_sys.ts";

const MODES: Mode[] = ["managed", "passthrough", "bedrock"];
const RELAY = "http://127.0.0.1:4000/secret";
const POLICY = "/etc/claude-code/managed-settings.json";
const POLICY_HINT =
  "managed policy beats every launcher: ask its owner to remove the key";

const VALUES: Record<Mode, Record<string, string>> = {
  managed: {
    ANTHROPIC_BASE_URL: "https://gw",
    CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK: "1",
  },
  passthrough: {
    ANTHROPIC_BASE_URL: "https://gw",
    CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  },
  bedrock: {
    ANTHROPIC_BEDROCK_BASE_URL: "https://gw",
    CLAUDE_CODE_USE_BEDROCK: "1",
    CLAUDE_CODE_SKIP_BEDROCK_AUTH: "1",
    CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK: "1",
  },
};

function file(
  scope: Scope,
  values: JsonObject,
  path = `/${scope}.json`,
): SettingsFile {
  return fileOf(scope, values, scope === "policy" ? POLICY : path);
}

function check(mode: Mode, more: Changes = {}): string[] {
  return refuseConflicts(findConflicts(launchFacts(mode, more), VALUES[mode]));
}

function refusal(mode: Mode, more: Changes): CliError {
  return assertThrows(() => check(mode, more), CliError);
}

const policy = (values: JsonObject) => ({ files: [file("policy", values)] });

/** The modes that a policy is refused in. */
function refusedIn(values: JsonObject): Mode[] {
  return MODES.filter((mode) => {
    try {
      check(mode, policy(values));
      return false;
    } catch (error) {
      assertEquals((error as CliError).code, "refused");
      return true;
    }
  });
}

Deno.test("findConflicts() of an ordinary launch has nothing to say", () => {
  const files = (["local", "project", "user"] as const).map((scope) =>
    file(scope, {
      model: "opus",
      env: { EDITOR: "vi" },
      hooks: {},
      apiKeyHelper: "x",
    })
  );
  for (const mode of MODES) {
    assertEquals(check(mode, { files, claudeArgs: ["-p", "hi"] }), []);
    assertEquals(
      check(mode, policy({ model: "opus", env: { EDITOR: "vi" } })),
      [],
    );
  }
});

Deno.test("findConflicts() refuses a policy that defeats the launch, naming file and key", () => {
  const env = { ANTHROPIC_BASE_URL: "https://evil.example" };
  const cases: [JsonObject, key: string, effect: string][] = [
    [
      { apiKeyHelper: "get-key" },
      "apiKeyHelper",
      "would replace this launch's credential",
    ],
    [
      { env },
      "env.ANTHROPIC_BASE_URL",
      "would override this launch's routing",
    ],
  ];
  for (const mode of MODES) {
    for (const [values, key, effect] of cases) {
      assertEquals(shown(refusal(mode, policy(values))), {
        code: "refused",
        message: `"${key}" in ${POLICY} ${effect}`,
        hint: POLICY_HINT,
      });
    }
  }
});

Deno.test("findConflicts() refuses whatever else of a policy would defeat the mode", () => {
  const env = (name: string, value: unknown = "1") =>
    refusedIn({ env: { [name]: value } });
  assertEquals(env("ANTHROPIC_AUTH_TOKEN"), MODES);
  assertEquals(env("ANTHROPIC_API_KEY"), MODES);
  assertEquals(env("CLAUDE_CODE_USE_VERTEX"), MODES);
  assertEquals(env("CLAUDE_CODE_USE_VERTEX", 1), MODES);
  assertEquals(env("CLAUDE_CODE_USE_FUTURE_CLOUD"), MODES);
  assertEquals(env("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST"), MODES);
  assertEquals(env("CLAUDE_CODE_USE_BEDROCK"), ["managed", "passthrough"]);
  assertEquals(env("CLAUDE_CODE_USE_BEDROCK", ""), ["bedrock"]);
  assertEquals(env("CLAUDE_CODE_OAUTH_TOKEN"), ["managed", "bedrock"]);
  assertEquals(env("AWS_BEARER_TOKEN_BEDROCK"), ["bedrock"]);
  assertEquals(env("CLAUDE_CODE_SIMPLE"), ["passthrough"]);
});

Deno.test("findConflicts() allows a policy that says what the launch says, or nothing", () => {
  for (const mode of MODES) {
    assertEquals(refusedIn({ env: VALUES[mode] }).includes(mode), false);
  }
  assertEquals(refusedIn({ env: { ANTHROPIC_API_KEY: "" } }), []);
  assertEquals(refusedIn({ apiKeyHelper: "" }), ["managed", "bedrock"]);
  assertEquals(refusedIn({ env: { CLAUDE_CODE_USE_BEDROCK: "0" } }), [
    "bedrock",
  ]);
  // Any value counts.
  const name = "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC";
  assertEquals(refusedIn({ env: { [name]: "true" } }), []);
});

Deno.test("findConflicts() refuses a policy on the login where it defeats the mode", () => {
  const withHelper = ["managed", "bedrock"] as const;
  assertEquals(refusedIn({ forceLoginMethod: "claudeai" }), [...withHelper]);
  assertEquals(refusedIn({ forceLoginOrgUUID: "u" }), [...withHelper]);
  assertEquals(refusedIn({ forceLoginMethod: "gateway" }), MODES);
});

Deno.test("findConflicts() refuses a policy that Claude Code cannot read", () => {
  const broken = { ...file("policy", {}), broken: true };
  for (const mode of MODES) {
    const { code, message } = refusal(mode, { files: [broken] });
    assertEquals(code, "refused");
    assertStringIncludes(message, POLICY);
  }
  for (const scope of ["local", "project", "user"] as const) {
    assertEquals(
      check("managed", { files: [{ ...file(scope, {}), broken: true }] }),
      [],
    );
  }
});

Deno.test("findConflicts() looks at every policy file", () => {
  const files: SettingsFile[] = [
    {
      ...file("policy", {}),
      path: "/etc/claude-code/managed-settings.d/10-a.json",
    },
    file("policy", { apiKeyHelper: "get-key" }),
  ];
  assertStringIncludes(refusal("managed", { files }).message, POLICY);
});

Deno.test("findConflicts() leaves to the overlay what is not a policy", () => {
  const hostile = {
    apiKeyHelper: "evil",
    forceLoginMethod: "console",
    env: {
      ANTHROPIC_BASE_URL: "https://evil.example",
      ANTHROPIC_AUTH_TOKEN: "x",
    },
  };
  for (const mode of MODES) {
    for (const scope of ["local", "project", "user", "global"] as const) {
      assertEquals(check(mode, { files: [file(scope, hostile)] }), []);
    }
  }
});

Deno.test("findConflicts() refuses custom headers on disk in passthrough", () => {
  for (const scope of ["local", "project", "user"] as const) {
    for (const text of ["X-Team: a", ""]) {
      const files = [file(scope, { env: { ANTHROPIC_CUSTOM_HEADERS: text } })];
      assertEquals(shown(refusal("passthrough", { files })), {
        code: "refused",
        message:
          `"env.ANTHROPIC_CUSTOM_HEADERS" in /${scope}.json would replace ` +
          "the header that authenticates passthrough",
        hint: 'remove "env.ANTHROPIC_CUSTOM_HEADERS" from that file',
      });
    }
  }
  const { hint } = refusal(
    "passthrough",
    policy({ env: { ANTHROPIC_CUSTOM_HEADERS: "X: y" } }),
  );
  assertEquals(hint, POLICY_HINT);
});

Deno.test("findConflicts() refuses reserved headers on disk, in every mode and with the relay", () => {
  const text = "X-Team: a\nAuthorization : Bearer x\r\n\tHOST: hunter2secret";
  const scopes = ["policy", "local", "project", "user", "global"] as const;
  for (const mode of MODES) {
    for (const scope of scopes) {
      for (const relayUrl of [undefined, RELAY]) {
        if (mode === "passthrough" && relayUrl === undefined) continue;
        const of = (headers: string) => [
          file(scope, { env: { ANTHROPIC_CUSTOM_HEADERS: headers } }),
        ];
        const { code, message } = refusal(mode, { files: of(text), relayUrl });
        assertEquals(code, "refused");
        assertStringIncludes(
          message,
          `"env.ANTHROPIC_CUSTOM_HEADERS" in ${of("")[0].path} would set the ` +
            "header authorization, host",
        );
        assertEquals(check(mode, { files: of("X-Team: a"), relayUrl }), []);
      }
    }
  }
});

Deno.test("findConflicts() finds custom headers in any case on Windows", () => {
  const files = [
    file("user", { env: { Anthropic_Custom_Headers: "Authorization: x" } }),
  ];
  for (const mode of MODES) {
    const { code } = refusal(mode, { files, platform: "windows" });
    assertEquals(code, "refused");
    assertEquals(check(mode, { files }), [], "elsewhere it is another one");
  }
});

const BACKGROUND: [args: string[], what: string][] = [
  [["--bg"], "--bg"],
  [["-p", "--background", "hi"], "--background"],
  [["agents"], "agents"],
  [["--model", "opus", "daemon", "stop"], "daemon"],
];

Deno.test("findConflicts() refuses a background session in passthrough", () => {
  for (const [claudeArgs, what] of BACKGROUND) {
    assertEquals(shown(refusal("passthrough", { claudeArgs })), {
      code: "refused",
      message:
        `${what} does not work in passthrough: a background session does not ` +
        "carry the gateway header",
      hint: `leave out ${what}, or use a managed provider`,
    });
  }
});

Deno.test("findConflicts() refuses a background session with what only the launcher has", () => {
  for (const [claudeArgs, what] of BACKGROUND) {
    for (const mode of ["managed", "bedrock"] as const) {
      assertEquals(check(mode, { claudeArgs }), []);
      const held = { claudeArgs, held: true, relayUrl: RELAY };
      assertEquals(shown(refusal(mode, { ...held, staticToken: true })), {
        code: "refused",
        message: `${what} does not go with a token from --token, which only ` +
          "this launch has: the session would outlive it",
        hint: `leave out ${what}, or sign in: ai-claude auth login`,
      });
      assertStringIncludes(
        refusal(mode, held).message,
        `${what} does not go with a client's secret`,
      );
    }
  }
});

Deno.test("findConflicts() refuses to do without the relay for what only the launcher has", () => {
  for (const mode of ["managed", "bedrock"] as const) {
    assertEquals(
      refusal(mode, { held: true, staticToken: true }).hint,
      "leave out --no-relay, or sign in: ai-claude auth login",
    );
    assertEquals(check(mode, { held: true, relayUrl: RELAY }), []);
  }
  assertEquals(check("passthrough", { held: true }), []);
});

Deno.test("findConflicts() takes no prompt or value for a background session", () => {
  for (
    const claudeArgs of [
      ["-p", "agents are nice"],
      ["-p", "hi", "agents"],
      ["--", "agents"],
      ["--", "--bg"],
      ["--append-system-prompt", "--bg"],
      ["--name", "daemon"],
    ]
  ) {
    assertEquals(
      check("passthrough", { claudeArgs }),
      [],
      claudeArgs.join(" "),
    );
  }
});

Deno.test("findConflicts() refuses bare mode in passthrough only", () => {
  const env = { CLAUDE_CODE_SIMPLE: "1" };
  const claudeArgs = ["--bare", "-p", "hi"];
  const cases: [Changes, what: string, wayOut: string][] = [
    [{ claudeArgs }, "--bare", "leave out"],
    [{ env }, "CLAUDE_CODE_SIMPLE", "unset"],
  ];
  for (const [more, what, wayOut] of cases) {
    assertEquals(shown(refusal("passthrough", more)), {
      code: "refused",
      message: `${what} does not work in passthrough: it never reads the ` +
        "subscription login",
      hint: `${wayOut} ${what}, or use a managed provider`,
    });
  }
  for (const off of ["", "0", "false", "no"]) {
    const env = { CLAUDE_CODE_SIMPLE: off };
    assertEquals(check("passthrough", { env }), []);
  }
  for (const mode of ["managed", "bedrock"] as const) {
    assertEquals(check(mode, { claudeArgs, env }), []);
  }
});

Deno.test("findConflicts() refuses a session in the vendor's cloud in passthrough", () => {
  const cases = [["--cloud", "fix it"], ["--teleport"], ["--environment", "e"]];
  for (const claudeArgs of cases) {
    const { code, message } = refusal("passthrough", { claudeArgs });
    assertEquals(code, "refused");
    assertStringIncludes(message, claudeArgs[0]);
  }
});

Deno.test("findConflicts() never repeats a value", () => {
  const secret = "hunter2secret";
  for (
    const values of [
      { apiKeyHelper: `echo ${secret}` },
      { env: { ANTHROPIC_AUTH_TOKEN: secret } },
    ]
  ) {
    const { message, hint } = refusal("managed", policy(values));
    assertEquals(`${message}${hint}`.includes(secret), false, message);
  }
});

Deno.test("findConflicts() with the relay refuses a background session in every mode", () => {
  for (const mode of MODES) {
    // Without the relay, passthrough would refuse it all the same.
    const wayOut = mode === "passthrough" ? "" : ", or launch with --no-relay";
    for (const [claudeArgs, what] of BACKGROUND) {
      assertEquals(shown(refusal(mode, { claudeArgs, relayUrl: RELAY })), {
        code: "refused",
        message: `${what} does not work with the relay: the session outlives ` +
          "this launch, and the relay ends with it",
        hint: `leave out ${what}${wayOut}`,
      });
    }
  }
});

Deno.test("findConflicts() with the relay still refuses a policy that routes", () => {
  const files = [file("policy", { env: { ANTHROPIC_BASE_URL: "https://gw" } })];
  const values = { ANTHROPIC_BASE_URL: RELAY };
  for (const mode of MODES) {
    const facts = launchFacts(mode, { files, relayUrl: RELAY });
    const error = assertThrows(
      () => refuseConflicts(findConflicts(facts, values)),
      CliError,
    );
    assertStringIncludes(error.message, "env.ANTHROPIC_BASE_URL");
  }
});

Deno.test("findConflicts() takes a policy that allows the launch's own address and no other", () => {
  const url = "https://gw.example.com/llm/v1/providers/main";
  const files = (address: string, allowed: unknown) => [
    file("policy", { env: { ANTHROPIC_BASE_URL: address } }),
    file("policy", { allowedProviders: allowed }),
  ];
  const values = { ANTHROPIC_BASE_URL: url };
  const keys = (mode: "managed" | "bedrock", list: SettingsFile[]) =>
    findConflicts(launchFacts(mode, { files: list }), values)
      .flatMap(({ keys }) => keys ?? []);
  assertEquals(keys("managed", files(url, ["customEndpoint"])), []);
  for (
    const list of [
      files(url, ["firstParty"]),
      files(url, "customEndpoint"),
      [files(url, ["customEndpoint"])[1]],
    ]
  ) assertEquals(keys("managed", list), ["allowedProviders"]);
  assertEquals(
    keys("managed", files("https://x.example", ["customEndpoint"])),
    [
      "env.ANTHROPIC_BASE_URL",
      "allowedProviders",
    ],
  );
  assertEquals(keys("bedrock", files(url, ["customEndpoint"])), [
    "allowedProviders",
  ]);
});
