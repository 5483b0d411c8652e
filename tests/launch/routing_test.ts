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
const WHAT = { S: "is scrubbed", O: "is set", P: "is kept" };

const MODES = ["managed", "passthrough", "bedrock"] as const;

/**
 * What happens in managed, passthrough and Bedrock mode, and the variables that
 * it happens to. `ANTHROPIC_CUSTOM_HEADERS` and `ANTHROPIC_MODEL` are the plan's
 * and are tested there.
 */
const TABLE: [effects: string, names: string][] = [
  // In Bedrock mode set, not scrubbed: should Bedrock be switched off all the
  // same, a blank sends the helper's token to the vendor (2.1.330).
  ["OOO", `ANTHROPIC_BASE_URL CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK`],
  [
    "SSO",
    `ANTHROPIC_BEDROCK_BASE_URL CLAUDE_CODE_USE_BEDROCK
      CLAUDE_CODE_SKIP_BEDROCK_AUTH`,
  ],
  ["SSS", `ANTHROPIC_AUTH_TOKEN ANTHROPIC_API_KEY`],
  [
    "SPS",
    `CLAUDE_CODE_OAUTH_TOKEN CLAUDE_CODE_OAUTH_REFRESH_TOKEN
      CLAUDE_CODE_OAUTH_SCOPES`,
  ],
  [
    "SSS",
    `CLAUDE_CODE_USE_VERTEX CLAUDE_CODE_USE_FOUNDRY CLAUDE_CODE_USE_MANTLE
      CLAUDE_CODE_USE_ANTHROPIC_AWS CLAUDE_CODE_USE_GATEWAY
      CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD`,
  ],
  [
    "SSS",
    `ANTHROPIC_VERTEX_BASE_URL ANTHROPIC_FOUNDRY_BASE_URL
      ANTHROPIC_BEDROCK_MANTLE_BASE_URL ANTHROPIC_AWS_BASE_URL
      ANTHROPIC_GATEWAY_BASE_URL ANTHROPIC_GOOGLE_CLOUD_BASE_URL`,
  ],
  [
    "SSS",
    `CLAUDE_CODE_SKIP_VERTEX_AUTH CLAUDE_CODE_SKIP_FOUNDRY_AUTH
      CLAUDE_CODE_SKIP_MANTLE_AUTH CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH
      CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH`,
  ],
  [
    "SSS",
    `ANTHROPIC_FOUNDRY_API_KEY ANTHROPIC_FOUNDRY_RESOURCE
      ANTHROPIC_FOUNDRY_AUTH_TOKEN ANTHROPIC_FOUNDRY_ANYTHING_ELSE
      ANTHROPIC_AWS_API_KEY ANTHROPIC_AWS_WORKSPACE_ID`,
  ],
  [
    "SSS",
    `ANTHROPIC_PROFILE ANTHROPIC_FEDERATION_RULE_ID
      ANTHROPIC_ORGANIZATION_ID ANTHROPIC_SERVICE_ACCOUNT_ID
      ANTHROPIC_IDENTITY_TOKEN ANTHROPIC_IDENTITY_TOKEN_FILE`,
  ],
  ["PPS", `AWS_BEARER_TOKEN_BEDROCK`],
  ["PSP", `CLAUDE_CODE_SIMPLE`],
  [
    "SSS",
    `CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST ANTHROPIC_UNIX_SOCKET
      CLAUDE_CODE_API_BASE_URL CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR
      CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR CLAUDE_CODE_GATEWAY_TOKEN
      CLAUDE_CODE_HOST_AUTH_ENV_VAR CLAUDE_CODE_HOST_CREDS_FILE
      CLAUDE_CODE_CUSTOM_OAUTH_URL`,
  ],
  ["POP", `CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC`],
  [
    "PPP",
    `HTTP_PROXY HTTPS_PROXY NO_PROXY https_proxy NODE_EXTRA_CA_CERTS
      CLAUDE_CODE_CLIENT_CERT CLAUDE_CODE_CLIENT_KEY CLAUDE_CONFIG_DIR
      AWS_REGION AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
      OTEL_EXPORTER_OTLP_ENDPOINT OTEL_EXPORTER_OTLP_HEADERS
      DISABLE_TELEMETRY EDITOR`,
  ],
  // Names that no version knows yet, and harmless lookalikes.
  [
    "SSS",
    `CLAUDE_CODE_USE_FUTURE_CLOUD CLAUDE_CODE_SKIP_FUTURE_AUTH
      ANTHROPIC_FUTURE_BASE_URL`,
  ],
  [
    "PPP",
    `CLAUDE_CODE_USE_POWERSHELL_TOOL CLAUDE_CODE_USE
      CLAUDE_CODE_SKIP_PROMPT_HISTORY MY_ANTHROPIC_X_BASE_URL
      ANTHROPIC_BASE_URL_X anthropic_base_url RPAI_PROFILE`,
  ],
];

for (const [effects, text] of TABLE) {
  for (const [index, mode] of MODES.entries()) {
    const names = text.split(/\s+/);
    const expected = WHAT[effects[index] as keyof typeof WHAT];
    Deno.test(`routeEnvironment() ${mode}: ${names[0]} and its like: ${expected}`, () => {
      for (const name of names) {
        assertEquals(effect(name, mode), expected, name);
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
  const [reason] = removed.map(({ why }) => why);
  assertEquals(!!reason, removed.length === 1, "one reason for removing it");
  if (reason && !(name in env) && overlay[name] === "") return WHAT.S;
  assertEquals(removed, []);
  if (env[name] === "ours" && overlay[name] === "ours") return WHAT.O;
  if (env[name] === "rival" && !(name in overlay)) return WHAT.P;
  return `env ${env[name]}, overlay ${overlay[name]}`;
}

/** A value for each variable that the table sets in a mode. */
function ownValues(mode: Mode): Record<string, string> {
  const set = TABLE.filter(([effects]) => effects[MODES.indexOf(mode)] === "O");
  return Object.fromEntries(
    set.flatMap(([, names]) =>
      names.split(/\s+/).map((name) => [name, "ours"])
    ),
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
  for (const name of ["ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_VERTEX"]) {
    assertEquals(overlay[name], "");
  }
});

Deno.test("routeEnvironment() blanks unknown rivals that a settings file names", () => {
  const name = "CLAUDE_CODE_USE_FUTURE_CLOUD";
  assertEquals(route({}).overlay[name], undefined);
  assertEquals(route({ settingsNames: [name] }).overlay[name], "");
  assertEquals(route({ settingsNames: [name] }).env, {});
  assertEquals(route({ env: { [name]: "1" } }).overlay[name], "");
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

function ruleNames(): string[] {
  return ROUTING_RULES.flatMap(({ match }) =>
    match instanceof RegExp ? [] : match
  );
}

Deno.test("ROUTING_RULES names each variable once, with a reason", () => {
  const names = ruleNames();
  assertEquals(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
  assertEquals(ROUTING_RULES.filter(({ why }) => why.trim() === ""), []);
});

Deno.test("actionFor() with the relay leaves nonessential traffic to the user, and nothing else changes", () => {
  const relay = { url: "http://127.0.0.1:1/s" };
  for (const mode of MODES) {
    const changed = ruleNames().filter((name) =>
      actionFor(name, { mode }, "linux") !==
        actionFor(name, { mode, relay }, "linux")
    );
    assertEquals(
      changed,
      mode === "passthrough"
        ? ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"]
        : [],
    );
  }
});
