/**
 * `ai-claude shim`: what the file does that it writes, run as an editor or an SDK
 * would run it.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import { makeWorld, type World } from "../support/program.ts";
import { recordingClaude } from "../support/stand_ins.ts";

const TOKEN = "token-of-the-shim-tests";

/** Runs an executable as another program would. */
async function call(world: World, path: string, args: string[], env = {}) {
  const { code, stdout, stderr } = await new Deno.Command(path, {
    args,
    cwd: world.project,
    clearEnv: true,
    env: { ...world.env, RPAI_TOKEN: TOKEN, ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

Deno.test("shim launches through the gateway and hands every argument on", async () => {
  await using gateway = startLoopbackGateway({
    providers: [{ name: "anthropic", type: "anthropic" }],
  });
  await using world = await makeWorld();
  const recording = await recordingClaude(world, "echo protocol; exit 7");
  const path = `${world.home}/tools/claude`;
  const written = await world.run([
    ...["shim", path, "-L", "anthropic", "-s", gateway.url],
    ...["-m", "claude-sonnet-4-6"],
  ]);
  assertEquals([written.code, written.stdout], [0, ""], written.stderr);
  assertStringIncludes(written.stderr, path);
  const args = ["-p", "it's $HOME", "--", "--print-settings", ""];
  const ended = await call(world, path, args);
  assertEquals(ended, { code: 7, stdout: "protocol\n", stderr: "" });
  const { argv, env } = await recording();
  assertEquals(argv[0], "--settings");
  assertEquals(argv.slice(2), ["--model", "claude-sonnet-4-6", ...args]);
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
  await world.run(["shim", path, "-L", "anthropic", "-s", gateway.url]);
  const ended = await call(world, path, [bundled, "-p", "hi"]);
  assertEquals(ended, { code: 0, stdout: "", stderr: "" });
  assertEquals((await recording()).argv.slice(2), ["-p", "hi"]);
});

Deno.test("shim says in one line why a launch cannot be made", async () => {
  await using world = await makeWorld();
  await world.fakeClaude("echo started");
  const path = `${world.home}/claude`;
  await world.run(["shim", path, "-p", "gone", "-L", "anthropic"]);
  const ended = await call(world, path, ["-p", "hi"]);
  assertEquals([ended.code, ended.stdout], [4, ""]);
  assertEquals(ended.stderr.split("\n").length, 2, ended.stderr);
  assertStringIncludes(ended.stderr, 'error: profile "gone" is not in');
});

Deno.test("shim replaces a shim and nothing else", async () => {
  await using world = await makeWorld();
  const foreign = await world.write("claude", "#!/bin/sh\necho mine\n", 0o755);
  const refused = await world.run(["shim", foreign, "-L", "a"]);
  assertEquals(refused.code, 2);
  assertStringIncludes(refused.stderr, "it exists already");
  assertEquals(await Deno.readTextFile(foreign), "#!/bin/sh\necho mine\n");
  const own = `${world.home}/own`;
  assertEquals((await world.run(["shim", own, "-L", "first"])).code, 0);
  assertEquals((await world.run(["shim", own, "-L", "second"])).code, 0);
  assertStringIncludes(await Deno.readTextFile(own), "--llmprovider=second");
  assertEquals((await Deno.stat(own)).mode! & 0o777, 0o755);
});

Deno.test("shim holds no token, and needs a folder that it can write to", async () => {
  await using world = await makeWorld();
  const path = `${world.home}/claude`;
  const token = await world.run(["shim", path, "--token", TOKEN]);
  assertEquals(token.code, 2);
  assertEquals(token.stderr.includes(TOKEN), false);
  await world.write("file", "");
  const below = await world.run(["shim", `${world.home}/file/claude`]);
  assertEquals(below.code, 1);
  assertStringIncludes(below.stderr, "cannot write shim");
  const flags = await world.run(["shim", path, "--print-settings"]);
  assertEquals(flags.code, 2);
  assertEquals((await world.files()).includes("claude"), false);
});
