/**
 * The whole program with a stand-in for Claude Code: what it is started with,
 * and what becomes of streams, signals and exit codes.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  type LoopbackProvider,
  startLoopbackGateway,
} from "../../lib/loopback/gateway.ts";
import { eventually } from "../support/eventually.ts";
import { startLimitedGateway } from "../support/limited_gateway.ts";
import { inParallel } from "../support/in_parallel.ts";
import { CREDENTIALS, storeToken } from "../support/issued.ts";
import { askRelay, TELL_RELAY } from "../support/relay_client.ts";
import { makeWorld, type World } from "../support/program.ts";
import { serveBytes, serveHttp } from "../support/servers.ts";
import { fakeRpk, jwt, recordingClaude } from "../support/stand_ins.ts";
import { posixTest } from "../support/strict_test.ts";

const TOKEN = "gateway-token-5f1d3c9b70e24a68";
const PROVIDERS: LoopbackProvider[] = [
  { name: "anthropic", type: "anthropic" },
  { name: "bedrock", type: "bedrock", region: "eu-west-1" },
  { name: "own-login", type: "anthropic", passthrough: true },
];
const MODES = {
  managed: "anthropic",
  bedrock: "bedrock",
  passthrough: "own-login",
};

launchTest(
  "claude gets one --settings, then the launcher's flags, then the caller's",
  async () => {
    await using place = await makePlace();
    const recording = await recordingClaude(place.world);
    const claudeArgs = [
      "-p",
      "two words",
      "",
      "line\nbreak",
      'it\'s $HOME "quoted" \\',
      "--permission-mode",
      "plan",
      // The launcher's own flags mean nothing to it here.
      "--print-settings",
      "-o",
      "json",
      "--help",
      "--version",
      "--token=x",
      "-m",
      "--",
      "--settings",
      "é 漢",
      "",
    ];
    const ended = await place.launch(
      "anthropic",
      "-m",
      "opus",
      "--",
      ...claudeArgs,
    );
    assertEquals(ended, { code: 0, stdout: "", stderr: "" });
    const { argv } = await recording();
    assertEquals(argv[0], "--settings");
    assertEquals(argv.slice(2), ["--model", "opus", ...claudeArgs]);
    assertEquals(Object.keys(JSON.parse(argv[1])).sort(), [
      "apiKeyHelper",
      "env",
    ]);
  },
);

launchTest("without arguments claude gets nothing but --settings", async () => {
  await using place = await makePlace();
  const recording = await recordingClaude(place.world);
  assertEquals((await place.launch("anthropic")).code, 0);
  assertEquals((await recording()).argv.length, 2);
});

launchTest("run claude is the same as no command", async () => {
  await using place = await makePlace();
  const recording = await recordingClaude(place.world);
  const flags = ["-s", place.url, "-L", "bedrock", "-m", "x", "--", "-p", "hi"];
  await place.world.run(flags);
  const plain = await recording();
  await place.world.run(["run", "claude", ...flags]);
  assertEquals(await recording(), plain);
  assertStringIncludes(plain.argv.join(" "), "--model x -p hi");
});

launchTest("the examples of the original work", async () => {
  await inParallel([
    {
      line: "-L anthropic -m claude-sonnet-4-6 -- --permission-mode plan",
      argv: ["--model", "claude-sonnet-4-6", "--permission-mode", "plan"],
      variable: "ANTHROPIC_BASE_URL",
    },
    {
      line: "-L bedrock -m us.anthropic.claude-sonnet-4-6 -- -p hi",
      argv: ["--model", "us.anthropic.claude-sonnet-4-6", "-p", "hi"],
      variable: "ANTHROPIC_BEDROCK_BASE_URL",
    },
  ], async ({ line, argv, variable }) => {
    await using place = await makePlace({
      anthropic: ["claude-sonnet-4-6"],
      bedrock: ["us.anthropic.claude-sonnet-4-6"],
    });
    await place.world.write(".rpai/config", profile("dev", place.url));
    const recording = await recordingClaude(place.world);
    const ended = await place.world.run(line.split(" "));
    assertEquals(ended, { code: 0, stdout: "", stderr: "" });
    const got = await recording();
    assertEquals(got.argv.slice(2), argv);
    const name = line.split(" ")[1];
    assertEquals(got.env[variable], `${place.url}/llm/v1/providers/${name}`);
  });
});

launchTest("the exit code is claude's own", async () => {
  await inParallel([0, 1, 7, 255], async (code) => {
    await using place = await makePlace();
    await place.world.fakeClaude(`exit ${code}`);
    assertEquals(await place.launch("anthropic"), {
      code,
      stdout: "",
      stderr: "",
    });
  });
});

launchTest("claude runs in the caller's directory", async () => {
  await using place = await makePlace();
  const recording = await recordingClaude(place.world);
  const cwd = `${place.world.home}/project/a b`;
  await Deno.mkdir(cwd);
  const ended = await place.world.run(["-s", place.url, "-L", "anthropic"], {
    cwd,
  });
  assertEquals(ended.code, 0, ended.stderr);
  assertEquals((await recording()).cwd, cwd);
});

launchTest(
  "the environment is the caller's but for what the plan says",
  async () => {
    const rivals = {
      ANTHROPIC_API_KEY: "sk-rival-1",
      ANTHROPIC_AUTH_TOKEN: "sk-rival-2",
      ANTHROPIC_BASE_URL: "https://rival.example.com",
      ANTHROPIC_BEDROCK_BASE_URL: "https://rival.example.com",
      ANTHROPIC_CUSTOM_HEADERS:
        "X-Team: blue\nAuthorization: Bearer sk-rival-3\nx-redpanda-cloud-token: sk-rival-4",
      ANTHROPIC_FEDERATION_RULE_ID: "rule",
      AWS_BEARER_TOKEN_BEDROCK: "sk-rival-5",
      CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat-own-login",
      CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: "1",
      CLAUDE_CODE_USE_BEDROCK: "1",
      CLAUDE_CODE_USE_VERTEX: "1",
      CLAUDE_CODE_USE_SOMETHING_NEW: "1",
      RPAI_CLIENT_SECRET: "sk-rival-6",
    };
    const kept = {
      AWS_PROFILE: "work",
      EDITOR: "vi",
      EMPTY: "",
      HTTP_PROXY_UNUSED: "x",
      MULTI: "a\nb=c",
      NODE_EXTRA_CA_CERTS: "/ca.pem",
    };
    await inParallel(Object.entries(MODES), async ([mode, provider]) => {
      await using place = await makePlace();
      const { world } = place;
      Object.assign(world.env, rivals, kept);
      const recording = await recordingClaude(world);
      const args = ["-s", place.url, "-L", provider];
      const ended = await world.run(args);
      assertEquals(ended.code, 0, ended.stderr);
      const { env } = await recording();
      const plan = await world.run([...args, "--print-settings", "-o", "json"]);
      const document = JSON.parse(plan.stdout);
      assertEquals(document.mode, mode);

      const expected: Record<string, string> = {
        ...world.env,
        ...document.env,
      };
      for (const name of document.unset) delete expected[name];
      // These are redacted in the document.
      const headers = env.ANTHROPIC_CUSTOM_HEADERS;
      delete expected.ANTHROPIC_CUSTOM_HEADERS;
      delete env.ANTHROPIC_CUSTOM_HEADERS;
      assertEquals(env, expected);
      assertEquals(
        headers,
        mode === "passthrough"
          ? `X-Team: blue\nX-Redpanda-Cloud-Token: ${TOKEN}`
          : "X-Team: blue",
      );

      const address = `${place.url}/llm/v1/providers/${provider}`;
      const bedrock = mode === "bedrock";
      assertEquals(env.ANTHROPIC_BASE_URL, address);
      assertEquals(
        env.ANTHROPIC_BEDROCK_BASE_URL,
        bedrock ? address : undefined,
      );
      assertEquals(env.CLAUDE_CODE_USE_BEDROCK, bedrock ? "1" : undefined);
      assertEquals(env.AWS_REGION, bedrock ? "eu-west-1" : undefined);
      assertEquals(
        env.AWS_BEARER_TOKEN_BEDROCK,
        bedrock ? undefined : "sk-rival-5",
      );
      const own = mode === "passthrough" ? "sk-ant-oat-own-login" : undefined;
      assertEquals(env.CLAUDE_CODE_OAUTH_TOKEN, own);
      for (
        const name of [
          "ANTHROPIC_API_KEY",
          "ANTHROPIC_AUTH_TOKEN",
          "ANTHROPIC_FEDERATION_RULE_ID",
          "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST",
          "CLAUDE_CODE_USE_VERTEX",
          "CLAUDE_CODE_USE_SOMETHING_NEW",
          "RPAI_CLIENT_SECRET",
        ]
      ) assertFalse(name in env, name);
      for (const [name, value] of Object.entries(kept)) {
        assertEquals(env[name], value);
      }
    });
  },
);

launchTest(
  "the token of --token stays in the launcher, whose relay carries it",
  async () => {
    await using place = await makePlace();
    const { world } = place;
    const recording = await recordingClaude(
      world,
      `${TELL_RELAY}\nuntil [ -e "$HOME/leave" ]; do sleep 0.05; done`,
    );
    const ended = world.run(
      ["-s", place.url, "-L", "anthropic", "--token", "flag-token-77"],
      { env: { RPAI_TOKEN: "env-token-78" } },
    );
    const ask = await askRelay(world);
    assertEquals((await ask("/v1/models")).status, 200);
    await world.write("leave", "x");
    assertEquals(await ended, { code: 0, stdout: "", stderr: "" });
    const { argv, env } = await recording();
    const text = JSON.stringify([argv, env]);
    assertFalse(/flag-token-77|env-token-78|RPAI_/.test(text), text);
    assertEquals(
      place.requests.map(({ headers }) => headers.authorization),
      ["Bearer flag-token-77", "Bearer flag-token-77"],
    );
  },
);

launchTest("a token of rpk is not put into the environment", async () => {
  await using place = await makePlace();
  const { world } = place;
  await Deno.remove(`${world.home}/${CREDENTIALS}`);
  const token = jwt(3600);
  await fakeRpk(world, `[ "$*" = "ai auth token" ] && echo ${token}`);
  await world.write(
    ".rpai/config",
    profile("dev", place.url, "auth_mode: rpk"),
  );
  const recording = await recordingClaude(world);
  const ended = await world.run(["-L", "anthropic"]);
  assertEquals(ended, { code: 0, stdout: "", stderr: "" });
  const { argv, env } = await recording();
  assertFalse("RPAI_TOKEN" in env);
  assertFalse(JSON.stringify([argv, env]).includes(token));
  assertEquals(place.requests[0].headers.authorization, `Bearer ${token}`);
});

launchTest("without a stored login rpk is asked, and said so", async () => {
  await using place = await makePlace();
  const { world } = place;
  await Deno.remove(`${world.home}/${CREDENTIALS}`);
  await fakeRpk(world, "echo rpk-token-123");
  const recording = await recordingClaude(world);
  const ended = await place.launch("anthropic");
  assertEquals(ended.code, 0, ended.stderr);
  assertMatch(ended.stderr, /^warning: .*\brpk\b.*\n$/);
  await recording();
  assertEquals(
    place.requests[0].headers.authorization,
    "Bearer rpk-token-123",
  );
});

launchTest(
  "auth_mode none looks providers up without a credential",
  async () => {
    await using place = await makePlace({}, { noAuth: true });
    const { world } = place;
    await world.write(
      ".rpai/config",
      profile("dev", place.url, "auth_mode: none"),
    );
    const recording = await recordingClaude(world);
    const ended = await world.run(["-L", "anthropic"]);
    assertEquals(ended, { code: 0, stdout: "", stderr: "" });
    assertFalse("RPAI_TOKEN" in (await recording()).env);
    assertEquals(place.requests.length, 1);
    assertFalse("authorization" in place.requests[0].headers);
  },
);

launchTest("no token is in the arguments of any process", async () => {
  // Written down by claude, by the helper's rpk and by the launcher's rpk, while
  // each of them runs.
  const dump = (file: string) =>
    `for line in /proc/[0-9]*/cmdline; do cat "$line" 2>/dev/null; done | tr '\\0' '\\n' >> "$HOME/${file}"`;
  await inParallel(
    [
      ["managed", "rpk"],
      ["bedrock", "rpk"],
      ["passthrough", "rpk"],
      ["passthrough", "token"],
    ] as const,
    async ([mode, authMode]) => {
      const token = `token-${mode}-${authMode}-${crypto.randomUUID()}`;
      await using place = await makePlace();
      const { world } = place;
      world.env.RPAI_TOKEN = authMode === "token" ? token : "";
      await world.write("token", token);
      await fakeRpk(world, `${dump("rpk-dump")}\ncat "$HOME/token"`);
      await world.write(
        ".rpai/config",
        profile("dev", place.url, `auth_mode: ${authMode}`),
      );
      // Claude Code would run the helper of its settings; `$2` is their JSON.
      await world.fakeClaude(`${dump("claude-dump")}
