import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import type { JsonObject } from "../../lib/base/json_object.ts";
import type { Captured, Invocation } from "../../lib/system/sys.ts";
import {
  ignoredFor,
  validateSettings,
} from "../../lib/claude/validate_settings.ts";
import { fakeSys } from "../support/fake_sys.ts";

const CLAUDE = "/usr/bin/claude";

/** What a Claude Code says instead of what it should, by question. */
type Odd = Partial<Record<"judged" | "control" | "named", Partial<Captured>>>;

/** A machine whose Claude Code drops settings that have one of some keys. */
function machine(bad: string[], odd: Odd = {}) {
  const removed: string[] = [];
  const written: Record<string, string> = {};
  const sys = fakeSys({
    env: {
      PATH: "/usr/bin",
      ANTHROPIC_API_KEY: "hunter2secret",
      HOME: "/home/me",
    },
    capture: ({ args, cwd }) => {
      const file = `${cwd}/settings.json`;
      const given = args[0] === "--settings" ? args[1] : written[file];
      const dropped = Object.keys(JSON.parse(given))
        .filter((key) => bad.includes(key));
      const answer = args[0] === "doctor"
        ? [
          "Invalid settings",
          "- /etc/claude-code/managed-settings.json › policy: not ours",
          ...dropped.flatMap((key) => [
            `- ${file} › ${key}: Hook event must be an array`,
            `- ${file} › ${key}: Expected array`,
            "  Suggested fix: none",
          ]),
        ].join("\n")
        : JSON.stringify({
          authMethod: dropped.length === 0 ? "api_key_helper" : "none",
        });
      const question = (cwd ?? "").split("/").at(-1) as keyof Odd;
      return {
        ...{ code: 0, stdout: answer, stderr: "", timedOut: false },
        ...odd[question],
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
  const asked = () => sys.ran.map(({ cwd }) => cwd?.split("/").at(-1));
  return { sys, removed, asked };
}

Deno.test("validateSettings() asks nothing about nothing", async () => {
  const { sys, asked } = machine([]);
  await validateSettings(CLAUDE, {}, sys);
  // The launch sets its own.
  await validateSettings(CLAUDE, { apiKeyHelper: 7 }, sys);
  assertEquals(asked(), []);
});

Deno.test("validateSettings() asks once about good settings", async () => {
  const { sys, asked, removed } = machine([]);
  await validateSettings(CLAUDE, { model: "opus", hooks: {} }, sys);
  assertEquals(asked(), ["judged"]);
  assertEquals(removed, ["/tmp/probe"]);
});

Deno.test("validateSettings() says of each key what is wrong, in three questions", async () => {
  const { sys, asked, removed } = machine(["hooks", "permissions"]);
  const settings = { hooks: "x", model: "opus", permissions: [] };
  const error = await assertRejects(
    () => validateSettings(CLAUDE, settings, sys),
    CliError,
  );
  assertEquals([error.code, error.message], [
    "usage",
    'cannot use --settings: Claude Code does not accept "hooks" (Expected ' +
    'array), "permissions" (Expected array)',
  ]);
  assertEquals(asked(), ["judged", "control", "named"]);
  assertEquals(removed, ["/tmp/probe"]);
});

Deno.test("validateSettings() blames nothing where Claude Code itself fails", async () => {
  const slow = { code: 143, stdout: "", timedOut: true };
  const failed = { code: 1, stdout: "Segmentation fault" };
  const signedOut = { code: 1, stdout: '{"authMethod":"none"}' };
  const cases: [Odd, string[]][] = [
    [{ judged: slow }, ["judged"]],
    // What was printed before the end came is no answer.
    [{ judged: { ...signedOut, timedOut: true } }, ["judged"]],
    [{ judged: failed }, ["judged"]],
    [{ judged: { stdout: '{"authMethod":7}' } }, ["judged"]],
    [{ judged: { stdout: "[]" } }, ["judged"]],
    [{ control: slow }, ["judged", "control"]],
    [{ control: failed }, ["judged", "control"]],
    [{ control: signedOut }, ["judged", "control"]],
  ];
  for (const [odd, questions] of cases) {
    const { sys, asked, removed } = machine(["hooks"], odd);
    await validateSettings(CLAUDE, { hooks: "x" }, sys);
    assertEquals({ odd, asked: asked() }, { odd, asked: questions });
    assertEquals(removed, ["/tmp/probe"]);
  }
});

Deno.test("validateSettings() refuses what is dropped, also when no key is named", async () => {
  for (const named of [{ stdout: "Diagnosis:" }, { stdout: "", code: 1 }]) {
    const { sys } = machine(["hooks"], { named });
    const error = await assertRejects(
      () => validateSettings(CLAUDE, { hooks: "x" }, sys),
      CliError,
    );
    assertEquals(
      error.message,
      "cannot use --settings: Claude Code does not accept something",
    );
  }
});

Deno.test("validateSettings() asks in an empty home, without the user's environment", async () => {
  const { sys } = machine([]);
  await validateSettings(CLAUDE, { model: "opus" }, sys);
  const [{ path, args, env, cwd }]: Invocation[] = sys.ran;
  assertEquals([path, cwd], [CLAUDE, "/tmp/probe/judged"]);
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

Deno.test("ignoredFor() says for what a file is ignored", async () => {
  const { sys, removed } = machine(["permissions"]);
  const ignored = (values: JsonObject) => ignoredFor(CLAUDE, values, sys);
  assertEquals(await ignored({}), undefined);
  assertEquals(await ignored({ model: "opus", hooks: {} }), undefined);
  assertEquals(
    await ignored({ model: "opus", permissions: "x" }),
    '"permissions" (Expected array)',
  );
  assert(removed.every((path) => path === "/tmp/probe"));
  assert(
    sys.ran.every(({ args }) =>
      ["auth status", "doctor"].includes(args.join(" "))
    ),
  );
});

Deno.test("ignoredFor() asks with neither the file's variables nor its helper, but with what is none", async () => {
  const asked = async (values: JsonObject) => {
    const { sys } = machine([]);
    let text = "{}";
    sys.writeTextFile = (_, written) => {
      text = written;
      return Promise.resolve();
    };
    sys.capture = () => Promise.reject(new Error("enough"));
    await ignoredFor(CLAUDE, values, sys).catch(() => {});
    return JSON.parse(text);
  };
  const apiKeyHelper = "echo probe";
  // One of them could be a login.
  assertEquals(await asked({ model: "opus", env: { A: "b" } }), {
    ...{ model: "opus", apiKeyHelper },
  });
  assertEquals(await asked({ env: { A: "b" }, apiKeyHelper: "mine" }), {});
  assertEquals(await asked({ env: ["A"] }), { env: ["A"], apiKeyHelper });
  assertEquals(await asked({ apiKeyHelper: 7 }), { apiKeyHelper: 7 });
});
