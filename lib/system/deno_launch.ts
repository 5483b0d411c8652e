/**
 * Running a program on this terminal: signals, exit code, and what a killed one
 * leaves behind.
 *
 * @module
 */

import type { Invocation } from "./sys.ts";

/** Undoes the terminal modes of a full-screen program that had no time to. */
const RESET_TERMINAL = "\x1b[?1049l\x1b[?25h\x1b[?2004l\x1b[?1004l" +
  "\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l\x1b[<u\x1b[0m";

/**
 * Signals during a launch. `terminal`: a terminal sends it to the whole process
 * group, so the launcher only survives it; without a terminal it reached the
 * launcher alone and is passed on. `forward`: always passed on.
 */
const SIGNALS: Partial<Record<Deno.Signal, "forward" | "terminal">> =
  Deno.build.os === "windows" ? { SIGINT: "terminal", SIGBREAK: "terminal" } : {
    SIGINT: "terminal",
    SIGQUIT: "terminal",
    SIGTERM: "forward",
    SIGHUP: "forward",
  };

/** Has the kernel end the program that it becomes when its parent is gone. */
const SETPRIV = ["/usr/bin/setpriv", "--pdeathsig", "TERM"];

/** The words that start a program which ends with this process, where possible. */
async function endingWithParent(words: string[]): Promise<string[]> {
  if (Deno.build.os !== "linux") return words;
  const [path, ...args] = [...SETPRIV, "true"];
  const known = await new Deno.Command(path, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output().then(({ success }) => success, () => false);
  return known ? [...SETPRIV, ...words] : words;
}

/** Runs a program on this terminal; see {@linkcode Sys.launch}. */
export async function launch(
  { env, cwd, endsWithParent, toStderr, ...program }: Invocation,
): Promise<number> {
  const words = [program.path, ...program.args];
  const [path, ...args] = endsWithParent
    ? await endingWithParent(words)
    : words;
  const command = new Deno.Command(path, {
    args,
    env,
    cwd,
    clearEnv: true,
    stdin: "inherit",
    stdout: toStderr ? "piped" : "inherit",
    stderr: "inherit",
  });
  // Listeners are installed before the child exists and run only when this
  // function awaits, so no signal finds the launcher unprepared.
  const atTerminal = Deno.stdin.isTerminal() || Deno.stdout.isTerminal() ||
    Deno.stderr.isTerminal();
  let child: Deno.ChildProcess | undefined;
  const listeners = (Object.keys(SIGNALS) as Deno.Signal[]).map((signal) => {
    const listener = () => {
      if (SIGNALS[signal] === "terminal" && atTerminal) return;
      try {
        child?.kill(signal);
      } catch {
        // It ended in the meantime.
      }
    };
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  try {
    child = command.spawn();
    if (toStderr) {
      await child.stdout.pipeTo(Deno.stderr.writable, { preventClose: true });
    }
    const status = await child.status;
    if (status.signal !== null) await restoreTerminal();
    return status.code;
  } finally {
    for (const remove of listeners) remove();
  }
}

/** A killed full-screen program leaves raw mode behind: undo it. */
async function restoreTerminal(): Promise<void> {
  if (Deno.build.os === "windows" || !Deno.stdin.isTerminal()) return;
  if (Deno.stdout.isTerminal()) {
    await Deno.stdout.write(new TextEncoder().encode(RESET_TERMINAL));
  }
  try {
    await new Deno.Command("stty", {
      args: ["sane"],
      stdin: "inherit",
      stdout: "null",
      stderr: "null",
    }).output();
  } catch {
    // No stty on this machine: nothing more can be done.
  }
}