helper=$(printf '%s' "$2" | sed 's/^{"apiKeyHelper":"\\([^"]*\\)".*/\\1/')
if [ -n "$helper" ]; then /bin/sh -c "$helper" > "$HOME/helped"; fi
${dump("claude-dump")}`);
      const ended = await world.run([
        "-L",
        MODES[mode],
        "-v",
        "--",
        "-p",
        "hi",
      ]);
      assertEquals(ended.code, 0, ended.stderr);
      const read = (name: string) => Deno.readTextFile(`${world.home}/${name}`);
      const seen = await read("claude-dump");
      assertStringIncludes(seen, "apiKeyHelper");
      assertFalse(seen.includes(token));
      if (mode !== "passthrough") {
        assertEquals(await read("helped"), `${token}\n`);
      }
      if (authMode === "rpk") {
        const dumped = await read("rpk-dump");
        assertStringIncludes(dumped, "rpk-bin/rpk");
        assertFalse(dumped.includes(token));
      }
      assertFalse((ended.stdout + ended.stderr).includes(token));
      for (const file of await world.files()) {
        if (["token", "helped"].includes(file)) {
          continue;
        }
        assertFalse((await read(file)).includes(token), file);
      }
    },
  );
}, Deno.build.os !== "linux");

launchTest("flag beats variable beats profile", async () => {
  const config = (here: string, there: string) => `
