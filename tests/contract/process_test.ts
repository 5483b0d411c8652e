/**
 * Contract with the real Claude Code: signals, job control and the terminal.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { type Arena, GATEWAY_TOKEN, makeArena } from "./arena.ts";
import { MAIN } from "../support/program.ts";
import { eventually, hasTmux, Terminal } from "../support/terminal.ts";

async function isAlive(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "stat=", "-p", String(pid)],
  }).output();
  const state = new TextDecoder().decode(stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

/** A session whose prompt hook tells Claude Code's process id, then waits. */
async function startWaiting({ world, gateway }: Arena) {
  const hooks = {
    UserPromptSubmit: [{
      hooks: [{
        type: "command",
        command:
          'echo $PPID > "$HOME/pid.new"; mv "$HOME/pid.new" "$HOME/pid"; sleep 60',
      }],
    }],
  };
  const launcher = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--allow-all", MAIN],
      ...["-s", gateway.url, "-L", "managed", "--", "-p", "hi"],
      ...["--settings", JSON.stringify({ hooks })],
    ],
    cwd: world.project,
    clearEnv: true,
    env: {
      ...world.env,
      RPAI_TOKEN: GATEWAY_TOKEN,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const claude = await eventually("the hook ran", async () => {
    const text = await Deno.readTextFile(`${world.home}/pid`).catch(() => "");
    return text === "" ? undefined : Number(text);
  });
  return { launcher, claude };
}

for (
  const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129]] as const
) {
  Deno.test(`${signal} ends a session with ${code} and leaves nothing behind`, async () => {
    await using arena = await makeArena();
    const { launcher, claude } = await startWaiting(arena);
    assert(await isAlive(claude));
    launcher.kill(signal);
    assertEquals((await launcher.status).code, code);
    await eventually(
      "Claude Code is gone",
      async () => await isAlive(claude) ? undefined : true,
    );
  });
}

Deno.test({
  name: "an interactive session survives Ctrl-C, Ctrl-Z and fg (needs tmux)",
  // The one tool of the suite that a clean machine may lack.
  ignore: !await hasTmux(),
  fn: async () => {
    await using arena = await makeArena();
    const { world, gateway } = arena;
    await world.write(".claude.json", {
      hasCompletedOnboarding: true,
      theme: "dark",
      projects: { [world.project]: { hasTrustDialogAccepted: true } },
    });
    await using terminal = new Terminal(world, {
      RPAI_TOKEN: GATEWAY_TOKEN,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    });
    await terminal.open(world.project);
    const command = [
      Deno.execPath(),
      ...["run", "--quiet", "--no-prompt", "--allow-all", MAIN],
      ...["-s", gateway.url, "-L", "managed"],
    ].join(" ");
    await terminal.type(command, "Enter");
    await terminal.shows("shift+tab to cycle");
    await terminal.type("first prompt", "Enter");
    await terminal.shows("Hello from the embedded gateway (managed).");

    await terminal.type("", "C-c");
    await terminal.shows("Press Ctrl-C again to exit");
    await terminal.type("second prompt", "C-z");
    await terminal.shows("Stopped");
    await terminal.type("echo job-${#HOME}-control", "Enter");
    await terminal.shows(`job-${world.home.length}-control`);
    await terminal.type(
      "clear; fg; echo exit=$? $(stty -a | grep -o ' icanon')",
      "Enter",
    );
    await terminal.shows("shift+tab to cycle");
    await terminal.type("third prompt", "Enter");
    await terminal.shows("Hello from the embedded gateway (managed).");

    await terminal.type("", "C-c", "C-c", "C-c");
    await terminal.shows("exit=0 icanon");
  },
});
