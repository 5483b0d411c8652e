import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { Flags } from "../../lib/profile/flags.ts";
import { CliError } from "../../lib/base/errors.ts";
import { resolveOptions } from "../../lib/profile/options.ts";
import type { Facts } from "../../lib/launch/facts.ts";
import { inquire } from "../../lib/launch/inquire.ts";
import { type LaunchPlan, planLaunch } from "../../lib/launch/plan.ts";
import { type FakeMachine, fakeSys, shown } from "../support/fake_sys.ts";

const GATEWAY = "https://gw.example.com";
const SERVICE = `${GATEWAY}/redpanda.api.adp.v1alpha1.LLMProviderService`;
const TOKEN = "hunter2secret";
const CONFIG = "/home/me/.rpai/config";
const ANTHROPIC = { name: "anthropic", type: 2, enabled: true };
const PROVIDERS = [
  ANTHROPIC,
  { name: "bedrock", type: 4, enabled: true },
  { name: "openai", type: 1, enabled: true },
  {
    name: "sub",
    type: 2,
    enabled: true,
    anthropicConfig: { authorizationPassthrough: true },
  },
];

/** A config file with one profile, which is the current one. */
function inProfile(fields: string): Record<string, string> {
  return { [CONFIG]: `current_profile: p\nprofiles: {p: {${fields}}}` };
}

/** A gateway that knows some providers. */
function gateway(
  providers: { name: string }[] = PROVIDERS,
): FakeMachine["fetch"] {
  return (url, init) => {
    if (url === `${SERVICE}/ListLLMProviders`) {
      return Promise.resolve(Response.json({ llmProviders: providers }));
    }
    const { name } = JSON.parse(String(init?.body));
    const llmProvider = providers.find((each) => each.name === name);
    return Promise.resolve(
      llmProvider === undefined
        ? Response.json({ code: "not_found", message: "no" }, { status: 404 })
        : Response.json({ llmProvider }),
    );
  };
}

async function prepare(
  flags: Flags,
  machine: FakeMachine = {},
  claudeArgs: string[] = [],
): Promise<{ facts: Facts; plan: LaunchPlan; asked: string[] }> {
  const sys = fakeSys({
    fetch: gateway(),
    // Claude Code, which accepts every setting it is asked about.
    capture: () => ({
      code: 0,
      stdout: '{"authMethod":"api_key_helper"}',
      stderr: "",
    }),
    executables: ["/usr/bin/claude"],
    ...machine,
    env: {
      HOME: "/home/me",
      RPAI_TOKEN: TOKEN,
      PATH: "/usr/bin",
      ...machine.env,
    },
  });
  sys.makeTempDir = () => Promise.resolve("/tmp/probe");
  sys.writeTextFile = () => Promise.resolve();
  sys.removeDir = () => Promise.resolve();
  const options = resolveOptions({ "rpai-endpoint": GATEWAY, ...flags }, sys);
  const report = { warn: () => {}, debug: () => {} };
  const dryRun = flags["print-settings"] === true;
  const request = { flags, claudeArgs, dryRun };
  const facts = await inquire(request, options, sys, report);
  return { facts, plan: planLaunch(facts), asked: sys.asked };
}

const refusalOf = async (promise: Promise<unknown>) =>
  shown(await assertRejects(() => promise, CliError));

Deno.test("inquire() plans from what the gateway says of the provider", async () => {
  const modes = {
    anthropic: "managed",
    sub: "passthrough",
    bedrock: "bedrock",
  };
  for (const [llmprovider, mode] of Object.entries(modes)) {
    const { facts, plan, asked } = await prepare({ llmprovider });
    const { provider, warnings } = plan;
    assertEquals([plan.mode, provider, warnings], [mode, llmprovider, []]);
    assertEquals(asked, [`${SERVICE}/GetLLMProvider`]);
    const url = `${GATEWAY}/llm/v1/providers/${llmprovider}`;
    assertEquals(facts.route.providerUrl, url);
  }
});

