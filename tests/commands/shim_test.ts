/**
 * `ai-claude shim`: what the file does that it writes, run as an editor or an SDK
 * would run it.
 *
 * @module
 */

import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import type { Sys } from "../../lib/system/sys.ts";
import { runInProcess } from "../support/in_process.ts";
import {
  type Ended,
  MAIN,
  makeWorld,
  runCommand,
  type World,
} from "../support/program.ts";
import { recordingClaude } from "../support/stand_ins.ts";

const TOKEN = "token-of-the-shim-tests";

/** Runs this program, on a machine of which parts are replaced. */
async function run(
  { env, project }: World,
  args: string[],
  machine: Partial<Sys> = {},
): Promise<Ended> {
  return await runInProcess(args, env, { cwd: () => project, ...machine });
}

/** Writes a shim. */
async function write(
  world: World,
  path: string,
  ...flags: string[]
): Promise<void> {
  const { code, stdout, stderr } = await run(world, ["shim", path, ...flags]);
  assertEquals([code, stdout], [0, ""], stderr);
  assertStringIncludes(stderr, path);
}

function assertOneLine(stderr: string, part: string): void {
  assertEquals(stderr.split("\n").length, 2, stderr);
  assertStringIncludes(stderr, part);
}

/** Runs an executable as another program would. */
async function call(world: World, path: string, args: string[], env = {}) {
  return await runCommand(path, args, {
    cwd: world.project,
    env: { ...world.env, RPAI_TOKEN: TOKEN, ...env },
  });
}

Deno.test("shim launches through the gateway and hands every argument on", async () => {
  await using gateway = startLoopbackGateway({
    providers: [{ name: "anthropic", type: "anthropic" }],
  });
  await using world = await makeWorld();
  const recording = await recordingClaude(world, "echo protocol; exit 7");
  const path = `${world.home}/tools/claude`;
  const model = "claude-sonnet-4-6";
  await write(world, path, "-L", "anthropic", "-s", gateway.url, "-m", model);
  const args = ["-p", "it's $HOME", "--", "--print-settings", ""];
  const ended = await call(world, path, args);
  assertEquals(ended, { code: 7, stdout: "protocol\n", stderr: "" });
  const { argv, env } = await recording();
  assertEquals(argv[0], "--settings");
  assertEquals(argv.slice(2), ["--model", model, ...args]);
  // RPAI_TOKEN stays in the launcher, whose relay carries it.
  assertEquals(env.ANTHROPIC_BASE_URL, "http://127.0.0.1:2/ai-claude");
});

Deno.test("shim runs the Claude Code that the caller brings along", async () => {
  await using gateway = startLoopbackGateway({
    providers: [{ name: "anthropic", type: "anthropic" }],
  });
  await using world = await makeWorld();
  const recording = await recordingClaude(world);
  const bundled = world.env.AI_CLAUDE_BIN;
  world.env.AI_CLAUDE_BIN = "/nowhere/claude";
  const path = `${world.home}/claude`;
  await write(world, path, "-L", "anthropic", "-s", gateway.url);
  const ended = await call(world, path, [bundled, "-p", "hi"]);
  assertEquals(ended, { code: 0, stdout: "", stderr: "" });
  assertEquals((await recording()).argv.slice(2), ["-p", "hi"]);
});

Deno.test("a shim named claude on PATH starts the one behind it, not itself", async () => {
  await using gateway = startLoopbackGateway({
    providers: [{ name: "anthropic", type: "anthropic" }],
  });
  await using world = await makeWorld();
  const recording = await recordingClaude(world);
  const bin = world.env.AI_CLAUDE_BIN.replace(/\/claude$/, "");
  delete world.env.AI_CLAUDE_BIN;
  const path = `${world.home}/shims/claude`;
  world.env.PATH = `${world.home}/shims:${bin}:/usr/bin:/bin`;
  await write(world, path, "-L", "anthropic", "-s", gateway.url);
  const ended = await call(world, path, ["-p", "hi"]);
  assertEquals(ended, { code: 0, stdout: "", stderr: "" });
  assertEquals((await recording()).argv.slice(2), ["-p", "hi"]);

  const alone = { PATH: `${world.home}/shims:/usr/bin:/bin` };
  const missing = await call(world, path, ["-p", "hi"], alone);
  assertEquals([missing.code, missing.stdout], [127, ""]);
  assertOneLine(missing.stderr, `(${path} is a shim of ai-claude)`);
  const itself = await call(world, path, [path, "-p", "hi"]);
  assertEquals([itself.code, itself.stdout], [127, ""]);
  assertOneLine(itself.stderr, "which is a shim of ai-claude");
});

Deno.test("shim says in one line why a launch cannot be made", async () => {
  await using world = await makeWorld();
  await world.fakeClaude("echo started");
  const path = `${world.home}/claude`;
  await write(world, path, "-p", "gone", "-L", "anthropic");
  const ended = await call(world, path, ["-p", "hi"]);
  assertEquals([ended.code, ended.stdout], [4, ""]);
  assertOneLine(ended.stderr, 'error: profile "gone" is not in');
});

