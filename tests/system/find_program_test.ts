import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import {
  findOnPath,
  homeDir,
  joinPath,
} from "../../lib/system/find_program.ts";
import { findClaude } from "../../lib/claude/find_claude.ts";
import { type FakeMachine, fakeSys, shown } from "../support/fake_sys.ts";

const INSTALL =
  "install it: npm install -g @anthropic-ai/claude-code, or set " +
  "AI_CLAUDE_BIN to its path";

Deno.test("homeDir() is HOME, on Windows USERPROFILE first", () => {
  const home = (platform: "linux" | "windows", env: Record<string, string>) =>
    homeDir({ platform, env });
  const both = { HOME: "/home/me", USERPROFILE: "C:\\me" };
  assertEquals(home("linux", both), "/home/me");
  assertEquals(home("windows", both), "C:\\me");
  assertEquals(home("windows", { HOME: "D:\\me" }), "D:\\me");
  assertEquals(home("linux", { USERPROFILE: "C:\\me" }), undefined);
  assertEquals(home("linux", { HOME: "" }), undefined);
});

Deno.test("joinPath() uses the platform's separator, once", () => {
  assertEquals(joinPath("linux", "/a/", "b", "c.json"), "/a/b/c.json");
  assertEquals(
    joinPath("windows", "C:\\a\\", "b", "c.json"),
    "C:\\a\\b\\c.json",
  );
});

Deno.test("findOnPath() takes the first executable", async () => {
  const sys = fakeSys({
    env: { PATH: "/opt/none:/opt/one:/opt/two/" },
    executables: ["/opt/two/rpk", "/opt/one/rpk"],
  });
  assertEquals(await findOnPath("rpk", sys), "/opt/one/rpk");
  assertEquals(await findOnPath("claude", sys), undefined);
});

Deno.test("findOnPath() needs no PATH", async () => {
  assertEquals(await findOnPath("rpk", fakeSys()), undefined);
  assertEquals(
    await findOnPath("rpk", fakeSys({ env: { PATH: "" } })),
    undefined,
  );
});

Deno.test("findOnPath() never takes a program of the current directory", async () => {
  const sys = fakeSys({
    env: { PATH: ":.:bin:./bin:~/bin:" },
    executables: ["", "/", "./", "bin/", "./bin/", "~/bin/"]
      .map((dir) => `${dir}claude`),
  });
  assertEquals(await findOnPath("claude", sys), undefined);
});

Deno.test("findOnPath() reads Windows paths on Windows", async () => {
  const machine: FakeMachine = {
    platform: "windows",
    executables: [
      "D:\\Tools\\rpk.exe",
      "C:/bin\\rpk.exe",
      "\\\\share\\rpk.exe",
    ],
  };
  const found = (env: Record<string, string>) =>
    findOnPath("rpk", fakeSys({ ...machine, env }));
  assertEquals(
    await found({ PATH: "C:\\Windows;D:\\Tools\\" }),
    "D:\\Tools\\rpk.exe",
  );
  assertEquals(await found({ PATH: "C:/bin" }), "C:/bin\\rpk.exe");
  assertEquals(await found({ PATH: ";.;\\;bin;D:Tools" }), undefined);
});

Deno.test("findClaude() takes AI_CLAUDE_BIN before PATH", async () => {
  const sys = fakeSys({
    env: { AI_CLAUDE_BIN: "/my/claude", PATH: "/usr/bin", HOME: "/home/me" },
    executables: ["/my/claude", "/usr/bin/claude"],
  });
  assertEquals(await findClaude(sys), "/my/claude");
});

Deno.test("findClaude() takes PATH before the installers' places, in their order", async () => {
  const places = [
    "/usr/bin/claude",
    "/home/me/.local/bin/claude",
    "/home/me/.claude/local/claude",
  ];
  for (let i = 0; i < places.length; i++) {
    const sys = fakeSys({
      env: { PATH: "/usr/bin", HOME: "/home/me", AI_CLAUDE_BIN: "" },
      executables: places.slice(i).reverse(),
    });
    assertEquals(await findClaude(sys), places[i]);
  }
});

