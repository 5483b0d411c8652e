import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CliError } from "../lib/errors.ts";
import type { Invocation } from "../lib/sys.ts";
import { validateSettings } from "../lib/validate_settings.ts";
import { fakeSys } from "./fake_sys.ts";

const CLAUDE = "/usr/bin/claude";

/** A machine whose Claude Code drops settings that have one of some keys. */
function machine(bad: string[]) {
  const removed: string[] = [];
  const asked: string[][] = [];
  const sys = fakeSys({
    env: {
      PATH: "/usr/bin",
      ANTHROPIC_API_KEY: "hunter2secret",
      HOME: "/home/me",
    },
    capture: ({ args }) => {
      const { apiKeyHelper: _, ...settings } = JSON.parse(args[1]);
      asked.push(Object.keys(settings));
      const accepted = Object.keys(settings).every((key) => !bad.includes(key));
      const authMethod = accepted ? "api_key_helper" : "none";
      return {
        code: accepted ? 0 : 1,
        stdout: JSON.stringify({ authMethod }),
        stderr: "",
      };
    },
  });
  sys.makeTempDir = () => Promise.resolve("/tmp/probe");
  sys.removeDir = (path) => {
    removed.push(path);
    return Promise.resolve();
  };
  return { sys, removed, asked };
}

Deno.test("validateSettings() asks nothing about nothing", async () => {
  const { sys, asked } = machine([]);
  await validateSettings(CLAUDE, {}, sys);
  assertEquals(asked, []);
});

Deno.test("validateSettings() asks once about good settings", async () => {
  const { sys, asked, removed } = machine([]);
  await validateSettings(CLAUDE, { model: "opus", hooks: {} }, sys);
  assertEquals(asked, [["model", "hooks"]]);
  assertEquals(removed, ["/tmp/probe"]);
});

Deno.test("validateSettings() names the keys that are not accepted", async () => {
  const { sys, removed } = machine(["hooks", "permissions"]);
  const settings = { hooks: "x", model: "opus", permissions: [] };
  const error = await assertRejects(
    () => validateSettings(CLAUDE, settings, sys),
    CliError,
  );
  assertEquals([error.code, error.message], [
    "usage",
    'Claude Code does not accept "hooks", "permissions" in --settings',
  ]);
  assertEquals(removed, ["/tmp/probe"]);
});

Deno.test("validateSettings() asks in an empty home, without the user's environment", async () => {
  const { sys } = machine([]);
  await validateSettings(CLAUDE, { model: "opus" }, sys);
  const [{ path, args, env, cwd }]: Invocation[] = sys.ran;
  assertEquals([path, cwd], [CLAUDE, "/tmp/probe"]);
  assertEquals(args.slice(2), ["auth", "status"]);
  assertEquals([env.HOME, env.CLAUDE_CONFIG_DIR], ["/tmp/probe", "/tmp/probe"]);
  assertEquals("ANTHROPIC_API_KEY" in env, false);
});

Deno.test("validateSettings() says that Claude Code does not start, and cleans up", async () => {
  const { sys, removed } = machine([]);
  sys.capture = () => Promise.reject(new Error("Exec format error"));
  const error = await assertRejects(
    () => validateSettings(CLAUDE, { model: "opus" }, sys),
    CliError,
  );
  assertEquals(error.exitCode, 127);
  assertStringIncludes(
    error.message,
    `cannot start ${CLAUDE}: Exec format error`,
  );
  assertEquals(removed, ["/tmp/probe"]);
});
