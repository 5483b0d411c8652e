/**
 * The `apiKeyHelper` that a launch hands to Claude Code, run as Claude Code runs
 * it: by a shell, in a project that does not mean well, with the session's
 * environment. And `auth token`, which it is made of.
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
import { NO_TOKEN } from "../../lib/auth/token.ts";
import { startLoopbackIssuer } from "../support/loopback_issuer.ts";
import { inParallel } from "../support/in_parallel.ts";
import {
  type Ended,
  makeWorld,
  runCommand,
  type World,
} from "../support/program.ts";
import { freePort } from "../support/servers.ts";
import { fakeRpk, jwt } from "../support/stand_ins.ts";
import { storeLogin } from "../support/issued.ts";
import { posixTest, strictTest } from "../support/strict_test.ts";

const GATEWAY = "https://gw.example.com";

/** What must not matter to a helper that was told whose token to print. */
const HOSTILE_ENV = {
  RPAI_PROFILE: "other",
  RPAI_CONFIG: "/dev/null/none",
  RPAI_CREDENTIALS: "/dev/null/none",
  AI_CLAUDE_CREDENTIALS: "/dev/null/none",
  RPAI_AUTH_MODE: "nonsense",
  RPAI_FORMAT: "xml",
  RPAI_VERBOSE: "1",
  RPAI_CLIENT_ID: "evil",
  RPAI_CLIENT_SECRET_FILE: "/dev/null/none",
};

helperTest("prints one token line in a hostile project", async () => {
  const cases: {
    authMode: string;
    env?: Record<string, string>;
    token: string;
  }[] = [
    { authMode: "rpk", token: "rpk-token-1" },
    { authMode: "none", token: NO_TOKEN },
    // Whose token it is was decided by the launch.
    {
      authMode: "rpk",
      env: { RPAI_TOKEN: "static-token-2" },
      token: "rpk-token-1",
    },
    { authMode: "rpk", env: { PATH: "/dev/null/none" }, token: "rpk-token-1" },
  ];
  await inParallel(cases, async ({ authMode, env, token }) => {
    await using world = await makeWorld();
    await fakeRpk(world, `[ "$*" = "ai auth token" ] && echo rpk-token-1`);
    await world.write(".rpai/config", config(authMode));
    const helper = await helperOf(world, []);
    // Nothing that the launch read is read again.
    await world.write(".rpai/config", "profiles: [nonsense\n");
    const ended = await runHelper(world, helper, { ...HOSTILE_ENV, ...env });
    assertEquals(ended, { code: 0, stdout: `${token}\n`, stderr: "" });
  });
});

helperTest("prints the stored login of the launch's own file", async () => {
  await using issuer = startLoopbackIssuer({ device: { outcome: "approve" } });
  await using world = await makeWorld();
  await world.write(
    ".rpai/config",
    `current_profile: dev\nprofiles:\n  dev:\n    auth:\n      issuer: ${issuer.url}\n`,
  );
  await storeLogin(world, issuer);
  const helper = await helperOf(world, ["-s", GATEWAY]);
  const { HOME: _, ...env } = world.env;
  const { code, stdout, stderr } = await runHelper(
    { ...world, env },
    helper,
    HOSTILE_ENV,
  );
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assert(issuer.isValid(stdout.trimEnd()));
});

helperTest(
  "mints with the launch's client, and its secret's file",
  async () => {
    await using issuer = startLoopbackIssuer({ clients: { ci: "s3cret" } });
    await using world = await makeWorld();
    await world.write(
      ".rpai/config",
      `current_profile: ci\nprofiles:\n  ci:\n    auth_mode: client_credentials\n    auth:\n      issuer: ${issuer.url}\n`,
    );
    const file = await world.write("it's a secret", "s3cret\n", 0o600);
    const helper = await helperOf(
      world,
      ["-s", GATEWAY, "--client-id=ci", `--client-secret-file=${file}`],
    );
    assertFalse(helper.includes("s3cret"));
    await Deno.remove(`${world.home}/.rpai/ai-claude.credentials.json`);
    const env = { ...HOSTILE_ENV, RPAI_CLIENT_SECRET: "evil" };
    const { code, stdout, stderr } = await runHelper(world, helper, env);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assert(issuer.isValid(stdout.trimEnd()));
  },
);

helperTest("of a launch that fell back to rpk stays with it", async () => {
  await using world = await makeWorld();
  const rpk = await fakeRpk(world, "echo rpk-token-1");
  const helper = await helperOf(world, ["-s", GATEWAY]);
  assertStringIncludes(helper, `--auth-mode=rpk --rpk=${rpk}`);
  const ended = await runHelper(world, helper, {
    ...HOSTILE_ENV,
    PATH: "/usr/bin:/bin",
  });
  assertEquals(ended, { code: 0, stdout: "rpk-token-1\n", stderr: "" });
});

