/**
 * The doctor on machines in every state: in this process, on a machine that the
 * test makes up, with a real gateway on loopback.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import { doctor } from "../../../lib/commands/doctor/doctor.ts";
import {
  type Check,
  ok,
  runChecks,
} from "../../../lib/commands/doctor/check.ts";
import { CliError } from "../../../lib/base/errors.ts";
import { VERSION } from "../../../lib/base/version.ts";
import type { Sys } from "../../../lib/system/sys.ts";
import type { Flags } from "../../../lib/profile/flags.ts";
import {
  CHECKOUT,
  fakeJwt,
  type FakeMachine,
  fakeSys,
  NOW,
} from "../../support/fake_sys.ts";
import { startLimitedGateway } from "../../support/limited_gateway.ts";
import {
  CLAUDE,
  examine,
  findings,
  HOME,
  machine,
  only,
  startGateway,
  TOKEN,
} from "./machine.ts";
import { makeWorld } from "../../support/program.ts";
import { serveHttp } from "../../support/servers.ts";

const PROGRAM = `ai-claude ${VERSION}, Deno ${CHECKOUT.denoVersion}`;
const CHECKS = [
  "program",
  "claude",
  "config",
  "token",
  "gateway",
  "provider",
  "model",
  "settings",
  "terminal",
];

Deno.test("doctor() finds nothing wrong where nothing is", async () => {
  await using gateway = startGateway();
  const { code, checks } = await examine(machine(gateway.url));
  assertEquals(findings(checks), []);
  assertEquals(checks.map(({ name }) => name), CHECKS);
  assertEquals(code, 0);
  const message = Object.fromEntries(
    checks.map(({ name, message }) => [name, message]),
  );
  assertEquals(message, {
    program: PROGRAM,
    claude: `2.1.330 at ${CLAUDE}`,
    config: `profile "prod" of ${HOME}/.rpai/config, gateway ${gateway.url}, ` +
      "auth_mode device",
    token: "from RPAI_TOKEN, no known expiry, not refreshable",
    gateway: `${gateway.url} answers in 0 ms, on this machine`,
    provider:
      '"main": anthropic, enabled, 1 model; a launch takes managed mode',
    model: '"claude-sonnet-4-6" is allowed',
    settings: "no settings files; nothing stops managed mode",
    terminal: "linux, terminal xterm-256color",
  });
});

Deno.test("doctor() on a machine with nothing at all says what to do, in order", async () => {
  const sys = Object.assign(fakeSys(), {
    sleep: () => new Promise<void>(() => {}),
  });
  const code = await doctor({}, sys);
  assertEquals(code, 1);
  assertEquals(
    sys.stdout,
    `STATUS  CHECK     RESULT
ok      program   ${PROGRAM}
fail    claude    Claude Code is not installed: no executable "claude" on PATH
                  -> install it: npm install -g @anthropic-ai/claude-code, or set AI_CLAUDE_BIN to its path
fail    config    no AI gateway: HOME is not set, so there is no config file
                  -> set HOME, or name a file with --rpai-config and a gateway with --rpai-endpoint
fail    token     not signed in
                  -> set RPAI_TOKEN, or RPAI_CLIENT_ID and RPAI_CLIENT_SECRET
skip    gateway   there is no gateway URL
fail    provider  none is chosen
                  -> give one with --llmprovider NAME, or set llm_provider in the profile
skip    model     the provider's allow-list is not known
ok      settings  no settings files; nothing stops managed mode
warn    terminal  linux: HOME is not set, so there is no config, no login and no settings of the user
                  -> set HOME to your home directory
`,
  );
});

Deno.test("doctor() without a config says how to make one", async () => {
  await using gateway = startGateway();
  const sys = machine(gateway.url, {
    env: { RPAI_CONFIG: "" },
    files: { [`${HOME}/.rpai/config`]: "" },
  });
  const { code, checks } = await examine(sys);
  assertEquals(code, 1);
  const [config] = only(checks, "config");
  assertEquals(config.status, "fail");
  assertStringIncludes(config.remedy ?? "", "ai-claude profile add");
  const trial = await examine(sys, {
    "rpai-endpoint": gateway.url,
    llmprovider: "main",
  });
  assertEquals(findings(trial.checks), []);
});

Deno.test("doctor() names what is wrong with a config, and goes on", async () => {
  const sys = machine("", { files: { [`${HOME}/.rpai/config`]: "a: [" } });
  const { code, checks } = await examine(sys);
  assertEquals(code, 1);
  const status = checks.map(({ name, status }) => `${name} ${status}`);
  assertEquals(status, [
    "program ok",
    "claude ok",
    "config fail",
    "token skip",
    "gateway skip",
    "provider skip",
    "model skip",
    "settings ok",
    "terminal ok",
  ]);
});

Deno.test("doctor() knows Claude Code by its version", async () => {
  await using gateway = startGateway();
  const claude = async (capture: FakeMachine["capture"]) =>
    only((await examine(machine(gateway.url, { capture }))).checks, "claude");
  const answer = (stdout: string, code = 0) => () => ({
    code,
    stdout,
    stderr: "",
  });
  assertEquals((await claude(answer("2.1.208 (x)")))[0].status, "ok");
  for (const old of ["2.1.207", "2.0.999", "1.9.900"]) {
    const [check] = await claude(answer(old));
    assertEquals(check.status, "fail");
    assertStringIncludes(
      check.message,
      `${CLAUDE} is ${old}, older than 2.1.208`,
    );
    assertStringIncludes(check.remedy ?? "", "claude update");
  }
  for (
    const broken of [
      answer("\u001b[2Jgarbage"),
      answer("2.1.330", 1),
      () => ({ code: 137, stdout: "", stderr: "", timedOut: true }),
      () => new Error("Exec format error"),
    ]
  ) {
    const [check] = await claude(broken);
    assertEquals(check.status, "fail");
    assertFalse(check.message.includes("\u001b"));
    assertStringIncludes(check.message, CLAUDE);
  }
  for (const bad of ["2.1.261", "2.1.264", "2.1.266", "2.1.267", "2.1.275"]) {
    const [check] = await claude(answer(bad));
    assertEquals([bad, check.status], [bad, "warn"]);
    assertStringIncludes(check.remedy ?? "", "claude update");
  }
  for (const good of ["2.1.260", "2.1.268", "2.1.274", "2.1.276"]) {
    assertEquals((await claude(answer(good)))[0].status, "ok");
  }
});

Deno.test("doctor() says why Claude Code does not start", async () => {
  await using gateway = startGateway();
  const claude = async (code: string, more: Partial<Sys> = {}) => {
    const sys = Object.assign(
      machine(gateway.url, {
        capture: () => Object.assign(new Error(`Failed: ${code}`), { code }),
      }),
      more,
    );
    const [{ status, message, remedy }] = only(
      (await examine(sys)).checks,
      "claude",
    );
    assertEquals(status, "fail");
    return `${message} -> ${remedy}`;
  };
  const there = { fileMode: () => Promise.resolve(0o100755) };
  const reinstall =
    "-> reinstall Claude Code, or set AI_CLAUDE_BIN to another one";
  const cannot = `cannot start ${CLAUDE}:`;
  assertEquals(
    await claude("EACCES", there),
    `${cannot} you may not execute it -> chmod a+rx "${CLAUDE}"`,
  );
  assertEquals(
    await claude("ENOENT", there),
    `${cannot} the program that its first line names does not exist ${reinstall}`,
  );
  assertEquals(
    await claude("ENOENT"),
    `${cannot} Failed: ENOENT ${reinstall}`,
  );
  assertEquals(
    await claude("EACCES", {
      fileMode: (path) =>
        path === "/src/project/."
          ? Promise.reject(new Error("Permission denied"))
          : Promise.resolve(0o100755),
    }),
    "cannot start Claude Code in /src/project: you may not enter that " +
      "directory -> change to another directory",
  );
});

Deno.test("doctor() tells of a token all but the token", async () => {
  await using gateway = startGateway();
  const jwt = fakeJwt({ exp: NOW / 1000 + 600, email: "me@example.com" });
  await using trusting = startLimitedGateway({
    accepts: (token) => token === jwt,
    providers: [{ name: "main", type: "anthropic" }],
  });
  const sys = machine(trusting.url, { env: { RPAI_TOKEN: jwt } });
  const { checks } = await examine(sys);
  const [token] = only(checks, "token");
  assertEquals(token, {
    name: "token",
    status: "warn",
    message: "from RPAI_TOKEN, 10m left, not refreshable",
    remedy: "sign in again before a long session: ai-claude auth login",
  });
  const expired = fakeJwt({ exp: NOW / 1000 - 1 });
  const late = await examine(
    machine(gateway.url, { env: { RPAI_TOKEN: expired } }),
  );
  const [bad] = only(late.checks, "token");
  assertEquals(bad.status, "fail");
  assertStringIncludes(bad.message, "it expired at");
  for (const format of ["table", "wide", "json", "yaml", "markdown"]) {
    const machines = [sys, machine(gateway.url)];
    for (const each of machines) {
      each.stdout = "";
      await doctor({ format }, each);
      assert(each.stdout.length > 100);
      for (const secret of [jwt, TOKEN]) {
        assertFalse(each.stdout.includes(secret), format);
      }
    }
  }
});

Deno.test("doctor() says which mode a launch would take", async () => {
  await using gateway = startGateway();
  for (
    const [name, expected] of [
      ["own-login", "a launch takes passthrough mode"],
      ["bedrock", "a launch takes bedrock mode"],
    ]
  ) {
    const sys = machine(gateway.url);
    const { code, checks } = await examine(sys, { llmprovider: name });
    assertEquals(code, 0);
    assertStringIncludes(only(checks, "provider")[0].message, expected);
    assertStringIncludes(
      only(checks, "settings")[0].message,
      expected.replace("a launch takes ", ""),
    );
  }
});

Deno.test("doctor() says what is wrong with a provider", async () => {
  await using gateway = startGateway();
  const cases: [string, string, string][] = [
    ["mian", "is not on this gateway", "main, own-login, bedrock"],
    ["off", "is disabled", "administrator"],
    ["other", "is of type openai", "main, own-login, bedrock"],
    ["Not A Name", "bad provider name", "lower-case letter"],
  ];
  for (const [llmprovider, message, remedy] of cases) {
    const { code, checks } = await examine(machine(gateway.url), {
      llmprovider,
    });
    assertEquals(code, 1);
    const [check] = only(checks, "provider");
    assertEquals(check.status, "fail");
    assertStringIncludes(check.message, message);
    assertStringIncludes(check.remedy ?? "", remedy);
  }
  const file =
    `current_profile: a\nprofiles:\n  a:\n    ai_gateway_url: ${gateway.url}\n`;
  const sys = machine(gateway.url, {
    files: { [`${HOME}/.rpai/config`]: file },
  });
  const [unchosen] = only((await examine(sys)).checks, "provider");
  assertEquals(unchosen.status, "fail");
  assertStringIncludes(
    unchosen.remedy ?? "",
    "Claude Code can use: main, own-login, bedrock",
  );
  const terminal = machine(gateway.url, {
    files: { [`${HOME}/.rpai/config`]: file },
    terminals: ["stdin", "stdout", "stderr"],
  });
  const asked = await examine(terminal);
  assertEquals(asked.code, 0);
  const [check] = only(asked.checks, "provider");
  assertEquals(
    [check.status, check.message],
    ["warn", "none is chosen: each launch asks for one"],
  );
});

Deno.test("doctor() takes invoke-only access for what it is", async () => {
  await using gateway = startGateway("permission_denied");
  const { code, checks } = await examine(machine(gateway.url));
  assertEquals(code, 0);
  assertEquals(only(checks, "provider")[0].status, "warn");
  assertStringIncludes(only(checks, "provider")[0].message, "invoke-only");
  assertEquals(only(checks, "model")[0].status, "skip");
});

Deno.test("doctor() says of a refused token what helps with that one", async () => {
  await using gateway = startGateway();
  const sys = machine(gateway.url, { env: { RPAI_TOKEN: "another" } });
  const refused = "token fail from RPAI_TOKEN, no known expiry, not " +
    "refreshable: the gateway refuses it: missing or invalid bearer token -> " +
    "pass a fresh one, or leave it out to use the profile's login";
  const { code, checks } = await examine(sys);
  assertEquals(code, 1);
  assertEquals(findings(checks), [
    refused,
    "provider skip it takes a gateway, and a token that it accepts, to read it",
    "model skip the provider's allow-list is not known",
  ]);
  // Also where no provider is chosen.
  const unchosen = machine(gateway.url, {
    env: { RPAI_TOKEN: "another" },
    files: { [`${HOME}/.rpai/config`]: "" },
  });
  const flags = { "rpai-endpoint": gateway.url };
  assertEquals(findings((await examine(unchosen, flags)).checks)[0], refused);
});

Deno.test("doctor() compares the model with the allow-list", async () => {
  await using gateway = startGateway();
  const model = async (flags: Flags, more: FakeMachine = {}) => {
    const { checks } = await examine(machine(gateway.url, more), flags);
    return only(checks, "model")[0];
  };
  const bad = await model({ model: "claude-opus-9" });
  assertEquals(bad.status, "fail");
  assertStringIncludes(bad.message, '"claude-opus-9" (--model)');
  assertStringIncludes(bad.remedy ?? "", "claude-sonnet-4-6");
  assertEquals((await model({ model: "claude-sonnet-4-6" })).status, "ok");
  const asked = await model({ model: "?" });
  assertEquals(
    [asked.status, asked.message],
    ["skip", "each launch asks for one"],
  );
  const files = {
    [`${HOME}/.claude/settings.json`]: '{"model":"claude-opus-9"}',
  };
  const configured = await model({}, { files });
  assertEquals(configured.status, "warn");
  assertStringIncludes(configured.message, `"model" in ${HOME}/.claude`);
  // As a launch does: there is no model of that family.
  const alias = await model({ model: "opus" });
  assertEquals([alias.status, alias.message], [
    "fail",
    'model "opus" (--model): provider "main" allows no opus model',
  ]);
  assertEquals((await model({ model: "sonnet[1m]" })).status, "ok");
  assertEquals(
    (await model({ llmprovider: "bedrock" })).message,
    "Claude Code's choice; all are allowed",
  );
});

Deno.test("doctor() tells a gateway that is not there from one that is none", async () => {
  await using proxy = serveHttp(() =>
    new Response("<html>\u001b[31mLogin</html>", { status: 200 })
  );
  const nonsense = await examine(machine(proxy.url));
  assertEquals(nonsense.code, 1);
  assertEquals(only(nonsense.checks, "gateway")[0].status, "ok");
  const [provider] = only(nonsense.checks, "provider");
  assertEquals(provider.status, "fail");
  assertStringIncludes(provider.message, "not a gateway answer");
  assertFalse(JSON.stringify(nonsense.checks).includes("\\u001b"));

  const down = await examine(machine("https://gw.example.com", {
    env: {
      HTTPS_PROXY: "http://me:hunter2@proxy.example.com:3128",
      NODE_EXTRA_CA_CERTS: "/etc/ca.pem",
    },
    fetch: () => Promise.reject(new TypeError("connection refused")),
  }));
  assertEquals(down.code, 1);
  const [gateway] = only(down.checks, "gateway");
  assertEquals(gateway.status, "fail");
  assertStringIncludes(gateway.message, "connection refused, TLS");
  assertStringIncludes(
    gateway.message,
    "HTTPS_PROXY=http://<redacted>@proxy.example.com:3128",
  );
  assertStringIncludes(gateway.message, "NODE_EXTRA_CA_CERTS=/etc/ca.pem");
  assertFalse(JSON.stringify(down.checks).includes("hunter2"));
});

Deno.test("doctor() warns where certificates are not verified", async () => {
  await using gateway = startGateway();
  const env = { NODE_TLS_REJECT_UNAUTHORIZED: "0" };
  const { code, checks } = await examine(machine(gateway.url, { env }));
  assertEquals(code, 0);
  assertEquals(only(checks, "gateway")[0].status, "warn");
});

Deno.test("doctor() shows no control character of what the gateway says", async () => {
  let code = "not_found";
  await using server = serveHttp((request) =>
    request.url.endsWith("/ListLLMProviders")
      ? Response.json({
        llmProviders: [{
          name: "evil\u001b]0;x\u0007\n",
          type: "LLM_PROVIDER_TYPE_ANTHROPIC",
          enabled: true,
        }],
      })
      : Response.json({ code, message: "\u001b[2Jgone" }, {
        status: code === "not_found" ? 404 : 500,
      })
  );
  for (const format of ["table", "wide", "markdown"]) {
    for (const answer of ["not_found", "internal"]) {
      code = answer;
      const sys = machine(server.url, { terminals: [] });
      assertEquals(await doctor({ format }, sys), 1);
      // A name that no provider can have is not offered either.
      assertFalse(sys.stdout.includes("evil"));
      assertEquals(sys.stdout.includes("[2Jgone"), answer === "internal");
      // deno-lint-ignore no-control-regex
      assertFalse(/[\u0000-\u0009\u000b-\u001f]/.test(sys.stdout));
    }
  }
});

Deno.test("doctor() names the file and the key that stand in the way", async () => {
  await using gateway = startGateway();
  const policy = "/etc/claude-code/managed-settings.json";
  const user = `${HOME}/.claude/settings.json`;
  const sys = machine(gateway.url, {
    files: {
      [policy]: JSON.stringify({
        apiKeyHelper: "echo x",
        env: { ANTHROPIC_BASE_URL: "https://evil.example" },
      }),
      [user]: JSON.stringify({
        apiKeyHelper: "echo sk-secret-value",
        env: { ANTHROPIC_CUSTOM_HEADERS: "X-Api-Key: sk-secret-value" },
      }),
      [`${HOME}/.claude.json`]: "{",
    },
  });
  const { code, checks } = await examine(sys);
  assertEquals(code, 1);
  const hint =
    "managed policy beats every launcher: ask its owner to remove the key";
  assertEquals(findings(only(checks, "settings")), [
    `settings fail "env.ANTHROPIC_BASE_URL" in ${policy} would override this ` +
    `launch's routing -> ${hint}`,
    `settings fail "apiKeyHelper" in ${policy} would replace this launch's ` +
    `credential -> ${hint}`,
    `settings fail "env.ANTHROPIC_CUSTOM_HEADERS" in ${user} would set the ` +
    'header x-api-key -> remove "env.ANTHROPIC_CUSTOM_HEADERS" from that file',
    `settings warn ${HOME}/.claude.json cannot be read as one JSON ` +
    "object of at most 2 MiB: Claude Code ignores it -> fix the file, or remove it",
  ]);
  const passthrough = await examine(sys, { llmprovider: "own-login" });
  assertStringIncludes(
    findings(passthrough.checks).join("\n"),
    `settings fail "env.ANTHROPIC_CUSTOM_HEADERS" in ${user} would replace`,
  );
  assertFalse(sys.stdout.includes("sk-secret-value"));
  sys.stdout = "";
  await doctor({ format: "wide" }, sys);
  assertStringIncludes(sys.stdout, "env.ANTHROPIC_BASE_URL");
  assertStringIncludes(sys.stdout, "refused");
});

Deno.test("doctor() has a remedy for each thing that is odd", async () => {
  await using gateway = startGateway();
  const env = {
    ANTHROPIC_BASE_URL: "https://evil.example",
    CLAUDE_CONFIG_DIR: "/elsewhere",
    HTTPS_PROXY: "http://evil.example",
  };
  const sys = machine(gateway.url, {
    files: { "/src/project/.claude/settings.json": JSON.stringify({ env }) },
  });
  const { code, checks } = await examine(sys);
  assertEquals(code, 0);
  const odd = only(checks, "settings");
  assertEquals(odd.map(({ status }) => status), Array(2).fill("warn"));
  assertEquals(odd.filter(({ remedy }) => remedy === undefined), []);
});

Deno.test("doctor() breaks lines between words for the terminal it is read on", async () => {
  await using gateway = startGateway();
  const words = (text: string) => text.split(/\s+/).filter(Boolean);
  const show = async (columns?: number) => {
    const sys = machine(gateway.url, { columns });
    await doctor({ model: "none-such", "no-color": true }, sys);
    return sys.stdout;
  };
  const whole = await show();
  assert(whole.split("\n").some((line) => line.length > 100), whole);
  for (const columns of [20, 41, 42, 80]) {
    const text = await show(columns);
    const stacked = columns - "STATUS  settings  ".length < 24;
    const room = stacked ? columns - 2 : columns - 18;
    for (
      const line of text.split("\n").filter((line) => line.length > columns)
    ) {
      // What is longer than a line is a word that cannot be broken.
      const longest = Math.max(...words(line).map(({ length }) => length));
      assert(longest > room, line);
    }
    assertEquals(text.startsWith("STATUS"), !stacked);
    if (stacked) assertStringIncludes(text, "fail model\n  model");
  }
  assertEquals(
    words(await show(20)).sort(),
    words(whole).filter((word) => !/^(?:STATUS|CHECK|RESULT)$/.test(word))
      .sort(),
  );
});

Deno.test("doctor() goes on where the working directory was deleted", async () => {
  await using gateway = startGateway();
  const sys = Object.assign(machine(gateway.url), {
    cwd: () => {
      throw new CliError("failure", "the working directory does not exist", {
        hint: "change to a directory that does",
      });
    },
  });
  const { code, checks } = await examine(sys);
  assertEquals(code, 1);
  assertEquals(findings(checks), [
    "model skip the settings files cannot be read",
    "settings fail the working directory does not exist -> change to a " +
    "directory that does",
  ]);
});

Deno.test("runChecks() bounds a check in time and survives its bugs", async () => {
  const specs = [
    { name: "hangs", run: () => new Promise<never>(() => {}) },
    { name: "throws", run: () => Promise.reject(new TypeError("x is\nnull")) },
    { name: "several", run: () => Promise.resolve([ok("a"), ok("b\u0007")]) },
  ];
  const bounds = [Promise.resolve()];
  const checks = await runChecks(specs, {}, {
    // The bound of the first runs out, that of the others never.
    sleep: () => bounds.shift() ?? new Promise(() => {}),
  });
  assertEquals(
    checks.map(({ name, status, message }) => `${name} ${status} ${message}`),
    [
      "hangs fail no answer within 25 s",
      "throws fail this is a bug in ai-claude: x is?null",
      "several ok a",
      "several ok b?",
    ],
  );
});

Deno.test("the program itself examines a home that is damaged all over", async () => {
  await using world = await makeWorld();
  delete world.env.HOME;
  world.env.PATH = "/nowhere";
  const file = await world.write("file", "not a directory");
  world.env.CLAUDE_CONFIG_DIR = file;
  const nothing = await world.run(["doctor", "-o", "json"]);
  assertEquals(nothing.code, 1);
  assertEquals(nothing.stderr, "");
  const names = JSON.parse(nothing.stdout).checks.map(({ name }: Check) =>
    name
  );
  assertEquals(names, CHECKS);
  const named = await world.run(["doctor"]);
  assertStringIncludes(
    named.stdout,
    `${file} is a file, not a folder: Claude Code finds no`,
  );
  const loop = `${world.project}/.claude`;
  await Deno.symlink(loop, `${loop}2`);
  await Deno.symlink(`${loop}2`, loop);
  const looped = await world.run(["doctor"]);
  assertEquals(looped.code, 1);
  assertStringIncludes(looped.stdout, "Claude Code ignores it");
  for (const format of ["yaml", "markdown", "wide"]) {
    const { code, stdout } = await world.run(["doctor", "-o", format]);
    assertEquals(code, 1);
    assertStringIncludes(stdout, "Claude Code is not installed");
  }
});

Deno.test("the program rejects flags and words that doctor has no use for", async () => {
  await using world = await makeWorld();
  for (
    const args of [
      ["doctor", "--print-settings"],
      ["doctor", "a-shim", "extra"],
      ["doctor", "--", "-p"],
      ["doctor", "-o", "xml"],
      ["--probe"],
    ]
  ) {
    const { code, stdout, stderr } = await world.run(args);
    assertEquals({ args, code, stdout }, { args, code: 2, stdout: "" });
    assertStringIncludes(stderr, "error: ");
  }
});

Deno.test("doctor() finds the local settings of a worktree's repository", async () => {
  await using gateway = startGateway();
  const path = "/repo/.claude/settings.local.json";
  const sys = machine(gateway.url, {
    files: {
      "/src/project/.git": "gitdir: /repo/.git/worktrees/tree\n",
      [path]: '{"apiKeyHelper":"echo x"}',
    },
  });
  const { code, checks } = await examine(sys);
  assertEquals(code, 0);
  assertStringIncludes(
    findings(checks)[0],
    `settings warn ${path}: apiKeyHelper`,
  );
});

Deno.test("doctor() knows a terminal that Claude Code cannot draw on", async () => {
  await using gateway = startGateway();
  const terminal = async (more: FakeMachine) =>
    only((await examine(machine(gateway.url, more))).checks, "terminal")[0];
  for (const TERM of ["dumb", ""]) {
    const check = await terminal({ env: { TERM } });
    assertEquals(check.status, "warn");
    assertEquals(check.remedy, "export TERM=xterm-256color");
  }
  const none = await terminal({ terminals: [] });
  assertEquals(none.status, "ok");
  assertStringIncludes(none.message, "no terminal");
});

Deno.test("doctor() takes the provider's own mode over a flag, and says so", async () => {
  await using gateway = startGateway();
  const sys = machine(gateway.url);
  const { code, checks } = await examine(sys, { bedrock: true });
  assertEquals(code, 0);
  const [provider] = only(checks, "provider");
  assertEquals([provider.status, provider.remedy], [
    "warn",
    "leave that flag out",
  ]);
  assertStringIncludes(provider.message, "--bedrock ignored");
  assertStringIncludes(provider.message, "a launch takes managed mode");
});