Deno.test("a shim whose program is gone names what is missing", async () => {
  await using world = await makeWorld();
  const path = `${world.home}/claude`;
  await write(world, path, "-L", "anthropic");
  const text = await Deno.readTextFile(path);
  const replace = async (what: string, by: string) => {
    await Deno.writeTextFile(path, text.replaceAll(what, by));
    return await call(world, path, ["-p", "hi"]);
  };
  const noDeno = await replace(Deno.execPath(), "/nowhere/deno");
  assertEquals([noDeno.code, noDeno.stdout], [127, ""]);
  assertOneLine(noDeno.stderr, "/nowhere/deno");
  const root = MAIN.replace(/main\.ts$/, "");
  const noCode = await replace(root, "/nowhere/");
  assertEquals([noCode.code, noCode.stdout], [1, ""]);
  assertStringIncludes(noCode.stderr, "/nowhere/deno.json");
});

Deno.test("shim replaces a shim and nothing else", async () => {
  await using world = await makeWorld();
  const foreign = await world.write("claude", "#!/bin/sh\necho mine\n", 0o755);
  const refused = await run(world, ["shim", foreign, "-L", "a"]);
  assertEquals(refused.code, 2);
  assertStringIncludes(refused.stderr, "it exists already");
  assertEquals(await Deno.readTextFile(foreign), "#!/bin/sh\necho mine\n");
  const directory = await run(world, ["shim", world.project, "-L", "a"]);
  assertEquals(directory.code, 2);
  assertStringIncludes(directory.stderr, "it is a directory");
  assertStringIncludes(
    directory.stderr,
    `hint: ai-claude shim "${world.project}/claude"`,
  );
  const own = `${world.home}/own`;
  await write(world, own, "-L", "first");
  await write(world, own, "-L", "second");
  assertStringIncludes(await Deno.readTextFile(own), "--llmprovider=second");
  assertEquals((await Deno.stat(own)).mode! & 0o777, 0o755);
  assertEquals(await world.files(), ["claude", "own"]);
});

Deno.test("shim needs a folder that it can write to", async () => {
  await using world = await makeWorld();
  await world.write("file", "");
  const below = await run(world, ["shim", `${world.home}/file/claude`]);
  assertEquals(below.code, 1);
  assertStringIncludes(below.stderr, "cannot write shim");
  // Whoever runs this may write everywhere.
  const denied = await run(world, ["shim", "/opt/claude"], {
    fileMode: () => Promise.resolve(undefined),
    replaceTextFile: () =>
      Promise.reject(new Deno.errors.PermissionDenied("Permission denied")),
  });
  assertEquals(denied, {
    code: 1,
    stdout: "",
    stderr: `error: cannot write shim "/opt/claude": Permission denied
hint: name a folder that you can write to
`,
  });
});

Deno.test("shim refuses what no launch could use", async () => {
  await using world = await makeWorld();
  const cases: [flags: string[], says: string][] = [
    [["--token", TOKEN], "a shim cannot hold a token"],
    [["--print-settings"], "--print-settings"],
    [["--llmprovder", "a"], "did you mean --llmprovider?"],
    [["-L", "Bad_Name"], 'bad provider name "Bad_Name"'],
    [["-s", "ftp://gateway"], 'bad gateway URL "ftp://gateway"'],
    [["--auth-mode", "magic"], 'unknown auth mode "magic"'],
    [["--timeout", "soon"], 'bad duration "soon"'],
    [["--passthrough", "--bedrock"], "cannot be used together"],
    [["--relay", "--no-relay"], "cannot be used together"],
    [["--", "-p", "hi"], 'unexpected argument "-p"'],
  ];
  for (const [flags, says] of cases) {
    const { code, stdout, stderr } = await run(world, [
      ...["shim", `${world.home}/claude`],
      ...flags,
    ]);
    assertEquals([code, stdout], [2, ""], stderr);
    assertStringIncludes(stderr, says);
    assertFalse(stderr.includes(TOKEN));
  }
  assertEquals(await world.files(), []);
});

Deno.test("shim writes a .cmd file on Windows", async () => {
  await using world = await makeWorld();
  const written: Record<string, string> = {};
  const windows: Partial<Sys> = {
    platform: "windows",
    runtime: {
      execPath: "C:\\Program Files\\ai-claude.exe",
      mainModule: "file:///C:/main.ts",
      standalone: true,
      denoVersion: "2.9.6",
    },
    fileMode: () => Promise.resolve(undefined),
    replaceTextFile: (path, text) => {
      written[path] = text;
      return Promise.resolve();
    },
  };
  for (const name of ["claude", "claude.cmd"]) {
    const path = `C:\\tools\\${name}`;
    const ended = await run(world, ["shim", path, "-m", "a 100%"], windows);
    assertEquals(ended.code, 0, ended.stderr);
    assertStringIncludes(ended.stderr, "wrote C:\\tools\\claude.cmd");
  }
  assertEquals(Object.keys(written), ["C:\\tools\\claude.cmd"]);
  assertEquals(
    written["C:\\tools\\claude.cmd"],
    "@rem ai-claude shim: starts Claude Code through the gateway\r\n" +
      '@"C:\\Program Files\\ai-claude.exe" __shim "--model=a 100"^%"" -- %*\r\n',
  );
});