Deno.test("inquire() takes provider and model from the flag, else from the profile", async () => {
  const files = inProfile("llm_provider: bedrock, model: m1");
  const chosen = async (flags: Flags) => {
    const { provider, model } = (await prepare(flags, { files })).plan;
    return [provider, model];
  };
  assertEquals(await chosen({}), ["bedrock", "m1"]);
  const flags = { llmprovider: "anthropic", model: "m2" };
  assertEquals(await chosen(flags), ["anthropic", "m2"]);
});

Deno.test("inquire() refuses a bad provider name, wherever it was said", async () => {
  const files = inProfile("llm_provider: ../x");
  assertEquals(
    (await refusalOf(prepare({ llmprovider: "A" }))).message,
    'bad provider name "A" (--llmprovider)',
  );
  assertEquals(
    (await refusalOf(prepare({}, { files }))).message,
    'bad provider name "../x" (profile p)',
  );
});

Deno.test("inquire() without a provider lists the usable ones", async () => {
  assertEquals(await refusalOf(prepare({})), {
    code: "usage",
    message: "no provider: give one with --llmprovider NAME",
    hint: "providers Claude Code can use: anthropic, bedrock, sub",
  });
  const down = { fetch: () => Promise.reject(new Error("down")) };
  assertEquals(
    (await refusalOf(prepare({}, down))).hint,
    "or set llm_provider in the profile; cannot read the providers: " +
      `${GATEWAY}: down`,
  );
});

Deno.test("inquire() takes a model called ? from the profile as it is", async () => {
  const files = inProfile('llm_provider: bedrock, model: "?"');
  const terminals = ["stdin" as const, "stderr" as const];
  assertEquals((await prepare({}, { files, terminals })).plan.model, "?");
});

Deno.test("inquire() lists the alternatives of a provider that cannot be used", async () => {
  const cases = { antropic: "not_found", openai: "usage" };
  for (const [llmprovider, exit] of Object.entries(cases)) {
    const { code, hint } = await refusalOf(prepare({ llmprovider }));
    assertEquals([code, hint], [
      exit,
      "providers Claude Code can use: anthropic, bedrock, sub",
    ]);
  }
});

Deno.test("inquire() tells the helper whose token to print, but no token", async () => {
  const path = "/home/me/.rpai/ai-claude.credentials.json";
  const issuer = "https://login.example.com";
  const login = {
    access_token: TOKEN,
    expires_at: "2999-01-01T00:00:00Z",
    obtained_at: "2026-01-01T00:00:00Z",
  };
  const server = { current_organization: "o", organizations: { o: login } };
  const files = {
    [CONFIG]: `profiles: {p: {auth: {issuer: "${issuer}", client_id: cli}}}`,
    [path]: JSON.stringify({ issuers: { [issuer]: server } }),
  };
  const flags = { llmprovider: "anthropic", "rpai-profile": "p" };
  const { plan } = await prepare(flags, { files, env: { RPAI_TOKEN: "" } });
  const helper = String(plan.settings.apiKeyHelper);
  assertStringIncludes(
    helper,
    `lib/auth/helper.ts --auth-mode=device --issuer=${issuer} --client-id=cli ` +
      "--audience=cloudv2-production.redpanda.cloud --organization=o " +
      `--credentials=${path}`,
  );
  assertFalse(helper.includes(TOKEN));
});

Deno.test("inquire() has the relay carry what only the launcher can get", async () => {
  const cases: [FakeMachine, Flags][] = [
    [{}, {}],
    [{ env: { RPAI_TOKEN: "" } }, { token: TOKEN }],
    // A profile that wants no relay wants no token in the environment either.
    [{ files: inProfile("relay: false") }, {}],
  ];
  for (const [machine, flags] of cases) {
    for (const llmprovider of ["anthropic", "bedrock", "sub"]) {
      const { facts, plan } = await prepare(
        { llmprovider, ...flags },
        machine,
      );
      assert(facts.token.held);
      assertEquals(facts.relay, llmprovider !== "sub");
      const { ANTHROPIC_CUSTOM_HEADERS: _, ...env } = plan.env;
      const text = JSON.stringify([env, plan.settings, plan.args]);
      assertFalse(/hunter2secret|RPAI_TOKEN|RPAI_CLIENT/.test(text), text);
    }
    const without = { llmprovider: "anthropic", "no-relay": true, ...flags };
    const { message } = await refusalOf(prepare(without, machine));
    assertStringIncludes(message, "--no-relay does not go with");
  }
});