current_profile: current
profiles:
  current:
    ai_gateway_url: ${here}
    llm_provider: anthropic
    model: profile-model
    auth_mode: rpk
  other:
    dataplane_url: ${there}
    llm_provider: bedrock
    auth_mode: rpk
`;
  interface Case {
    args?: string[];
    env?: Record<string, string>;
    /** What comes out, besides what the current profile says. */
    out?: Partial<Record<"at" | "provider" | "model" | "token", string>>;
  }
  const cases: Case[] = [
    {},
    { args: ["-L", "bedrock"], out: { provider: "bedrock" } },
    { args: ["--llmprovider=bedrock"], out: { provider: "bedrock" } },
    { args: ["-m", "flag-model"], out: { model: "flag-model" } },
    { args: ["-s", "{there}"], out: { at: "there" } },
    { args: ["--endpoint", "{there}/"], out: { at: "there" } },
    {
      env: { RPAI_ENDPOINT: "{there}", RPAI_RPAI_ENDPOINT: "{there}" },
      out: { at: "here" },
    },
    ...[
      { env: { RPAI_PROFILE: "other" } },
      { args: ["-p", "other"] },
      { args: ["--profile", "other"], env: { RPAI_PROFILE: "current" } },
      { args: ["--rpai-profile=other"], env: { RPAI_PROFILE: "missing" } },
    ].map((how) => ({
      ...how,
      out: { at: "there", provider: "bedrock", model: "" },
    })),
    { env: { RPAI_PROFILE: "" } },
    {
      args: ["-p", "other", "-L", "anthropic", "-m", "m", "-s", "{here}"],
      out: { model: "m" },
    },
    { env: { RPAI_TOKEN: "env-token" }, out: { token: "env-token" } },
    { args: ["--token", "flag-token"], out: { token: "flag-token" } },
    {
      args: ["--token", "flag-token"],
      env: { RPAI_TOKEN: "env-token" },
      out: { token: "flag-token" },
    },
    { env: { RPAI_TOKEN: "" } },
  ];
  await inParallel(cases, async ({ args = [], env = {}, out = {} }) => {
    await using here = await makePlace();
    await using there = startLoopbackGateway({ providers: PROVIDERS });
    const { world } = here;
    await fakeRpk(world, "echo rpk-token");
    await world.write(".rpai/config", config(here.url, there.url));
    const recording = await recordingClaude(world);
    const fill = (text: string) =>
      text.replace("{here}", here.url).replace("{there}", there.url);
    const ended = await world.run(args.map(fill), {
      env: Object.fromEntries(
        Object.entries(env).map(([name, text]) => [name, fill(text)]),
      ),
    });
    assertEquals(ended.code, 0, ended.stderr);
    const got = await recording();
    const wanted = {
      at: "here",
      provider: "anthropic",
      model: "profile-model",
      token: "rpk-token",
      ...out,
    };
    const base = wanted.at === "here" ? here.url : there.url;
    // The relay carries what only the launcher has.
    assertEquals(
      got.env.ANTHROPIC_BASE_URL,
      out.token === undefined
        ? `${base}/llm/v1/providers/${wanted.provider}`
        : "http://127.0.0.1:2/ai-claude",
    );
    assertEquals(
      got.argv.slice(2),
      wanted.model === "" ? [] : ["--model", wanted.model],
    );
    const [asked, spared] = wanted.at === "here"
      ? [here.requests, there.requests]
      : [there.requests, here.requests];
    assertEquals(
      asked.map(({ headers }) => headers.authorization),
      [`Bearer ${wanted.token}`],
    );
    assertEquals(spared, []);
  });
});

launchTest(
  "the config file is the flag's, the variable's or the default one",
  async () => {
    const cases: {
      args?: string[];
      env?: Record<string, string>;
      from: string;
    }[] = [
      { from: "default" },
      { env: { RPAI_CONFIG: "" }, from: "default" },
      { env: { RPAI_CONFIG: "{home}/variable" }, from: "variable" },
      { env: { RPAI_CONFIG: "../variable" }, from: "variable" },
      { args: ["-c", "{home}/flag"], from: "flag" },
      { args: ["--config=../flag"], from: "flag" },
      {
        args: ["--rpai-config", "{home}/flag"],
        env: { RPAI_CONFIG: "/dev/null/none" },
        from: "flag",
      },
    ];
    await inParallel(cases, async ({ args = [], env = {}, from }) => {
      await using place = await makePlace();
      const { world } = place;
      for (const name of ["default", "variable", "flag"]) {
        const path = name === "default" ? ".rpai/config" : name;
        await world.write(path, profile(name, place.url, `model: ${name}`));
      }
      const recording = await recordingClaude(world);
      const fill = (text: string) => text.replace("{home}", world.home);
      const ended = await world.run([...args.map(fill), "-L", "anthropic"], {
        env: Object.fromEntries(
          Object.entries(env).map(([name, text]) => [name, fill(text)]),
        ),
      });
      assertEquals(ended, { code: 0, stdout: "", stderr: "" });
      const { argv } = await recording();
      assertEquals(argv.slice(2), ["--model", from]);
    });
  },
);

launchTest("texts of the config file stay texts", async () => {
  await using place = await makePlace();
  await place.world.write(
    ".rpai/config",
    `current_profile: 2026-01-01\nprofiles:\n  2026-01-01:\n    ai_gateway_url: ${place.url}\n    model: 1e3\n    later_key: [1]\nlater_key: 0x10\n`,
  );
  const recording = await recordingClaude(place.world);
  const ended = await place.world.run(["-L", "anthropic"]);
  assertEquals(ended, { code: 0, stdout: "", stderr: "" });
  assertEquals((await recording()).argv.slice(2), ["--model", "1e3"]);
});

launchTest("the caller's --settings are merged below the overlay", async () => {
  const inline = {
    hooks: { Stop: [{ hooks: [{ type: "command", command: "true" }] }] },
    permissions: { allow: ["Bash(ls:*)"], deny: ["Read(./.env)"] },
    apiKeyHelper: "echo rival",
    env: {
      ANTHROPIC_BASE_URL: "https://rival.example.com",
      MY_SECRET: "sk-caller-secret-1",
      COUNT: 3,
    },
    model: "haiku",
  };
  const file = {
    permissions: { allow: ["Bash(cat:*)"], defaultMode: "plan" },
    env: { MY_SECRET: "sk-caller-secret-2", ANTHROPIC_API_KEY: "sk-rival" },
    cleanupPeriodDays: 7,
  };
  await using place = await makePlace();
  const { world } = place;
  await world.write("project/own settings.json", file);
  const recording = await recordingClaude(world);
  const ended = await place.launch(
    "anthropic",
    ...["--", "-p", "--settings", JSON.stringify(inline), "hi"],
    ...["--settings=own settings.json", "--", "--settings"],
  );
  assertEquals(ended.code, 0, ended.stderr);
  assertMatch(ended.stderr, /^warning: --settings: .*apiKeyHelper.*\n$/);
  assertStringIncludes(ended.stderr, "env.ANTHROPIC_BASE_URL");
  assertStringIncludes(ended.stderr, "env.ANTHROPIC_API_KEY");
  const { argv, env } = await recording();
  assertEquals(argv[0], "--settings");
  assertEquals(argv.slice(2), ["-p", "hi", "--", "--settings"]);
  const settings = JSON.parse(argv[1]);
  assertStringIncludes(settings.apiKeyHelper, " --auth-mode=device");
  assertEquals(settings.hooks, inline.hooks);
  assertEquals(settings.permissions, {
    allow: ["Bash(ls:*)", "Bash(cat:*)"],
    deny: ["Read(./.env)"],
    defaultMode: "plan",
  });
  assertEquals(settings.model, "haiku");
  assertEquals(settings.cleanupPeriodDays, 7);
  assertEquals(
    settings.env.ANTHROPIC_BASE_URL,
    `${place.url}/llm/v1/providers/anthropic`,
  );
  assertEquals(settings.env.ANTHROPIC_API_KEY, "");
  assertFalse("MY_SECRET" in settings.env);
  assertEquals(env.MY_SECRET, "sk-caller-secret-2");
  assertEquals(env.COUNT, "3");
  assertEquals(env.ANTHROPIC_BASE_URL, settings.env.ANTHROPIC_BASE_URL);
  assertFalse("ANTHROPIC_API_KEY" in env);
  assertFalse(
    (argv.join("\n") + ended.stderr).match(/sk-(caller|rival)/) !== null,
  );
});

launchTest(
  "--claude-config-dir is handed on, and nothing is written",
  async () => {
    await using place = await makePlace();
    const { world } = place;
    await world.write("project/conf/settings.json", { theme: "dark" });
    const recording = await recordingClaude(world);
    const before = await world.files();
    const ended = await place.launch(
      "own-login",
      "--claude-config-dir",
      "conf",
    );
    assertEquals(ended, { code: 0, stdout: "", stderr: "" });
    const { env } = await recording();
    assertEquals(env.CLAUDE_CONFIG_DIR, `${world.home}/project/conf`);
    const written = ["bin/argv", "bin/cwd", "bin/environ"];
    assertEquals(await world.files(), [...before, ...written].sort());
  },
);

launchTest("permission_denied: managed, or what the flags say", async () => {
  await using gateway = startLimitedGateway({
    providers: [],
    metadata: "permission_denied",
  });
  await inParallel(
    [
      ["managed", []],
      ["bedrock", ["--bedrock"]],
      ["passthrough", ["--passthrough"]],
    ] as const,
    async ([mode, flags]) => {
      await using world = await makeWorld();
      await storeToken(world, TOKEN);
      const recording = await recordingClaude(world);
      const args = ["-L", "anthropic", "-s", gateway.url, ...flags];
      const ended = await world.run(args);
      assertEquals(ended.code, 0, ended.stderr);
      assertMatch(ended.stderr, /^warning: .+\n$/);
      for (const part of ['"anthropic"', mode, "--model"]) {
        assertStringIncludes(ended.stderr, part);
      }
      // How to force a mode is said unless one was forced.
      for (const flag of ["--passthrough", "--bedrock"]) {
        assertEquals(ended.stderr.includes(flag), flags.length === 0);
      }
      assertFalse(ended.stderr.includes(TOKEN));
      const { env } = await recording();
      const address = `${gateway.url}/llm/v1/providers/anthropic`;
      const header = `X-Redpanda-Cloud-Token: ${TOKEN}`;
      assertEquals(
        [
          env.ANTHROPIC_BASE_URL,
          env.ANTHROPIC_BEDROCK_BASE_URL,
          env.CLAUDE_CODE_USE_BEDROCK,
          env.ANTHROPIC_CUSTOM_HEADERS,
        ],
        {
          managed: [address, undefined, undefined, undefined],
          bedrock: [address, address, "1", undefined],
          passthrough: [address, undefined, undefined, header],
        }[mode],
      );
    },
  );
});

launchTest(
  "a mode flag that contradicts the provider is ignored, with a warning",
  async () => {
    await inParallel(
      [
        ["anthropic", "--passthrough", "managed"],
        ["anthropic", "--bedrock", "managed"],
        ["own-login", "--bedrock", "passthrough"],
      ] as const,
      async ([name, flag, mode]) => {
        await using place = await makePlace();
        const ended = await place.launch(
          name,
          flag,
          "--print-settings",
          "-o",
          "json",
        );
        assertEquals(ended.code, 0, ended.stderr);
        assertEquals(JSON.parse(ended.stdout).mode, mode);
        assertMatch(ended.stderr, /^warning: .+\n$/);
        assertStringIncludes(ended.stderr, flag);
      },
    );
  },
);

launchTest(
  "a URL of another origin in the record is ignored, with a warning",
  async () => {
    const seen: string[] = [];
    await using elsewhere = serveHttp((request) => {
      seen.push(request.url);
      return new Response();
    });
    await using gateway = serveHttp(() =>
      Response.json({
        llmProvider: {
          name: "anthropic",
          type: "LLM_PROVIDER_TYPE_ANTHROPIC",
          enabled: true,
          url: elsewhere.url,
        },
      })
    );
    await using world = await makeWorld();
    await storeToken(world, TOKEN);
    const recording = await recordingClaude(world);
    const ended = await world.run(["-L", "anthropic", "-s", gateway.url]);
    assertEquals(ended.code, 0, ended.stderr);
    assertMatch(ended.stderr, /^warning: .*"anthropic".+\n$/);
    const { env, argv } = await recording();
    const address = `${gateway.url}/llm/v1/providers/anthropic`;
    assertEquals(env.ANTHROPIC_BASE_URL, address);
    assertFalse(JSON.stringify([env, argv]).includes(elsewhere.url));
    assertEquals(seen, []);
  },
);

launchTest(
  "a gateway on loopback is asked directly, whatever the proxy",
  async () => {
    const seen: string[] = [];
    await using proxy = serveHttp((request) => {
      seen.push(request.headers.get("authorization") ?? "");
      return new Response(null, { status: 502 });
    });
    await inParallel(
      ["HTTP_PROXY", "http_proxy", "ALL_PROXY"],
      async (name) => {
        await using place = await makePlace();
        await place.world.fakeClaude("exit 0");
        place.world.env[name] = proxy.url;
        const ended = await place.launch("anthropic");
        // Through the proxy the token would travel in clear text.
        assertEquals(seen, []);
        assertEquals(ended, { code: 0, stdout: "", stderr: "" });
      },
    );
  },
);

launchTest("--verbose tells what happens, without the token", async () => {
  await inParallel([
    { args: ["-v"] },
    { args: ["--verbose"] },
    { env: { RPAI_VERBOSE: "1" } },
  ], async ({ args = [], env }) => {
    await using place = await makePlace();
    await place.world.fakeClaude("exit 0");
    const ended = await place.world.run(
      ["-s", place.url, "-L", "own-login", ...args],
      { env },
    );
    assertEquals([ended.code, ended.stdout], [0, ""]);
    assertMatch(ended.stderr, /^(debug: .+\n)+$/);
    assertStringIncludes(ended.stderr, place.url);
    assertFalse(ended.stderr.includes(TOKEN));
  });
});

launchTest(
  "claude is found on PATH, then where its installers put it",
  async () => {
    await inParallel([
      { at: "first/claude", path: "{home}/none:{home}/first:{home}/second" },
      { at: ".local/bin/claude", path: "{home}/none" },
      { at: ".claude/local/claude", path: "" },
    ], async ({ at, path }) => {
      await using place = await makePlace();
      const { world } = place;
      const script = '#!/bin/sh\necho "$0"\n';
      await world.write(at, script, 0o755);
      await world.write("second/claude", script, 0o755);
      await world.write("first/claude.txt", script, 0o755);
      world.env.PATH = path.replaceAll("{home}", world.home);
      const ended = await place.launch("anthropic");
      assertEquals(ended, {
        code: 0,
        stdout: `${world.home}/${at}\n`,
        stderr: "",
      });
    });
  },
);

launchTest("claude has the caller's three streams", async () => {
  await using place = await makePlace();
  await place.world.fakeClaude("echo to stderr >&2; cat; exit 3");
  const child = place.world.start(["-s", place.url, "-L", "anthropic"]);
  const input = "x".repeat(100_000) + "\nlast line without an end";
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const output = await child.output();
  assertEquals(output.code, 3);
  assertEquals(new TextDecoder().decode(output.stdout), input);
  assertEquals(new TextDecoder().decode(output.stderr), "to stderr\n");
});

for (
  const { signal, code } of [
    { signal: "SIGTERM", code: 143 },
    { signal: "SIGHUP", code: 129 },
  ] as const
) {
  launchTest(`${signal} is passed on: exit ${code}, no orphan`, async () => {
    await using place = await makePlace();
    await using running = await startSleeper(place);
    running.launcher.kill(signal);
    assertEquals((await running.launcher.status).code, code);
    assertFalse(isAlive(running.claude));
  });
}

launchTest(
  "SIGTERM waits for a claude that takes its time, and for its exit code",
  async () => {
    await using place = await makePlace();
    await using running = await startSleeper(
      place,
      `trap ': > "$HOME/ending"; while [ ! -e "$HOME/go" ]; do sleep 0.02; done
