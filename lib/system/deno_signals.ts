/**
 * Work that a signal must not end in the middle.
 *
 * @module
 */

/** What ends a program: Ctrl-C, `kill`, a terminal that goes away. */
const ENDING: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** Holds signals back; see {@linkcode Sys.uninterrupted}. */
export async function uninterrupted<T>(work: () => Promise<T>): Promise<T> {
  let held: Deno.Signal | undefined;
  const listeners = ENDING.map((signal) => {
    const listener = () => {
      held ??= signal;
    };
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  try {
    return await work();
  } finally {
    for (const remove of listeners) remove();
    if (held !== undefined) Deno.kill(Deno.pid, held);
  }
}