Deno.test("inquire() ignores a provider URL on another origin, with a warning", async () => {
  const url = "https://evil.example/llm/v1/providers/anthropic";
  const { plan } = await prepare({ llmprovider: "anthropic" }, {
    fetch: gateway([{ ...ANTHROPIC, url } as typeof ANTHROPIC]),
  });
  assertFalse(
    JSON.stringify([plan.env, plan.settings]).includes("evil.example"),
  );
  assertEquals(plan.warnings, [
    'provider "anthropic" names a URL of another origin; ignored: a token only goes to ' +
    GATEWAY,
  ]);
});

Deno.test("inquire() sends the token to the gateway and to nobody else", async () => {
  const seen: (string | null)[][] = [];
  await prepare({ llmprovider: "anthropic" }, {
    fetch: (url, init) => {
      seen.push([
        new URL(url).origin,
        new Headers(init?.headers).get("authorization"),
      ]);
      return gateway()!(url, init);
    },
  });
  assertEquals(seen, [[GATEWAY, `Bearer ${TOKEN}`]]);
});

Deno.test("inquire() shows for --print-settings what it can without a token", async () => {
  const cases: [Flags, string][] = [
    [{}, "managed"],
    [{ bedrock: true }, "bedrock"],
    [{ passthrough: true }, "passthrough"],
  ];
  for (const [flag, mode] of cases) {
    const flags = { llmprovider: "anthropic", "print-settings": true, ...flag };
    const { plan, asked } = await prepare(flags, { env: { RPAI_TOKEN: "" } });
    assertEquals(plan.mode, mode);
    assertEquals(plan.warnings, [
      `cannot read provider "anthropic" from ${GATEWAY}: not signed in; showing ${mode} ` +
      "mode without it",
    ]);
    assertEquals(asked, []);
  }
});

Deno.test("inquire() shows for --print-settings what it can without the gateway", async () => {
  const down = { fetch: () => Promise.reject(new Error("down")) };
  const flags = { llmprovider: "anthropic" };
  const { plan } = await prepare({ ...flags, "print-settings": true }, down);
  assertEquals(plan.mode, "managed");
  assertEquals((await refusalOf(prepare(flags, down))).code, "unavailable");
});

Deno.test("inquire() sends the subscription login nowhere in clear text", async () => {
  const endpoint = "http://gw.internal:8080";
  const machine: FakeMachine = {
    env: { RPAI_TOKEN: "" },
    files: inProfile("auth_mode: none"),
    fetch: (_url, init) => {
      const { name } = JSON.parse(String(init?.body));
      const llmProvider = PROVIDERS.find((each) => each.name === name);
      return Promise.resolve(Response.json({ llmProvider }));
    },
  };
  const launch = (llmprovider: string) =>
    prepare({ llmprovider, "rpai-endpoint": endpoint }, machine);
  assertEquals((await launch("anthropic")).plan.mode, "managed");
  assertEquals((await refusalOf(launch("sub"))).code, "usage");
});

Deno.test("inquire() reads the caller's settings below the working directory", async () => {
  const files = { "/src/project/s.json": '{"model":"opus"}' };
  const { plan } = await prepare({ llmprovider: "anthropic" }, { files }, [
    "--settings",
    "s.json",
    "-p",
    "hi",
  ]);
  assertEquals(plan.settings.model, "opus");
  assertEquals(plan.args.slice(2), ["-p", "hi"]);
  assertEquals(
    plan.args.filter((arg) => arg.startsWith("--settings")).length,
    1,
  );
});

Deno.test("inquire() looks into --claude-config-dir for the user's settings", async () => {
  const files = {
    "/other/settings.json": '{"env":{"CLAUDE_CODE_USE_FUTURE":"1"}}',
  };
  const { plan } = await prepare(
    { llmprovider: "anthropic", "claude-config-dir": "/other" },
    { files },
  );
  assertEquals(
    (plan.settings.env as Record<string, string>).CLAUDE_CODE_USE_FUTURE,
    "",
  );
  assertEquals(plan.env.CLAUDE_CONFIG_DIR, "/other");
});

