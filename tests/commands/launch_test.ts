/**
 * What a launch says around the session: how to go on with it.
 *
 * @module
 */

import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import type { StreamName, Sys } from "../../lib/system/sys.ts";
import { runInProcess } from "../support/in_process.ts";
import { storeToken } from "../support/issued.ts";
import { makeWorld } from "../support/program.ts";

const TOKEN = "gateway-token-of-the-launch-tests";

/** How a launch on a terminal ends, when its Claude Code ends with a code. */
interface Session {
  flags?: string[];
  claudeArgs?: string[];
  /** The exit code; an error when it does not start. */
  code?: number | Error;
  /** Streams that are terminals. */
  terminals?: StreamName[];
  files?: Record<string, string>;
}

/** What is on stderr after a session; the gateway's URL is `GATEWAY`. */
async function afterSession(session: Session): Promise<string> {
  const { flags = [], claudeArgs = [], code = 0 } = session;
  const { terminals = ["stdin", "stdout", "stderr"] } = session;
  await using gateway = startLoopbackGateway({
    providers: [{ name: "anthropic", type: "anthropic", models: ["claude-x"] }],
  });
  await using world = await makeWorld();
  await world.fakeClaude("exit 1");
  await storeToken(world, TOKEN);
  for (const [path, text] of Object.entries(session.files ?? {})) {
    await world.write(path, text);
  }
  const launched: unknown[] = [];
  const machine: Partial<Sys> = {
    cwd: () => world.project,
    isTerminal: (stream) => terminals.includes(stream),
    pick: ({ choices }) => Promise.resolve(choices[0].value),
    launch: (program) => {
      launched.push(program);
      return code instanceof Error
        ? Promise.reject(code)
        : Promise.resolve(code);
    },
  };
  const { stderr } = await runInProcess(
    ["-s", gateway.url, "-L", "anthropic", ...flags, "--", ...claudeArgs],
    { ...world.env, NO_COLOR: "1" },
    machine,
  );
  assertEquals(launched.length, 1, stderr);
  return stderr.replaceAll(gateway.url, "GATEWAY");
}

const LINE = "resume through the gateway: ai-claude -s GATEWAY -L anthropic " +
  "-- --continue\n";

Deno.test("launch() says how to resume after a session that ended by itself", async () => {
  assertEquals(await afterSession({}), LINE);
  assertEquals(await afterSession({ code: 3 }), LINE);
  assertEquals(await afterSession({ claudeArgs: ["fix the tests"] }), LINE);
  assertEquals(await afterSession({ terminals: ["stdin", "stdout"] }), LINE);
});

Deno.test("launch() resumes with the launch's own flags, quoted, without a token", async () => {
  const stderr = await afterSession({
    flags: [
      ...["--model=claude-x", "--claude-config-dir", "my own $dir"],
      ...["--token", "hunter2secret", "--relay"],
    ],
    claudeArgs: ["--permission-mode", "plan"],
  });
  assertEquals(
    stderr,
    "resume through the gateway: ai-claude -s GATEWAY -L anthropic " +
      "-m claude-x --relay --claude-config-dir 'my own $dir' " +
      "-- --continue\n",
  );
});

Deno.test("launch() resumes with the model that was chosen", async () => {
  const stderr = await afterSession({ flags: ["-m", "?"] });
  assertStringIncludes(stderr, " -L anthropic -m claude-x -- --continue\n");
});

Deno.test("launch() says nothing of resuming where there was no session to resume", async () => {
  const cases: Session[] = [
    { claudeArgs: ["-p", "hi"] },
    { claudeArgs: ["--print", "hi"] },
    { claudeArgs: ["--version"] },
    { claudeArgs: ["mcp", "list"] },
    { claudeArgs: ["--bg", "fix it"] },
    { code: 143 },
    { flags: ["--quiet"] },
    { terminals: ["stdin", "stderr"] },
    { terminals: ["stdout", "stderr"] },
    { files: { ".rpai/config": "profiles:\n  a:\n    quiet: true\n" } },
  ];
  for (const session of cases) {
    const stderr = await afterSession(session);
    assertFalse(stderr.includes("resume"), JSON.stringify(session));
  }
  const failed = await afterSession({ code: new Error("no such file") });
  assertStringIncludes(failed, "error: ");
  assertFalse(failed.includes("resume"));
});
