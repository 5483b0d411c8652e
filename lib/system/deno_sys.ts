/**
 * The real {@linkcode Sys}: the one place where the launcher touches `Deno`.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { canonicalEnv } from "./env_names.ts";
import type {
  Captured,
  Invocation,
  Platform,
  ReplaceOptions,
  Sys,
} from "./sys.ts";

const encoder = new TextEncoder();

function writeAll(
  stream: { writeSync(data: Uint8Array): number },
  text: string,
): void {
  let rest = encoder.encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    // The reader went away (`ai-claude ... | head`): nobody to tell.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/**
 * Runs a file operation; `undefined` when there is no such file.
 *
 * Synchronous operations behind an asynchronous interface: the files are few and
 * small and nothing else could run meanwhile, but each asynchronous read starts
 * a thread, which costs more time and memory than the read.
 */
function attempt<T>(work: () => T): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    try {
      resolve(work());
    } catch (error) {
      if (
        error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.NotADirectory
      ) resolve(undefined);
      else reject(error);
    }
  });
}

function cwd(): string {
  try {
    return Deno.cwd();
  } catch (cause) {
    throw new CliError("failure", "the working directory does not exist", {
      hint: "change to a directory that does",
      cause,
    });
  }
}

function isExecutable(path: string): Promise<boolean> {
  return attempt(() => Deno.statSync(path)).then(
    (info) =>
      info !== undefined && info.isFile &&
      (info.mode === null || (info.mode & 0o111) !== 0),
    () => false,
  );
}

/** A byte order mark decides the encoding, as it does for Claude Code. */
function readBounded(path: string, maxBytes: number): string {
  const { isFile, size } = Deno.statSync(path);
  if (!isFile) throw new Error("it is not a file");
  if (size > maxBytes) {
    throw new Error(`it is larger than ${maxBytes / 2 ** 20} MiB`);
  }
  const data = Deno.readFileSync(path);
  const wide = data[0] === 0xff && data[1] === 0xfe;
  return new TextDecoder(wide ? "utf-16le" : "utf-8").decode(data);
}

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

async function replaceTextFile(
  path: string,
  text: string,
  options: ReplaceOptions,
): Promise<void> {
  const target = await Deno.realPath(path).catch(() => path);
  const dir = target.replace(/[\\/][^\\/]*$/, "");
  await Deno.mkdir(dir, { recursive: true, mode: options.dir });
  const temporary = options.temporary ?? `${target}.${crypto.randomUUID()}.tmp`;
  try {
    {
      using file = await Deno.open(temporary, {
        write: true,
        create: true,
        truncate: true,
        mode: options.file,
      });
      const data = encoder.encode(text);
      for (let at = 0; at < data.length;) {
        at += await file.write(data.subarray(at));
      }
      await file.sync();
    }
    await Deno.rename(temporary, target);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

function fileMode(path: string): Promise<number | undefined> {
  return attempt(() => Deno.statSync(path).mode ?? undefined);
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

async function capture(
  { path, args, env, cwd }: Invocation,
  timeoutMs: number,
): Promise<Captured> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const output = await new Deno.Command(path, {
    args,
    env,
    cwd,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: timeout,
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    timedOut: timeout.aborted,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

/**
 * Deno would send even a request to this machine through `HTTP_PROXY`, a bearer
 * in clear text with it. It reads the variables when it makes a client: its own
 * at the first request.
 */
async function avoidProxy(url: URL): Promise<void> {
  // Here, because a helper with a valid token asks nobody.
  const { isLoopback, LOOPBACK_HOSTS } = await import(
    "../base/loopback_host.ts"
  );
  if (!isLoopback(url)) return;
  const others = Deno.env.get("NO_PROXY") || Deno.env.get("no_proxy");
  if (others?.includes(LOOPBACK_HOSTS)) return;
  Deno.env.set(
    "NO_PROXY",
    others ? `${others},${LOOPBACK_HOSTS}` : LOOPBACK_HOSTS,
  );
}

async function fetchDirectly(
  url: string,
  init?: RequestInit,
): Promise<Response> {
  await avoidProxy(new URL(url));
  return await fetch(url, init);
}

/**
 * The machine this process runs on. `mainModule` is the URL of `main.ts`, which
 * a self-call names.
 */
export function denoSys(mainModule: string): Sys {
  const os = Deno.build.os;
  const platform: Platform = os === "windows" || os === "darwin" ? os : "linux";
  return {
    env: canonicalEnv(Deno.env.toObject(), platform),
    platform,
    runtime: {
      execPath: Deno.execPath(),
      mainModule,
      standalone: Deno.build.standalone,
      denoVersion: Deno.version.deno,
    },
    now: () => Date.now(),
    cwd,
    isTerminal: (stream) => Deno[stream].isTerminal(),
    columns: () =>
      Deno.stdout.isTerminal() ? Deno.consoleSize().columns : undefined,
    readTextFile: (path, maxBytes) =>
      attempt(() =>
        maxBytes === undefined
          ? Deno.readTextFileSync(path)
          : readBounded(path, maxBytes)
      ),
    readDir,
    makeTempDir: () => Deno.makeTempDir({ prefix: "ai-claude-" }),
    writeTextFile,
    replaceTextFile,
    rename: (from, to) => Deno.rename(from, to),
    fileMode,
    lock: async (path, bounds) => {
      const { takeLock } = await import("./deno_lock.ts");
      return await takeLock(path, bounds);
    },
    readLine,
    pick: async (question) => {
      const { pick } = await import("./deno_pick.ts");
      return await pick(question);
    },
    sleep,
    interruptible,
    uninterrupted: async (work) => {
      const { uninterrupted } = await import("./deno_signals.ts");
      return await uninterrupted(work);
    },
    removeDir: (path) => Deno.remove(path, { recursive: true }),
    isExecutable,
    fetch: fetchDirectly,
    serve: async (options, handler) => {
      const { serve } = await import("./deno_serve.ts");
      return serve(options, handler);
    },
    connect: async (origin) => {
      await avoidProxy(origin);
      const { connect } = await import("./deno_serve.ts");
      return connect();
    },
    capture,
    launch: async (program) => {
      const { launch } = await import("./deno_launch.ts");
      return await launch(program);
    },
    out: (text) => writeAll(Deno.stdout, text),
    err: (text) => writeAll(Deno.stderr, text),
  };
}
