import { assertEquals } from "@std/assert";
import { readSettings, settingsEnv } from "../../lib/claude/claude_settings.ts";
import { type FakeMachine, fakeSys } from "../support/fake_sys.ts";

const HOME = "/home/me";
const CWD = "/src/project";

/** Scope, path and keys of what is read, highest precedence first. */
async function read(machine: FakeMachine, claudeConfigDir?: string) {
  const sys = fakeSys({ env: { HOME }, cwd: CWD, ...machine });
  const files = await readSettings(sys, claudeConfigDir);
  return files.map(({ scope, path, values }) => [scope, path, values]);
}

const paths = async (machine: FakeMachine, claudeConfigDir?: string) =>
  (await read(machine, claudeConfigDir)).map(([scope, path]) =>
    `${scope} ${path}`
  );

Deno.test("readSettings() of a machine without any is empty", async () => {
  assertEquals(await read({}), []);
});

Deno.test("readSettings() finds every place, highest precedence first", async () => {
  const settings = [
    "/etc/claude-code/managed-settings.d/20-b.json",
    "/etc/claude-code/managed-settings.d/10-a.json",
    "/etc/claude-code/managed-settings.json",
    `${CWD}/.claude/settings.local.json`,
    `${CWD}/.claude/settings.json`,
    `${HOME}/.claude/settings.json`,
  ];
  const files = Object.fromEntries(
    settings.map((path, n) => [path, `{"n":${n}}`]).reverse(),
  );
  assertEquals(
    await read({
      files: {
        ...files,
        "/etc/claude-code/managed-settings.d/notes.txt": "{}",
      },
    }),
    [
      ["policy", settings[0], { n: 0 }],
      ["policy", settings[1], { n: 1 }],
      ["policy", settings[2], { n: 2 }],
      ["local", settings[3], { n: 3 }],
      ["project", settings[4], { n: 4 }],
      ["user", settings[5], { n: 5 }],
    ],
  );
});

Deno.test("readSettings() knows the policy's place on macOS", async () => {
  const dir = "/Library/Application Support/ClaudeCode";
  const files = {
    [`${dir}/managed-settings.json`]: "{}",
    [`${dir}/managed-settings.d/a.json`]: "{}",
    "/etc/claude-code/managed-settings.json": "{}",
  };
  assertEquals(await paths({ platform: "darwin", files }), [
    `policy ${dir}/managed-settings.d/a.json`,
    `policy ${dir}/managed-settings.json`,
  ]);
});

Deno.test("readSettings() knows the places on Windows", async () => {
  const files = {
    "C:\\Program Files\\ClaudeCode\\managed-settings.json": "{}",
    "C:\\Program Files\\ClaudeCode\\managed-settings.d\\a.json": "{}",
    "C:\\ProgramData\\ClaudeCode\\managed-settings.json": "{}",
    "C:\\work\\.claude\\settings.local.json": "{}",
    "C:\\work\\.claude\\settings.json": "{}",
    "C:\\Users\\me\\.claude\\settings.json": "{}",
  };
  const env = { USERPROFILE: "C:\\Users\\me" };
  assertEquals(
    await paths({ platform: "windows", cwd: "C:\\work", env, files }),
    [
      "policy C:\\Program Files\\ClaudeCode\\managed-settings.d\\a.json",
      "policy C:\\Program Files\\ClaudeCode\\managed-settings.json",
      "policy C:\\ProgramData\\ClaudeCode\\managed-settings.json",
      "local C:\\work\\.claude\\settings.local.json",
      "project C:\\work\\.claude\\settings.json",
      "user C:\\Users\\me\\.claude\\settings.json",
    ],
  );
});

Deno.test("readSettings() takes CLAUDE_CONFIG_DIR for the user's folder", async () => {
  const files = {
    [`${HOME}/.claude/settings.json`]: "{}",
    "/env/settings.json": "{}",
    "/flag/settings.json": "{}",
  };
  const env = { HOME, CLAUDE_CONFIG_DIR: "/env" };
  assertEquals(await paths({ files }), [`user ${HOME}/.claude/settings.json`]);
  assertEquals(await paths({ files, env }), ["user /env/settings.json"]);
  assertEquals(await paths({ files, env }, "/flag"), [
    "user /flag/settings.json",
  ]);
  assertEquals(await paths({ files, env: { HOME, CLAUDE_CONFIG_DIR: "" } }), [
    `user ${HOME}/.claude/settings.json`,
  ]);
});

Deno.test("readSettings() needs no home directory", async () => {
  assertEquals(
    await paths({ env: {}, files: { [`${CWD}/.claude/settings.json`]: "{}" } }),
    [
      `project ${CWD}/.claude/settings.json`,
    ],
  );
});