: > "$HOME/cleaned"; exit 5' TERM`,
    );
    running.launcher.kill("SIGTERM");
    const { world } = place;
    await eventually(
      "the signal",
      async () => (await world.files()).includes("ending") || undefined,
    );
    assert(isAlive(running.launcher.pid));
    await world.write("go", "");
    assertEquals((await running.launcher.status).code, 5);
    assert((await place.world.files()).includes("cleaned"));
    assertFalse(isAlive(running.claude));
  },
);

launchTest("a claude killed by SIGKILL gives 137", async () => {
  await using place = await makePlace();
  await using running = await startSleeper(place);
  Deno.kill(running.claude, "SIGKILL");
  assertEquals((await running.launcher.status).code, 137);
});

for (const signal of ["SIGINT", "SIGQUIT"] as const) {
  launchTest(`${signal} without a terminal is passed on`, async () => {
    await using place = await makePlace();
    await using running = await startSleeper(
      place,
      "trap 'exit 6' INT QUIT",
    );
    running.launcher.kill(signal);
    assertEquals((await running.launcher.status).code, 6);
  });
}

launchTest(
  "Ctrl-C ends a launcher that still waits for the gateway",
  async () => {
    await using place = await makePlace();
    await place.world.fakeClaude(': > "$HOME/started"');
    using silent = serveBytes();
    const launcher = place.world.start(["-s", silent.url, "-L", "anthropic"]);
    await launcher.stdin.close();
    await silent.visited;
    launcher.kill("SIGINT");
    const [{ signal }] = await Promise.all([
      launcher.status,
      launcher.stdout.cancel(),
      launcher.stderr.cancel(),
    ]);
    assertEquals(signal, "SIGINT");
    assertFalse((await place.world.files()).includes("started"));
  },
);