helperTest("quotes what the shell would read", async () => {
  await using world = await makeWorld();
  const awkward = `it's "$HOME" \`id\` $(id) & ; # \\ é`;
  const rpk = await world.write(
    `${awkward}/rpk`,
    "#!/bin/sh\necho rpk-token-1\n",
    0o755,
  );
  await world.write(".rpai/config", config("rpk"));
  world.env.PATH = `${rpk.slice(0, -"/rpk".length)}:${world.env.PATH}`;
  const helper = await helperOf(world, []);
  const before = await world.files();
  const ended = await runHelper(world, helper, HOSTILE_ENV);
  assertEquals(ended, { code: 0, stdout: "rpk-token-1\n", stderr: "" });
  assertEquals(await world.files(), [...before, ...HOSTILE_FILES].sort());
});

helperTest("with bad arguments says which, with exit 2", async () => {
  await using world = await makeWorld();
  await world.write(".rpai/config", config("rpk"));
  await fakeRpk(world, "echo rpk-token-1");
  const helper = await helperOf(world, []);
  const start = helper.slice(0, helper.indexOf(" --auth-mode"));
  const cases: [string, string][] = [
    [start, "--auth-mode"],
    [`${helper} --rpk=`, "--rpk"],
    [`${helper} --rpk`, "--rpk"],
    [`${helper} --rpk=rpk`, "absolute"],
    [`${helper} --token=secret-1`, '"--token"'],
    [`${helper} --rpai-profiles`, '"--rpai-profiles"'],
    [`${helper} --__proto__=1`, '"--__proto__"'],
    [`${helper} word`, '"word"'],
    [`${helper} -- word`, '"word"'],
    [`${helper} -v`, '"-v"'],
    [`${start} --auth-mode=device --issuer=http://x.example`, "--client-id"],
  ];
  await inParallel(cases, async ([line, words]) => {
    const { code, stdout, stderr } = await runHelper(world, line, HOSTILE_ENV);
    assertEquals([code, stdout], [2, ""], `${line}\n${stderr}`);
    assertMatch(stderr, /^error: .+\nhint: .+\n$/);
    assertStringIncludes(stderr, words);
    assertFalse(stderr.includes("secret-1"), stderr);
  });
});

helperTest(
  "that fails prints nothing but the reason, with exit 3",
  async () => {
    await inParallel([
      { authMode: "rpk", rpk: "echo not logged in >&2; exit 1" },
      { authMode: "rpk", rpk: `echo ${jwt(-1)}` },
      { authMode: "rpk", rpk: "echo one; echo two" },
      { authMode: "rpk", rpk: "exit 0" },
    ], async ({ authMode, rpk }) => {
      await using world = await makeWorld();
      await fakeRpk(world, "echo rpk-token-1");
      await world.write(".rpai/config", config(authMode));
      const helper = await helperOf(world, []);
      await fakeRpk(world, rpk);
      const { code, stdout, stderr } = await runHelper(world, helper, {});
      assertEquals([code, stdout], [3, ""]);
      assertMatch(stderr, /^error: .+\nhint: .+\n$/);
    });
  },
);

helperTest(
  "holds no token, and names what it needs by absolute paths",
  async () => {
    await using world = await makeWorld();
    await world.write(".rpai/config", config("rpk"));
    await fakeRpk(world, "echo rpk-token-4");
    const helper = await helperOf(world, []);
    assertFalse(helper.includes("rpk-token-4"));
    for (
      const part of [
        Deno.execPath(),
        "lib/auth/helper.ts",
        `--auth-mode=rpk --rpk=${world.home}/rpk-bin/rpk`,
      ]
    ) assertStringIncludes(helper, part);
  },
);

helperTest(
  "in the form that JSR needs runs in a hostile project, too",
  async () => {
    // A package of JSR is remote code without a config file of its own.
    await using world = await makeWorld();
    const source = 'console.log("rpk-token-1");\n';
    const module = await world.write("package/main.ts", source);
    const aborter = new AbortController();
    const server = Deno.serve(
      {
        hostname: "127.0.0.1",
        port: 0,
        signal: aborter.signal,
        onListen() {},
      },
      () =>
        new Response(source, {
          headers: { "content-type": "text/typescript" },
        }),
    );
    try {
      await inParallel([
        `file://${module}`,
        `http://127.0.0.1:${server.addr.port}/main.ts`,
      ], async (url) => {
        const helper =
          `${Deno.execPath()} run --quiet --no-prompt -A --no-config --no-lock ${url}`;
        const ended = await runHelper(world, helper, {
          DENO_DIR: `${world.env.TMPDIR}/deno`,
        });
        assertEquals(ended, { code: 0, stdout: "rpk-token-1\n", stderr: "" });
      });
    } finally {
      aborter.abort();
      await server.finished;
    }
  },
);