Deno.test("readSettings() reads of Claude Code's state file only env", async () => {
  const state = '{"env":{"A":"1"},"model":"m","oauthAccount":{}}';
  assertEquals(await read({ files: { [`${HOME}/.claude.json`]: state } }), [
    ["global", `${HOME}/.claude.json`, { env: { A: "1" } }],
  ]);
  assertEquals(
    await read({ files: { "/flag/.claude.json": state } }, "/flag"),
    [
      ["global", "/flag/.claude.json", { env: { A: "1" } }],
    ],
  );
});

Deno.test("readSettings() finds the local settings of the repository's root", async () => {
  const files = {
    "/repo/.git": new Error("Is a directory"),
    "/repo/.claude/settings.local.json": "{}",
    "/repo/.claude/settings.json": "{}",
    "/repo/sub/dir/.claude/settings.local.json": "{}",
  };
  assertEquals(await paths({ cwd: "/repo/sub/dir", files }), [
    "local /repo/.claude/settings.local.json",
    "local /repo/sub/dir/.claude/settings.local.json",
  ]);
  assertEquals(await paths({ cwd: "/repo", files }), [
    "local /repo/.claude/settings.local.json",
    "project /repo/.claude/settings.json",
  ]);
});

Deno.test("readSettings() finds the local settings of a worktree's main one", async () => {
  const local = ["/repo", "/tree", "/tree/sub"]
    .map((dir) => `${dir}/.claude/settings.local.json`);
  const files = Object.fromEntries(local.map((path) => [path, "{}"]));
  const found = async (git: string, cwd = "/tree/sub") =>
    (await paths({ cwd, files: { ...files, "/tree/.git": git } }))
      .map((line) => line.replace("local ", ""));
  // However the link is written; and its own folder, should it lead nowhere.
  for (
    const target of [
      " /repo/.git/worktrees/tree\n",
      "/repo/.git/worktrees/tree",
      "   /repo/.git/worktrees/tree/  \r\n",
      " ../repo/.git/worktrees/tree",
      " /repo/.git/x/../worktrees/./tree\n",
    ]
  ) {
    assertEquals(await found(`gitdir:${target}`), local, target);
  }
  assertEquals(await found("gitdir: /repo/.git/worktrees/tree", "/tree"), [
    local[0],
    local[1],
  ]);
  for (
    const git of [
      "gitdir: /repo/.git/modules/tree\n",
      "gitdir: /repo/bare/worktrees/tree\n",
      "gitdir:",
      "text",
      "",
    ]
  ) {
    assertEquals(await found(git), local.slice(1), git);
  }
});

Deno.test("readSettings() follows a worktree's link on Windows", async () => {
  const main = "C:\\repo\\.claude\\settings.local.json";
  for (
    const target of [
      "C:/repo/.git/worktrees/tree",
      "C:\\repo\\.git\\worktrees\\tree",
      "..\\repo/.git/worktrees/tree",
    ]
  ) {
    assertEquals(
      await paths({
        platform: "windows",
        cwd: "C:\\tree",
        env: {},
        files: { "C:\\tree\\.git": `gitdir: ${target}\n`, [main]: "{}" },
      }),
      [`local ${main}`],
    );
  }
});

Deno.test("readSettings() marks a file that Claude Code would ignore", async () => {
  const broken = [
    "",
    "[]",
    "null",
    "{",
    "text",
    new Error("Permission denied"),
  ];
  for (const content of broken) {
    const path = `${HOME}/.claude/settings.json`;
    const sys = fakeSys({ env: { HOME }, files: { [path]: content } });
    assertEquals(await readSettings(sys), [
      { scope: "user", path, values: {}, env: {}, broken: true },
    ]);
  }
});

Deno.test("readSettings() reads a file that begins with a byte order mark", async () => {
  const files = { [`${CWD}/.claude/settings.json`]: '\ufeff{"model":"m"}' };
  const sys = fakeSys({ cwd: CWD, files });
  assertEquals(
    (await readSettings(sys)).map(({ values, broken }) => [values, broken]),
    [
      [{ model: "m" }, false],
    ],
  );
});

Deno.test("readSettings() reads only below the places it is meant to", async () => {
  const sys = fakeSys({ env: { HOME }, cwd: CWD });
  await readSettings(sys);
  const allowed =
    /^(?:\/etc\/claude-code|\/home\/me|\/src)(?:\/|$)|^\/?\/\.git$/;
  assertEquals(sys.read.filter((path) => !allowed.test(path)), []);
});

Deno.test("settingsEnv() takes scalars, as text", () => {
  assertEquals(
    settingsEnv({
      env: { S: "s", E: "", N: 1, B: true, O: {}, L: ["x"], Z: null },
    }, "linux"),
    { S: "s", E: "", N: "1", B: "true" },
  );
});

Deno.test("settingsEnv() of anything but an object is empty", () => {
  for (const env of [undefined, null, "A=1", ["A"], 1]) {
    assertEquals(settingsEnv({ env }, "linux"), {});
  }
});