/** A world with a gateway and a token in the environment. */
interface Place extends AsyncDisposable {
  world: World;
  url: string;
  requests: ReturnType<typeof startLoopbackGateway>["requests"];
  /** Launches with a provider, and more arguments. */
  launch(provider: string, ...args: string[]): ReturnType<World["run"]>;
}

/** Makes a place; `models` are allow-lists by provider. */
async function makePlace(
  models: Record<string, string[]> = {},
  options: { noAuth?: boolean } = {},
): Promise<Place> {
  const gateway = startLoopbackGateway({
    providers: PROVIDERS.map((provider) => ({
      ...provider,
      models: models[provider.name],
    })),
    ...options,
  });
  const world = await makeWorld();
  await storeToken(world, TOKEN);
  return {
    world,
    url: gateway.url,
    requests: gateway.requests,
    launch: (provider, ...args) =>
      world.run(["-s", gateway.url, "-L", provider, ...args]),
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

/** A config file with one profile, which is the current one. */
function profile(name: string, url: string, more = ""): string {
  return `current_profile: ${name}\nprofiles:\n  ${name}:\n` +
    `    ai_gateway_url: ${url}\n    ${more}\n`;
}

interface Running extends AsyncDisposable {
  launcher: Deno.ChildProcess;
  /** Its process id. */
  claude: number;
}

/** Starts a launch, and waits until its `claude` has set traps and idles. */
async function startSleeper(
  { world, url }: Place,
  traps = "",
): Promise<Running> {
  // The write is renamed into place, so that the id is never read by halves.
  await world.fakeClaude(`exec < /dev/null > /dev/null 2>&1
${traps}
echo $$ > "$HOME/pid.new"; mv "$HOME/pid.new" "$HOME/pid"
while :; do sleep 0.02; done`);
  const launcher = world.start(["-s", url, "-L", "anthropic"]);
  await launcher.stdin.close();
  const claude = Number(
    await eventually(
      "claude",
      () => Deno.readTextFile(`${world.home}/pid`).catch(() => undefined),
    ),
  );
  return {
    launcher,
    claude,
    [Symbol.asyncDispose]: async () => {
      // Of no effect when the test went well.
      if (isAlive(claude)) Deno.kill(claude, "SIGKILL");
      await Promise.all([
        launcher.stdout.cancel(),
        launcher.stderr.cancel(),
        launcher.status,
      ]);
    },
  };
}

/** Whether a process exists; asking does not disturb one that runs. */
function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}

function launchTest(
  name: string,
  fn: () => Promise<void>,
  ignore?: boolean,
): void {
  posixTest(`launch: ${name}`, fn, ignore);
}
