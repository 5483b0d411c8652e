/**
 * Contract with the real Claude Code: a shim that is called as the VS Code
 * extension calls its `claudeProcessWrapper`.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { eventually } from "../support/eventually.ts";
import { isAlive } from "../support/is_alive.ts";
import {
  type Arena,
  assertCredentials,
  assertUntouched,
  launchEnv,
  makeArena,
} from "./arena.ts";
import { writeShim } from "./sdk_session.ts";
import { hook } from "./settings.ts";

/** What the extension gives beside the path of its own Claude Code. */
const ARGS = [
  ...["--output-format", "stream-json", "--verbose"],
  ...["--input-format", "stream-json", "--permission-prompt-tool", "stdio"],
];

/** A command `SHIM BUNDLED_CLAUDE ARGS...`. */
async function wrapped(arena: Arena, flag: string, args: string[]) {
  const { world } = arena;
  const shim = await writeShim(arena, "managed", "--quiet", flag);
  const { AI_CLAUDE_BIN: bundled, ...env } = world.env;
  return new Deno.Command(shim, {
    args: [bundled, ...args],
    cwd: world.project,
    clearEnv: true,
    env: { ...env, ...launchEnv("managed") },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Starts a session and waits for its first answer. */
async function startSession(arena: Arena, flag: string) {
  const tellsPid = hook(
    "SessionStart",
    'echo $PPID > "$HOME/pid.new"; mv "$HOME/pid.new" "$HOME/pid"',
  );
  const child = await wrapped(arena, flag, [
    ...ARGS,
    ...["--settings", JSON.stringify(tellsPid)],
  ]);
  const input = child.stdin.getWriter();
  const message = { role: "user", content: "hi" };
  await input.write(
    new TextEncoder().encode(JSON.stringify({ type: "user", message }) + "\n"),
  );
  let stdout = "";
  const read = (async () => {
    for await (
      const text of child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      stdout += text;
    }
  })();
  await eventually(
    "the answer",
    () => stdout.includes('"type":"result"') || undefined,
  );
  const claude = Number(await Deno.readTextFile(`${arena.world.home}/pid`));
  return {
    claude,
    child,
    input,
    /** Resolves when Claude Code and all that hold its stdout are gone. */
    end: async () => {
      await read;
      return {
        code: (await child.status).code,
        stderr: await new Response(child.stderr).text(),
        types: stdout.trimEnd().split("\n").map((line) =>
          JSON.parse(line).type
        ),
      };
    },
  };
}

Deno.test("an editor's session speaks the protocol alone, and ends with its input", async () => {
  await using arena = await makeArena();
  const { input, claude, end } = await startSession(arena, "--no-relay");
  await input.close();
  const { code, stderr, types } = await end();
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assertEquals([types.at(0), types.at(-1)], ["system", "result"]);
  assertEquals(await isAlive(claude), false);
  const calls = arena.gateway.requests.filter(({ kind }) =>
    kind === "messages"
  );
  assertCredentials("managed", calls, "helper");
  assertUntouched(arena);

  const child = await wrapped(arena, "--no-relay", [
    "plugin",
    "list",
    "--json",
  ]);
  await child.stdin.close();
  const plugins = await child.output();
  assertEquals(plugins.code, 0);
  assert(Array.isArray(JSON.parse(new TextDecoder().decode(plugins.stdout))));
});

Deno.test("SIGTERM ends an editor's session and leaves nothing behind", async () => {
  await using arena = await makeArena();
  const { input, child, claude, end } = await startSession(arena, "--relay");
  assert(await isAlive(claude));
  child.kill("SIGTERM");
  assertEquals((await end()).code, 143);
  assertEquals(await isAlive(claude), false);
  await input.abort().catch(() => {});
});
