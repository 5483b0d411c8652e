import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import type { JsonObject } from "../../lib/base/json_object.ts";
import type { Invocation } from "../../lib/system/sys.ts";
import {
  ignoredFor,
  validateSettings,
} from "../../lib/claude/validate_settings.ts";
import { fakeSys } from "../support/fake_sys.ts";

const CLAUDE = "/usr/bin/claude";

/** A machine whose Claude Code drops settings that have one of some keys. */
function machine(bad: string[]) {
  const removed: string[] = [];
  const asked: string[][] = [];
  const written: Record<string, string> = {};
  const sys = fakeSys({
    env: {
      PATH: "/usr/bin",
      ANTHROPIC_API_KEY: "hunter2secret",
      HOME: "/home/me",
    },
    capture: ({ args, env }) => {
      const given = args[0] === "--settings"
        ? args[1]
        : written[`${env.CLAUDE_CONFIG_DIR}/settings.json`];
      const { apiKeyHelper: _, ...settings } = JSON.parse(given);
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
  sys.writeTextFile = (path, text) => {
    written[path] = text;
    return Promise.resolve();
  };
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
  assertEquals([path, cwd], [CLAUDE, "/tmp/probe/all"]);
  assertEquals(args.slice(2), ["auth", "status"]);
  assertEquals([env.HOME, env.CLAUDE_CONFIG_DIR], [cwd, cwd]);
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

Deno.test("ignoredFor() names the keys for which a file is ignored", async () => {
  const { sys, removed } = machine(["permissions", "env"]);
  const ignored = (values: JsonObject) => ignoredFor(CLAUDE, values, sys);
  assertEquals(await ignored({}), []);
  assertEquals(await ignored({ model: "opus", hooks: {} }), []);
  assertEquals(await ignored({ model: "opus", permissions: "x" }), [
    "permissions",
  ]);
  // Variables are not passed on: one of them could be a login.
  assertEquals(await ignored({ model: "opus", env: { A: "b" } }), []);
  assertEquals(await ignored({ model: "opus", env: ["A"] }), ["env"]);
  assertEquals(await ignored({ apiKeyHelper: "mine", model: "opus" }), []);
  assertEquals(await ignored({ apiKeyHelper: 7 }), ["apiKeyHelper"]);
  assert(removed.every((path) => path === "/tmp/probe"));
  assert(sys.ran.every(({ args }) => args.join(" ") === "auth status"));
});

Deno.test("ignoredFor() takes no answer for none", async () => {
  const { sys } = machine([]);
  sys.capture = () =>
    Promise.resolve({ code: 0, stdout: "?", stderr: "", timedOut: false });
  assertEquals(await ignoredFor(CLAUDE, { model: "opus" }, sys), []);
});