strictTest("auth token prints one line in each auth mode", async () => {
  const live = jwt(3600);
  const cases: {
    authMode?: string;
    args?: string[];
    env?: Record<string, string>;
    rpk?: string;
    line: string;
  }[] = [
    { authMode: "rpk", line: "rpk-token-1" },
    { authMode: "rpk", rpk: `echo ${live}`, line: live },
    { authMode: "rpk", rpk: "printf rpk-token-2", line: "rpk-token-2" },
    { authMode: "rpk", rpk: "printf 'a\\r\\n'", line: "a" },
    {
      authMode: "rpk",
      rpk: "echo a new version is out >&2; echo t",
      line: "t",
    },
    { authMode: "device", line: "rpk-token-1" },
    { authMode: undefined, line: "rpk-token-1" },
    { authMode: "none", line: NO_TOKEN },
    { authMode: "token", env: { RPAI_TOKEN: "e" }, line: "e" },
    { authMode: "token", args: ["--token", "f"], line: "f" },
    {
      authMode: "none",
      env: { RPAI_TOKEN: "e" },
      args: ["--token=f"],
      line: "f",
    },
    {
      authMode: "client_credentials",
      env: { RPAI_TOKEN: live },
      line: live,
    },
    { authMode: "rpk", args: ["-o", "markdown"], line: "rpk-token-1" },
    { authMode: "token", args: ["--auth-mode", "none"], line: NO_TOKEN },
    // As the helper of a compiled program.
    {
      authMode: "none",
      args: ["--auth-mode=rpk", "--rpk=/dev/null/none", "--rpk={rpk}"],
      env: { ...HOSTILE_ENV, RPAI_TOKEN: "evil" },
      line: "rpk-token-1",
    },
  ];
  await inParallel(cases, async ({ authMode, args = [], env, rpk, line }) => {
    await using world = await makeWorld();
    const path = await fakeRpk(world, rpk ?? "echo rpk-token-1");
    if (authMode !== undefined) {
      await world.write(".rpai/config", config(authMode));
    }
    const before = await world.files();
    const ended = await world.run(
      ["auth", "token", ...args.map((arg) => arg.replace("{rpk}", path))],
      { env },
    );
    assertEquals([ended.code, ended.stdout], [0, `${line}\n`], ended.stderr);
    assertEquals(await world.files(), before);
  });
});

Deno.test("auth token -o json prints a document", async () => {
  const live = jwt(3600);
  await inParallel([
    { token: live, dated: true },
    { token: "opaque", dated: false },
  ], async ({ token, dated }) => {
    await using world = await makeWorld();
    const env = { RPAI_TOKEN: token, RPAI_FORMAT: "json" };
    const { code, stdout, stderr } = await world.run(["auth", "token"], {
      env,
    });
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const { expires_at: expires, ...rest } = JSON.parse(stdout);
    assertEquals(rest, { token });
    assertEquals(
      dated ? Date.parse(expires) > Date.now() : expires,
      dated || null,
    );
  });
});

/** A config file with the profile in force and another, useless one. */
function config(authMode: string): string {
  return `current_profile: dev
profiles:
  dev:
    ai_gateway_url: http://127.0.0.1:${freePort()}
    auth_mode: ${authMode}
  other:
    auth_mode: token
`;
}

/** The helper of a launch. */
async function helperOf(
  ...args: Parameters<typeof settingsOf>
): Promise<string> {
  return (await settingsOf(...args)).apiKeyHelper;
}

/** The settings of a launch, as `--print-settings` shows them. */
async function settingsOf(
  world: World,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ apiKeyHelper: string; env: Record<string, string> }> {
  const ended = await world.run(
    [...args, "-L", "anthropic", "--print-settings", "-o", "json"],
    { env: { ...env, https_proxy: `http://127.0.0.1:${freePort()}` } },
  );
  assertEquals(ended.code, 0, ended.stderr);
  return JSON.parse(ended.stdout).settings;
}

/** Files that a project may have and that Deno reads by itself. */
const PROJECT = {
  "deno.json": '{ "imports": { "@std/cli": ',
  "deno.jsonc": "// nothing\n",
  "deno.lock": "not a lock file",
  "package.json": '{ "type": ',
  "import_map.json": '{ "imports": { "@std/cli/parse-args": "./evil.ts" } }',
  "evil.ts": 'console.log("evil"); export const parseArgs = () => ({});',
  "tsconfig.json": "}",
  ".npmrc": "registry=http://127.0.0.1:1/\nnonsense\n",
  ".env": "RPAI_TOKEN=evil",
  "node_modules/deno-std/package.json": "{",
};
const HOSTILE_FILES = Object.keys(PROJECT).map((path) => `project/${path}`);

/** Runs a helper as Claude Code does, in a project full of traps. */
async function runHelper(
  world: World,
  helper: string,
  env: Record<string, string>,
): Promise<Ended> {
  for (const [path, text] of Object.entries(PROJECT)) {
    await world.write(`project/${path}`, text);
  }
  return await runCommand("/bin/sh", ["-c", helper], {
    cwd: world.project,
    env: { ...world.env, ...env },
  });
}

function helperTest(name: string, fn: () => Promise<void>): void {
  posixTest(`apiKeyHelper ${name}`, fn);
}
