import { assert, assertEquals } from "@std/assert";
import type { Mode } from "../../lib/gateway/mode.ts";
import {
  actionFor,
  routeEnvironment,
  ROUTING_RULES,
  ruleFor,
} from "../../lib/launch/routing.ts";
import { canonical } from "../../lib/system/env_names.ts";

/** S: removed and blank in the overlay; O: set in both; P: left to the user. */
type Expected = "S" | "O" | "P";

/**
 * The table at the end of CLAUDE_CODE.md, row by row, for managed, passthrough
 * and Bedrock. `ANTHROPIC_CUSTOM_HEADERS`, `ANTHROPIC_MODEL` and what
 * `CLAUDE_CODE_SIMPLE` does in passthrough are the plan's and are tested there.
 */
const TABLE: [
  names: string[],
  managed: Expected,
  passthrough: Expected,
  bedrock: Expected,
][] = [
  // In Bedrock mode set, not scrubbed: should Bedrock be switched off all the
  // same, a blank sends the helper's token to the vendor (measured on 2.1.330).
  [["ANTHROPIC_BASE_URL"], "O", "O", "O"],
  [
    [
      "ANTHROPIC_BEDROCK_BASE_URL",
      "CLAUDE_CODE_USE_BEDROCK",
      "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    ],
    "S",
    "S",
    "O",
  ],
  [["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"], "S", "S", "S"],
  [["CLAUDE_CODE_OAUTH_TOKEN"], "S", "P", "S"],
  [
    ["CLAUDE_CODE_OAUTH_REFRESH_TOKEN", "CLAUDE_CODE_OAUTH_SCOPES"],
    "S",
    "P",
    "S",
  ],
  [
    [
      "CLAUDE_CODE_USE_VERTEX",
      "CLAUDE_CODE_USE_FOUNDRY",
      "CLAUDE_CODE_USE_MANTLE",
      "CLAUDE_CODE_USE_ANTHROPIC_AWS",
      "CLAUDE_CODE_USE_GATEWAY",
      "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
    ],
    "S",
    "S",
    "S",
  ],
  [
    [
      "ANTHROPIC_VERTEX_BASE_URL",
      "ANTHROPIC_FOUNDRY_BASE_URL",
      "ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
      "ANTHROPIC_AWS_BASE_URL",
      "ANTHROPIC_GATEWAY_BASE_URL",
      "ANTHROPIC_GOOGLE_CLOUD_BASE_URL",
    ],
    "S",
    "S",
    "S",
  ],
  [
    [
      "CLAUDE_CODE_SKIP_VERTEX_AUTH",
      "CLAUDE_CODE_SKIP_FOUNDRY_AUTH",
      "CLAUDE_CODE_SKIP_MANTLE_AUTH",
      "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH",
      "CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH",
    ],
    "S",
    "S",
    "S",
  ],
  [
    [
      "ANTHROPIC_FOUNDRY_API_KEY",
      "ANTHROPIC_FOUNDRY_RESOURCE",
      "ANTHROPIC_FOUNDRY_AUTH_TOKEN",
    ],
    "S",
    "S",
    "S",
  ],
  [["ANTHROPIC_FOUNDRY_ANYTHING_ELSE"], "S", "S", "S"],
  [["ANTHROPIC_AWS_API_KEY", "ANTHROPIC_AWS_WORKSPACE_ID"], "S", "S", "S"],
  [
    [
      "ANTHROPIC_PROFILE",
      "ANTHROPIC_FEDERATION_RULE_ID",
      "ANTHROPIC_ORGANIZATION_ID",
      "ANTHROPIC_SERVICE_ACCOUNT_ID",
      "ANTHROPIC_IDENTITY_TOKEN",
      "ANTHROPIC_IDENTITY_TOKEN_FILE",
    ],
    "S",
    "S",
    "S",
  ],
  [["AWS_BEARER_TOKEN_BEDROCK"], "P", "P", "S"],
  [
    [
      "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST",
      "ANTHROPIC_UNIX_SOCKET",
      "CLAUDE_CODE_API_BASE_URL",
      "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
      "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
      "CLAUDE_CODE_GATEWAY_TOKEN",
      "CLAUDE_CODE_HOST_AUTH_ENV_VAR",
      "CLAUDE_CODE_HOST_CREDS_FILE",
      "CLAUDE_CODE_CUSTOM_OAUTH_URL",
    ],
    "S",
    "S",
    "S",
  ],
  [["CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK"], "O", "O", "O"],
  [["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"], "P", "O", "P"],
  [
    [
      "HTTP_PROXY",
      "HTTPS_PROXY",
      "NO_PROXY",
      "https_proxy",
      "NODE_EXTRA_CA_CERTS",
      "CLAUDE_CODE_CLIENT_CERT",
      "CLAUDE_CODE_CLIENT_KEY",
      "CLAUDE_CONFIG_DIR",
    ],
    "P",
    "P",
    "P",
  ],
  [
    ["AWS_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
    "P",
    "P",
    "P",
  ],
  [
    [
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "OTEL_EXPORTER_OTLP_HEADERS",
      "DISABLE_TELEMETRY",
      "EDITOR",
    ],
    "P",
    "P",
    "P",
  ],
];

/** The prefix rule: names that no version knows yet, and harmless lookalikes. */
const LOOKALIKES: typeof TABLE = [
  [
    [
      "CLAUDE_CODE_USE_FUTURE_CLOUD",
      "CLAUDE_CODE_SKIP_FUTURE_AUTH",
      "ANTHROPIC_FUTURE_BASE_URL",
    ],
    "S",
    "S",
    "S",
  ],
  [
    [
      "CLAUDE_CODE_USE_POWERSHELL_TOOL",
      "CLAUDE_CODE_USE",
      "CLAUDE_CODE_SKIP_PROMPT_HISTORY",
      "MY_ANTHROPIC_X_BASE_URL",
      "ANTHROPIC_BASE_URL_X",
      "anthropic_base_url",
      "RPAI_PROFILE",
    ],
    "P",
    "P",
    "P",
  ],
];

const WHAT = { S: "is scrubbed", O: "is set", P: "is kept" };

for (const [names, ...expected] of [...TABLE, ...LOOKALIKES]) {
  for (
    const [index, mode] of (["managed", "passthrough", "bedrock"] as const)
      .entries()
  ) {
    const title = names.length === 1
      ? names[0]
      : `${names[0]} and ${names.length - 1} more`;
    Deno.test(`routeEnvironment() ${mode}: ${title} ${WHAT[expected[index]]}`, () => {
      for (const name of names) {
        assertEquals(effect(name, mode), WHAT[expected[index]], name);
      }
    });
  }
}

/** What a launch does about a variable, in the environment and in the overlay. */
function effect(name: string, mode: Mode): string {
  const { env, removed, overlay } = routeEnvironment({
    route: { mode },
    env: { [name]: "rival", PATH: "/bin" },
    settingsNames: [name],
    values: ownValues(mode),
    platform: "linux",
  });
  assertEquals(env.PATH, "/bin");
  const reasons = removed.filter((entry) => entry.name === name).map((
    { why },
  ) => why);
  if (!(name in env) && overlay[name] === "") {
    assertEquals(
      reasons.map((why) => why !== ""),
      [true],
      "one reason for removing it",
    );
    return WHAT.S;
  }
  assertEquals(reasons, []);
  if (env[name] === "ours" && overlay[name] === "ours") return WHAT.O;
  if (env[name] === "rival" && !(name in overlay)) return WHAT.P;
  return `env ${env[name]}, overlay ${overlay[name]}`;
}

/** A value for each variable that the table sets in a mode. */
function ownValues(mode: Mode): Record<string, string> {
  const column = { managed: 1, passthrough: 2, bedrock: 3 }[mode];
  return Object.fromEntries(
    TABLE.filter((row) => row[column] === "O")
      .flatMap(([names]) => names.map((name) => [name, "ours"])),
  );
}

function route(more: Partial<Parameters<typeof routeEnvironment>[0]>) {
  return routeEnvironment({
    route: { mode: "managed" },
    env: {},
    settingsNames: [],
    values: {},
    platform: "linux",
    ...more,
  });
}

Deno.test("routeEnvironment() blanks known rivals even where nobody has set them", () => {
  const { env, removed, overlay } = route({});
  assertEquals([env, removed], [{}, []]);
  assertEquals(
    [
      overlay.ANTHROPIC_API_KEY,
      overlay.ANTHROPIC_AUTH_TOKEN,
      overlay.CLAUDE_CODE_USE_VERTEX,
    ],
    ["", "", ""],
  );
});

Deno.test("routeEnvironment() blanks unknown rivals that a settings file names", () => {
  const name = "CLAUDE_CODE_USE_FUTURE_CLOUD";
  assertEquals(route({}).overlay[name], undefined);
  assertEquals(route({ settingsNames: [name] }).overlay[name], "");
  assertEquals(route({ settingsNames: [name] }).env, {});
  assertEquals(route({ env: { [name]: "1" } }).overlay[name], "");
});

Deno.test("routeEnvironment() overlays nothing that is kept", () => {
  const { overlay } = route({
    settingsNames: ["EDITOR", "HTTPS_PROXY"],
    env: { EDITOR: "vi" },
  });
  assertEquals(["EDITOR" in overlay, "HTTPS_PROXY" in overlay], [false, false]);
});

Deno.test("routeEnvironment() leaves the environment it was given alone", () => {
  const env = { ANTHROPIC_API_KEY: "k", PATH: "/bin" };
  route({ env });
  assertEquals(env, { ANTHROPIC_API_KEY: "k", PATH: "/bin" });
});

Deno.test("routeEnvironment() compares names without case on Windows", () => {
  const env = {
    Anthropic_Api_Key: "k",
    anthropic_base_url: "https://evil.example",
    Claude_Code_Use_Future: "1",
    Path: "C:\\bin",
  };
  const values = { ANTHROPIC_BASE_URL: "ours" };
  const routed = route({
    platform: "windows",
    env,
    values,
    settingsNames: ["claude_code_use_x"],
  });
  assertEquals(routed.env, { Path: "C:\\bin", ANTHROPIC_BASE_URL: "ours" });
  assertEquals(routed.removed.map(({ name }) => name), [
    "Anthropic_Api_Key",
    "Claude_Code_Use_Future",
  ]);
  assertEquals(
    [
      routed.overlay.ANTHROPIC_API_KEY,
      routed.overlay.ANTHROPIC_BASE_URL,
      routed.overlay.CLAUDE_CODE_USE_FUTURE,
      routed.overlay.CLAUDE_CODE_USE_X,
    ],
    ["", "ours", "", ""],
  );
});

Deno.test("canonical() folds case on Windows only", () => {
  assertEquals(canonical("Path", "windows"), "PATH");
  assertEquals(canonical("Path", "linux"), "Path");
  assertEquals(canonical("Path", "darwin"), "Path");
});

Deno.test("ruleFor() has no rule for what has nothing to do with routing", () => {
  assertEquals(ruleFor("PATH", "linux"), undefined);
  assertEquals(ruleFor("anthropic_api_key", "linux"), undefined);
  assert(ruleFor("anthropic_api_key", "windows") !== undefined);
});

Deno.test("ROUTING_RULES names each variable once, with a reason", () => {
  const names = ROUTING_RULES.flatMap(({ match }) =>
    match instanceof RegExp ? [] : match
  );
  assertEquals(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
  assertEquals(ROUTING_RULES.filter(({ why }) => why.trim() === ""), []);
});

Deno.test("actionFor() with the relay leaves nonessential traffic to the user, and nothing else changes", () => {
  const names = ROUTING_RULES.flatMap(({ match }) =>
    match instanceof RegExp ? [] : match
  );
  for (const mode of ["managed", "passthrough", "bedrock"] as const) {
    const changed = names.filter((name) =>
      actionFor(name, { mode }, "linux") !==
        actionFor(
          name,
          { mode, relay: { url: "http://127.0.0.1:1/s" } },
          "linux",
        )
    );
    assertEquals(
      changed,
      mode === "passthrough"
        ? ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"]
        : [],
    );
  }
});
