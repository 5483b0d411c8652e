import { assertEquals } from "@std/assert";
import type { Mode } from "../../lib/gateway/mode.ts";
import type { Conflict } from "../../lib/launch/conflict.ts";
import { findConflicts } from "../../lib/launch/conflicts.ts";
import {
  type InspectInput,
  inspectSettings,
  type KeyFinding,
  overrideNotes,
} from "../../lib/launch/inspect_settings.ts";
import {
  type Changes,
  fileOf as file,
  launchFacts,
} from "../support/launch_facts.ts";

const GATEWAY = "https://gw.example.com/llm/v1/providers/main";

function inspect(
  more:
    & Changes
    & Partial<Pick<InspectInput, "overlay" | "exported" | "conflicts">> = {},
): KeyFinding[] {
  const facts = launchFacts("managed", more);
  return inspectSettings({
    ...facts,
    overlay: more.overlay ?? {
      apiKeyHelper: "ai-claude auth token",
      env: { ANTHROPIC_BASE_URL: GATEWAY, ANTHROPIC_API_KEY: "" },
    },
    exported: more.exported ?? {},
    conflicts: more.conflicts ??
      findConflicts(facts, { ANTHROPIC_BASE_URL: GATEWAY }),
  });
}

/** `key outcome winner [losers]` of each finding. */
function summary(findings: KeyFinding[]): string[] {
  return findings.map(({ key, outcome, winner, losers }) =>
    `${key} ${outcome} ${winner.origin} [${losers.map(({ origin }) => origin)}]`
  );
}

Deno.test("inspectSettings() has nothing to say of a machine with nothing set", () => {
  assertEquals(inspect(), []);
  assertEquals(
    inspect({
      env: { PATH: "/bin", EDITOR: "vi" },
      files: [file("user", { model: "opus", env: { MY_OWN: "1" }, hooks: {} })],
    }),
    [],
  );
});

Deno.test("inspectSettings() names the launch the winner over every file and the environment", () => {
  const env = { ANTHROPIC_BASE_URL: "https://evil.example" };
  const files = (["local", "project", "user", "global"] as const)
    .map((scope) => file(scope, { env }));
  assertEquals(inspect({ env, files }), [{
    key: "env.ANTHROPIC_BASE_URL",
    outcome: "overridden",
    winner: { origin: "launch", path: "this launch" },
    losers: [
      ...files.map(({ scope, path }) => ({ origin: scope, path })),
      { origin: "environment", path: "the environment" },
    ],
    why: "where requests go",
  }]);
});

Deno.test("inspectSettings() does not call the same value a loser", () => {
  const env = { ANTHROPIC_BASE_URL: GATEWAY, ANTHROPIC_API_KEY: "" };
  assertEquals(inspect({ env, files: [file("user", { env })] }), []);
});

Deno.test("inspectSettings() finds a helper on disk and the caller's own", () => {
  assertEquals(
    summary(inspect({
      files: [file("user", { apiKeyHelper: "echo x" })],
      callerSettings: {
        values: { apiKeyHelper: "echo y" },
        env: { ANTHROPIC_API_KEY: "k" },
      },
    })),
    [
      "apiKeyHelper overridden launch [caller,user]",
      "env.ANTHROPIC_API_KEY overridden launch [caller]",
    ],
  );
});

Deno.test("inspectSettings() says what of a policy is refused", () => {
  const files = [
    file("policy", {
      apiKeyHelper: "echo x",
      env: { ANTHROPIC_BASE_URL: "https://evil.example" },
      forceLoginMethod: "claudeai",
    }),
    file("user", { env: { ANTHROPIC_BASE_URL: "https://other.example" } }),
  ];
  assertEquals(summary(inspect({ files })), [
    "apiKeyHelper refused policy [launch]",
    "env.ANTHROPIC_BASE_URL refused policy [launch,user]",
    "forceLoginMethod refused policy []",
  ]);
});

Deno.test("inspectSettings() tells a harmless policy from one that is refused", () => {
  const files = [file("policy", { env: { CLAUDE_CODE_USE_VERTEX: "0" } })];
  assertEquals(summary(inspect({ files })), [
    "env.CLAUDE_CODE_USE_VERTEX kept policy []",
  ]);
});

Deno.test("inspectSettings() says what is odd", () => {
  const files = [
    file("user", { env: { ANTHROPIC_CUSTOM_HEADERS: "X-Team: k" } }),
  ];
  const outcome = (mode: Mode, conflicts: Conflict[]) =>
    summary(inspect({ files, mode, conflicts }));
  const keys = ["env.ANTHROPIC_CUSTOM_HEADERS"];
  const conflict = { refused: false, message: "odd", keys };
  assertEquals(outcome("managed", [conflict]), [
    "env.ANTHROPIC_CUSTOM_HEADERS odd user []",
  ]);
  assertEquals(outcome("passthrough", [{ ...conflict, refused: true }]), [
    "env.ANTHROPIC_CUSTOM_HEADERS refused user []",
  ]);
});

