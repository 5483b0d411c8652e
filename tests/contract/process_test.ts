/**
 * Contract with the real Claude Code: signals, job control and the terminal.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { type Arena, launchEnv, LAUNCHER, makeArena } from "./arena.ts";
import { fact } from "./fact.ts";
import { hook } from "./settings.ts";
import { eventually } from "../support/eventually.ts";
import { isAlive } from "../support/is_alive.ts";
import { hasTmux, Terminal } from "../support/terminal.ts";

/** A session whose prompt hook tells Claude Code's process id, then waits. */
async function startWaiting({ world, gateway }: Arena) {
  const settings = hook(
    "UserPromptSubmit",
    'echo $PPID > "$HOME/pid.new"; mv "$HOME/pid.new" "$HOME/pid"; sleep 60',
  );
  const [deno, ...args] = LAUNCHER;
  const launcher = new Deno.Command(deno, {
    args: [
      ...[...args, "-s", gateway.url, "-L", "managed", "--", "-p", "hi"],
      ...["--settings", JSON.stringify(settings)],
    ],
    cwd: world.project,
    clearEnv: true,
    env: { ...world.env, ...launchEnv("managed") },
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
    await using arena = await makeArena({}, {
      reply: ({ body }) =>
        JSON.stringify(body).includes("third prompt") ? "Third." : "First.",
    });
    const { world, gateway } = arena;
    await world.write(".claude.json", {
      hasCompletedOnboarding: true,
      theme: "dark",
      projects: { [world.project]: { hasTrustDialogAccepted: true } },
    });
    await using terminal = new Terminal(world, launchEnv("managed"));
    await terminal.open(world.project);
    const command = [...LAUNCHER, "-s", gateway.url, "-L", "managed"].join(" ");
    await terminal.type(command, "Enter");
    await terminal.shows("shift+tab to cycle");
    await terminal.type("first prompt", "Enter");
    await terminal.shows("First.");

    await terminal.type("", "C-c");
    await terminal.shows("Press Ctrl-C again to exit");
    await terminal.type("second prompt", "C-z");
    await terminal.shows("Stopped");
    await terminal.type("echo job-${#HOME}-control", "Enter");
    await terminal.shows(`job-${world.home.length}-control`);
    // What is to be seen again must not be there still.
    await terminal.type("clear; echo clear-${#HOME}-screen", "Enter");
    await terminal.shows(`clear-${world.home.length}-screen`);
    await terminal.type(
      "fg; echo exit=$? $(stty -a | grep -o ' icanon')",
      "Enter",
    );
    await terminal.shows("shift+tab to cycle");
    await terminal.type("third prompt", "Enter");
    await terminal.shows("Third.");

    await terminal.type("", "C-c", "C-c", "C-c");
    const screen = await terminal.shows("exit=0 icanon");
    fact(
      "what an interactive session says of going on with it",
      true,
      /Resume this session with:\s+claude --resume [0-9a-f-]{36}/.test(screen),
    );
  },
});
