/**
 * The `apiKeyHelper` that a launch hands to Claude Code, run as Claude Code runs
 * it: by a shell, in a project that does not mean well, with the session's
 * environment. And `auth token`, which it is made of.
 *
 * @module
 */

import {
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { inParallel } from "../support/in_parallel.ts";
import { type Ended, makeWorld, type World } from "../support/program.ts";
import { freePort } from "../support/servers.ts";
import { fakeRpk, jwt } from "../support/stand_ins.ts";
import { posixTest, strictTest } from "../support/strict_test.ts";

const GATEWAY = "https://gw.example.com";

/** What must not matter to a helper that was told which profile to use. */
const HOSTILE_ENV = {
  RPAI_PROFILE: "other",
  RPAI_CONFIG: "/dev/null/none",
  RPAI_VERBOSE: "1",
};

helperTest("prints one token line in a hostile project", async () => {
  const cases: {
    authMode: string;
    env?: Record<string, string>;
    token: string;
  }[] = [
    { authMode: "rpk", token: "rpk-token-1" },
    { authMode: "none", token: "unauthenticated" },
    {
      authMode: "token",
      env: { RPAI_TOKEN: "static-token-1" },
      token: "static-token-1",
    },
    // The static one comes first, whatever the profile says.
    {
      authMode: "rpk",
      env: { RPAI_TOKEN: "static-token-2" },
      token: "static-token-2",
    },
    // Blanked by the launch when it has none.
    { authMode: "rpk", env: { RPAI_TOKEN: "" }, token: "rpk-token-1" },
  ];
  await inParallel(cases, async ({ authMode, env, token }) => {
    await using world = await makeWorld();
    await fakeRpk(world, `[ "$*" = "ai auth token" ] && echo rpk-token-1`);
    await world.write(".rpai/config", config(authMode));
    const helper = await helperOf(world, []);
    const ended = await runHelper(world, helper, { ...HOSTILE_ENV, ...env });
    assertEquals(ended, { code: 0, stdout: `${token}\n`, stderr: "" });
  });
});

helperTest("of a launch without a config file needs none later", async () => {
  await inParallel(
    [{ RPAI_TOKEN: "static-token-3" }, {}],
    async (env: Record<string, string>) => {
      await using world = await makeWorld();
      await fakeRpk(world, "echo rpk-token-1");
      const settings = await settingsOf(world, ["-s", GATEWAY], env);
      // A settings file may name these; `--settings` comes last in Claude Code.
      const ended = await runHelper(world, settings.apiKeyHelper, {
        ...env,
        ...HOSTILE_ENV,
        ...settings.env,
      });
      const token = env.RPAI_TOKEN ?? "rpk-token-1";
      assertEquals(ended, { code: 0, stdout: `${token}\n`, stderr: "" });
    },
  );
});

helperTest("quotes what the shell would read", async () => {
  await using world = await makeWorld();
  const name = `it's "$HOME" \`id\` $(id) & ; # \\ é`;
  await fakeRpk(world, "echo rpk-token-1");
  await world.write(
    `conf 'dir' $x/a & b`,
    `profiles:\n  ${JSON.stringify(name)}:\n    auth_mode: rpk\n`,
  );
  const helper = await helperOf(
    world,
    ["-c", `${world.home}/conf 'dir' $x/a & b`, "-p", name, "-s", GATEWAY],
  );
  const before = await world.files();
  const ended = await runHelper(world, helper, HOSTILE_ENV);
  assertEquals(ended, { code: 0, stdout: "rpk-token-1\n", stderr: "" });
  assertEquals(await world.files(), [...before, ...HOSTILE_FILES].sort());
});

helperTest(
  "keeps to the launch's profile when another becomes current",
  async () => {
    await using world = await makeWorld();
    await fakeRpk(world, "echo rpk-token-1");
    await world.write(".rpai/config", config("rpk"));
    const helper = await helperOf(world, []);
    await world.write(
      ".rpai/config",
      config("rpk").replace("current_profile: dev", "current_profile: other"),
    );
    const ended = await runHelper(world, helper, {});
    assertEquals(ended, { code: 0, stdout: "rpk-token-1\n", stderr: "" });
  },
);

helperTest(
  "that fails prints nothing but the reason, with exit 3",
  async () => {
    await inParallel([
      { authMode: "rpk", rpk: "echo not logged in >&2; exit 1" },
      { authMode: "rpk", rpk: `echo ${jwt(-1)}` },
      { authMode: "rpk", rpk: "echo one; echo two" },
      { authMode: "rpk", rpk: "exit 0" },
      { authMode: "token", rpk: "echo rpk-token-1" },
    ], async ({ authMode, rpk }) => {
      await using world = await makeWorld();
      await fakeRpk(world, rpk);
      await world.write(".rpai/config", config(authMode));
      const helper = await helperOf(world, []);
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
    const RPAI_TOKEN = "static-token-4";
    const helper = await helperOf(world, [], { RPAI_TOKEN });
    assertFalse(helper.includes(RPAI_TOKEN));
    for (
      const part of [
        Deno.execPath(),
        `--rpai-config=${world.home}/.rpai/config`,
        "--rpai-profile=dev",
        `--rpai-endpoint=http://127.0.0.1:`,
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
    { authMode: "none", line: "unauthenticated" },
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
    // The format is that of a line, whatever is asked for.
    { authMode: "rpk", args: ["-o", "json"], line: "rpk-token-1" },
  ];
  await inParallel(cases, async ({ authMode, args = [], env, rpk, line }) => {
    await using world = await makeWorld();
    await fakeRpk(world, rpk ?? "echo rpk-token-1");
    if (authMode !== undefined) {
      await world.write(".rpai/config", config(authMode));
    }
    const before = await world.files();
    const ended = await world.run(["auth", "token", ...args], { env });
    assertEquals([ended.code, ended.stdout], [0, `${line}\n`], ended.stderr);
    assertEquals(await world.files(), before);
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
  const output = await new Deno.Command("/bin/sh", {
    args: ["-c", helper],
    cwd: world.project,
    env: { ...world.env, ...env },
    clearEnv: true,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

function helperTest(name: string, fn: () => Promise<void>): void {
  posixTest(`apiKeyHelper ${name}`, fn);
}