Deno.test("findClaude() looks for claude.exe on Windows", async () => {
  const places = [
    "C:\\bin\\claude.exe",
    "C:\\Users\\me\\.local\\bin\\claude.exe",
    "C:\\Users\\me\\.claude\\local\\claude.exe",
  ];
  for (let i = 0; i < places.length; i++) {
    const sys = fakeSys({
      platform: "windows",
      env: { PATH: "C:\\bin", USERPROFILE: "C:\\Users\\me" },
      executables: places.slice(i),
    });
    assertEquals(await findClaude(sys), places[i]);
  }
});

Deno.test("findClaude() finds what npm installs on Windows, in the order of PATHEXT", async () => {
  const found = (PATHEXT: string | undefined, ...executables: string[]) =>
    findClaude(fakeSys({
      platform: "windows",
      env: { PATH: "C:\\npm", ...PATHEXT === undefined ? {} : { PATHEXT } },
      executables: executables.map((name) => `C:\\npm\\${name}`),
    }));
  const both = ["claude.cmd", "claude.exe"];
  assertEquals(await found(undefined, "claude.cmd"), "C:\\npm\\claude.cmd");
  assertEquals(await found(undefined, ...both), "C:\\npm\\claude.exe");
  assertEquals(await found(".CMD;.EXE", ...both), "C:\\npm\\claude.cmd");
  // The script that npm puts beside it for other shells is no program.
  await assertRejects(() => found(undefined, "claude", "claude.ps1"), CliError);
});

Deno.test("findClaude() does not fall back from a wrong AI_CLAUDE_BIN", async () => {
  const sys = fakeSys({
    env: { AI_CLAUDE_BIN: "/my/claude", PATH: "/usr/bin" },
    executables: ["/usr/bin/claude"],
  });
  const error = await assertRejects(() => findClaude(sys), CliError);
  assertEquals(shown(error), {
    code: "claude_not_found",
    message:
      'AI_CLAUDE_BIN names "/my/claude", which is not an executable file',
    hint: "fix or unset AI_CLAUDE_BIN",
  });
});

Deno.test("findClaude() makes AI_CLAUDE_BIN absolute, for it is no name on PATH", async () => {
  const sys = fakeSys({
    env: { AI_CLAUDE_BIN: "claude", PATH: "/usr/bin" },
    cwd: "/src/project",
    executables: ["claude", "/src/project/claude", "/usr/bin/claude"],
  });
  assertEquals(await findClaude(sys), "/src/project/claude");
});

Deno.test("findClaude() names every place it looked at, and how to install", async () => {
  const error = await assertRejects(
    () => findClaude(fakeSys({ env: { HOME: "/home/me", PATH: "/usr/bin" } })),
    CliError,
  );
  assertEquals(error.exitCode, 127);
  assertEquals(shown(error), {
    code: "claude_not_found",
    message: 'Claude Code is not installed: no executable "claude" on PATH ' +
      "or at /home/me/.local/bin/claude or at /home/me/.claude/local/claude",
    hint: INSTALL,
  });
  const homeless = await assertRejects(() => findClaude(fakeSys()), CliError);
  assertEquals(
    homeless.message,
    'Claude Code is not installed: no executable "claude" on PATH',
  );
});

Deno.test("findClaude() names a claude that is there and is not executable", async () => {
  const error = (modes: Record<string, number>) => {
    const sys = fakeSys({ env: { HOME: "/home/me", PATH: "/usr/bin:/opt" } });
    sys.fileMode = (path) => Promise.resolve(modes[path]);
    return assertRejects(() => findClaude(sys), CliError);
  };
  assertEquals(
    shown(
      await error({
        "/usr/bin/claude": 0o040755,
        "/opt/claude": 0o100644,
        "/home/me/.local/bin/claude": 0o100644,
      }),
    ),
    {
      code: "claude_not_found",
      message: "/opt/claude is not executable",
      hint: 'chmod a+rx "/opt/claude", or set AI_CLAUDE_BIN to another one',
    },
  );
  assertStringIncludes(
    (await error({ "/usr/bin/claude": 0o040755 })).message,
    "Claude Code is not installed",
  );
});
