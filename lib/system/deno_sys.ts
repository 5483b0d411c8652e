/**
 * The real {@linkcode Sys}.
 *
 * @module
 */

import { loadOnUse } from "../base/load_on_use.ts";
import { attempt, denoBase } from "./deno_base.ts";
import { avoidProxy, fetchDirectly } from "./deno_fetch.ts";
import { launch } from "./deno_launch.ts";
import type { Invocation, Sys } from "./sys.ts";

function readDir(path: string): Promise<string[] | undefined> {
  return attempt(() =>
    Array.from(Deno.readDirSync(path), ({ name }) => name).sort()
  );
}

async function writeTextFile(path: string, text: string): Promise<void> {
  // Not `dirname` of node:path: loading it takes longer than a whole launch.
  await Deno.mkdir(path.replace(/[\\/][^\\/]*$/, ""), { recursive: true });
  await Deno.writeTextFile(path, text, { createNew: true });
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}

function interruptible(): { signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const listener = () => controller.abort(new Error("interrupted"));
  Deno.addSignalListener("SIGINT", listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => Deno.removeSignalListener("SIGINT", listener),
  };
}

async function readLine(): Promise<string | undefined> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1024);
  let text = "";
  while (!text.includes("\n")) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) return text === "" ? undefined : text;
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return text.split(/\r?\n/)[0];
}

function detach({ path, args, env, cwd }: Invocation): void {
  const child = new Deno.Command(path, {
    args,
    env,
    cwd,
    clearEnv: true,
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  child.unref();
}

/**
 * The machine this process runs on. `mainModule` is the URL of `main.ts`, which
 * a self-call names.
 */
export function denoSys(mainModule: string): Sys {
  return {
    ...denoBase(),
    runtime: {
      execPath: Deno.execPath(),
      mainModule,
      jsrUrl: Deno.env.get("JSR_URL") || undefined,
      standalone: Deno.build.standalone,
      denoVersion: Deno.version.deno,
    },
    isTerminal: (stream) => Deno[stream].isTerminal(),
    columns: () =>
      Deno.stdout.isTerminal() ? Deno.consoleSize().columns : undefined,
    readDir,
    makeTempDir: () => Deno.makeTempDir({ prefix: "ai-claude-" }),
    writeTextFile,
    readLine,
    pick: async (question) => {
      const { pick } = await loadOnUse<typeof import("./deno_pick.ts")>(
        "./deno_pick.ts",
        import.meta.url,
      );
      return await pick(question);
    },
    sleep,
    interruptible,
    removeDir: (path) => Deno.remove(path, { recursive: true }),
    detach,
    serve: async (place, handler) => {
      const { serve } = await import("./deno_serve.ts");
      return serve(place, handler);
    },
    connect: async () => {
      const { connect } = await import("./deno_serve.ts");
      // The client reads the proxy variables as it is made.
      avoidProxy();
      return connect();
    },
    fetch: fetchDirectly,
    launch,
  };
}