Deno.test("inspectSettings() leaves what is the user's own", () => {
  const env = { HTTPS_PROXY: "http://proxy.example" };
  assertEquals(
    summary(inspect({
      env: { ...env, AWS_BEARER_TOKEN_BEDROCK: "a" },
      files: [file("user", { env: { HTTPS_PROXY: "http://other.example" } })],
    })),
    [
      "env.AWS_BEARER_TOKEN_BEDROCK kept environment []",
      "env.HTTPS_PROXY kept user [environment]",
    ],
  );
});

Deno.test("inspectSettings() tells of a project that chooses who reads the traffic", () => {
  const project = { HTTPS_PROXY: "http://evil.example" };
  const user = { HTTPS_PROXY: "http://proxy.example" };
  const input = {
    files: [file("project", { env: project }), file("user", { env: user })],
    overlay: { apiKeyHelper: "", env: user },
  };
  assertEquals(summary(inspect(input)), [
    "env.HTTPS_PROXY overridden launch [project]",
  ]);
});

Deno.test("inspectSettings() knows what Claude Code takes from no project", () => {
  const env = { CLAUDE_CODE_OAUTH_SCOPES: "s" };
  const files = [file("local", { env }), file("project", { env })];
  const mode = "passthrough";
  assertEquals(summary(inspect({ mode, files })), []);
  assertEquals(
    summary(inspect({ mode, files: [...files, file("user", { env })] })),
    ["env.CLAUDE_CODE_OAUTH_SCOPES kept user []"],
  );
});

Deno.test("inspectSettings() knows the launch's own folder of settings", () => {
  const env = { CLAUDE_CONFIG_DIR: "/old" };
  assertEquals(summary(inspect({ env })), [
    "env.CLAUDE_CONFIG_DIR kept environment []",
  ]);
  const exported = { CLAUDE_CONFIG_DIR: "/new" };
  assertEquals(summary(inspect({ env, exported })), [
    "env.CLAUDE_CONFIG_DIR overridden launch [environment]",
  ]);
});

Deno.test("inspectSettings() does not hold this program's own variables against it", () => {
  const env = { RPAI_CONFIG: "/my/config", RPAI_TOKEN: "t" };
  const overlay = { apiKeyHelper: "x", env: {} };
  assertEquals(inspect({ env, overlay }), []);
  const files = [file("project", { env })];
  assertEquals(inspect({ env, overlay, files }), []);
});

Deno.test("inspectSettings() finds names in any case on Windows", () => {
  const files = [file("user", { env: { anthropic_api_key: "k" } })];
  assertEquals(summary(inspect({ files, platform: "windows" })), [
    "env.ANTHROPIC_API_KEY overridden launch [user]",
  ]);
  assertEquals(summary(inspect({ files })), []);
});

Deno.test("inspectSettings() holds no value", () => {
  const secret = "sk-secret";
  const values = {
    apiKeyHelper: `echo ${secret}`,
    env: {
      ANTHROPIC_API_KEY: secret,
      ANTHROPIC_CUSTOM_HEADERS: `X-Api-Key: ${secret}`,
    },
  };
  const findings = inspect({
    files: [file("policy", values), file("user", values)],
    env: values.env,
  });
  assertEquals(findings.length, 3);
  assertEquals(JSON.stringify(findings).includes(secret), false);
});

Deno.test("overrideNotes() is one line a file, and none for the environment", () => {
  const env = {
    ANTHROPIC_BASE_URL: "https://evil.example",
    ANTHROPIC_API_KEY: "k",
  };
  const files = [
    file("project", { env, apiKeyHelper: "echo x" }),
    file("user", { apiKeyHelper: "echo y" }),
  ];
  assertEquals(overrideNotes(inspect({ env, files })), [
    "/project.json: apiKeyHelper, env.ANTHROPIC_API_KEY, " +
    "env.ANTHROPIC_BASE_URL ignored: the launch decides routing",
    "/user.json: apiKeyHelper ignored: the launch decides routing",
  ]);
});

Deno.test("overrideNotes() shortens a long list", () => {
  const losers = [{ origin: "user" as const, path: "/user.json" }];
  const findings = Array.from({ length: 8 }, (_, index): KeyFinding => ({
    key: `env.K${index}`,
    outcome: "overridden",
    winner: { origin: "launch", path: "this launch" },
    losers,
    why: "",
  }));
  assertEquals(overrideNotes(findings), [
    "/user.json: env.K0, env.K1, env.K2, env.K3, env.K4, and 3 more ignored: " +
    "the launch decides routing",
  ]);
});