Deno.test("inquire() refuses malformed settings, whatever the gateway says", async () => {
  const down = { fetch: () => Promise.reject(new Error("down")) };
  for (const machine of [{}, down]) {
    const launch = prepare({ llmprovider: "anthropic" }, machine, [
      "--settings",
      "{",
    ]);
    assertEquals((await refusalOf(launch)).code, "usage");
  }
});

Deno.test("inquire() asks Claude Code whether it accepts the settings", async () => {
  const refusing: FakeMachine = {
    capture: ({ args }) => ({
      code: 0,
      stdout: JSON.stringify({
        authMethod: args.join().includes("hooks") ? "none" : "api_key_helper",
      }),
      stderr: "",
    }),
  };
  const launch = prepare({ llmprovider: "anthropic" }, refusing, [
    "--settings",
    '{"hooks":"x"}',
  ]);
  assertEquals((await refusalOf(launch)).code, "usage");
});

Deno.test("inquire() takes the relay from the flag, else from the profile", async () => {
  const files = inProfile("auth_mode: rpk, relay: true");
  const llmprovider = "anthropic";
  const relay = async (flags: Flags, machine?: FakeMachine) =>
    (await prepare({ llmprovider, ...flags }, {
      ...withRpk([TOKEN], TOKEN),
      ...machine,
    })).facts.relay;
  assertEquals(await relay({}), false);
  assertEquals(await relay({ relay: true }), true);
  assertEquals(await relay({}, { files }), true);
  assertEquals(await relay({ "no-relay": true }, { files }), false);
});

Deno.test("inquire() leaves the relay's address to be filled in", async () => {
  const { facts, plan } = await prepare({ llmprovider: "sub", relay: true });
  assertEquals(
    [facts.token.first?.value, facts.route.providerUrl],
    [TOKEN, `${GATEWAY}/llm/v1/providers/sub`],
  );
  assertEquals(
    plan.env.ANTHROPIC_BASE_URL,
    "http://127.0.0.1:<port>/<secret>",
  );
  assertEquals("ANTHROPIC_UNIX_SOCKET" in plan.env, false);
  const managed = await prepare({ llmprovider: "anthropic", relay: true });
  const { ANTHROPIC_BASE_URL, ANTHROPIC_UNIX_SOCKET } = managed.plan.env;
  assertEquals([ANTHROPIC_BASE_URL, ANTHROPIC_UNIX_SOCKET], [
    "http://127.0.0.1:2/ai-claude",
    "<private folder>/socket",
  ]);
});

/** A machine whose `rpk` prints one token after the other. */
function withRpk(tokens: string[], accepted: string): FakeMachine {
  const left = [...tokens];
  return {
    env: { RPAI_TOKEN: "" },
    files: inProfile("auth_mode: rpk"),
    executables: ["/usr/bin/claude", "/usr/bin/rpk"],
    capture: () => ({
      code: 0,
      stdout: (left.length > 1 ? left.shift() : left[0]) ?? "",
      stderr: "",
    }),
    fetch: (url, init) => {
      const bearer = new Headers(init?.headers).get("authorization");
      return bearer === `Bearer ${accepted}`
        ? gateway()!(url, init)
        : Promise.resolve(
          Response.json({ code: "unauthenticated", message: "no" }, {
            status: 401,
          }),
        );
    },
  };
}

Deno.test("inquire() gets another token for one that the gateway refuses, once", async () => {
  const llmprovider = "anthropic";
  const { facts, asked } = await prepare(
    { llmprovider },
    withRpk(["old", "new"], "new"),
  );
  assertEquals(facts.token.first?.value, "new");
  assertEquals(asked.length, 2);
  const refused = prepare({ llmprovider }, withRpk(["old"], "new"));
  assertEquals((await refusalOf(refused)).code, "unauthenticated");
  const shown = prepare(
    { llmprovider, "print-settings": true },
    withRpk(["old", "new"], "new"),
  );
  assertEquals((await refusalOf(shown)).code, "unauthenticated");
});
