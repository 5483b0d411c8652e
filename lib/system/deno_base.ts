/**
 * The part of the real {@linkcode Sys} that the helper needs too. A registry's
 * modules are loaded with all that they ever import, so no package may be
 * imported here.
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

/** The part of the machine that needs no package. */
export type BaseSys = Pick<
  Sys,
  | "env"
  | "parentPid"
  | "platform"
  | "now"
  | "cwd"
  | "readTextFile"
  | "replaceTextFile"
  | "overwriteTextFile"
  | "rename"
  | "realPath"
  | "removeFile"
  | "fileMode"
  | "lock"
  | "uninterrupted"
  | "isExecutable"
  | "fetch"
  | "capture"
  | "out"
  | "err"
>;

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
export function attempt<T>(work: () => T): Promise<T | undefined> {
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

async function realPath(path: string): Promise<string> {
  const real = await attempt(() => Deno.realPathSync(path));
  if (real !== undefined) return real;
  // A link to a file that is yet to be made.
  const target = await attempt(() => Deno.readLinkSync(path));
  if (target === undefined) return path;
  const isAbsolute = /^(?:[a-z]:)?[\\/]/i.test(target);
  const dir = isAbsolute ? "" : path.replace(/[^\\/]*$/, "");
  return await realPath(dir + target);
}

async function replaceTextFile(
  path: string,
  text: string,
  options: ReplaceOptions,
): Promise<void> {
  const target = await realPath(path).catch(() => path);
  const dir = target.replace(/[\\/][^\\/]*$/, "");
  await Deno.mkdir(dir, { recursive: true, mode: options.dir });
  const temporary = options.temporary ?? `${target}.${crypto.randomUUID()}.tmp`;
  const remove = () => Deno.remove(temporary).catch(() => {});
  try {
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
  } catch (error) {
    await remove();
    throw error;
  }
  try {
    await Deno.rename(temporary, target);
  } catch (error) {
    // One that the caller named may be the only good copy.
    if (options.temporary === undefined) await remove();
    throw error;
  }
}

function fileMode(path: string): Promise<number | undefined> {
  return attempt(() => Deno.statSync(path).mode ?? undefined);
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

/** The machine this process runs on. */
export function denoBase(): BaseSys {
  const os = Deno.build.os;
  const platform: Platform = os === "windows" || os === "darwin" ? os : "linux";
  return {
    env: canonicalEnv(Deno.env.toObject(), platform),
    parentPid: Deno.ppid,
    platform,
    now: () => Date.now(),
    cwd,
    readTextFile: (path, maxBytes) =>
      attempt(() =>
        maxBytes === undefined
          ? Deno.readTextFileSync(path)
          : readBounded(path, maxBytes)
      ),
    replaceTextFile,
    overwriteTextFile: (path, text) =>
      attempt(() => Deno.writeTextFileSync(path, text, { mode: 0o600 })),
    rename: (from, to) => Deno.rename(from, to),
    realPath,
    removeFile: (path) => Deno.remove(path),
    fileMode,
    lock: async (path, bounds) => {
      const { takeLock } = await import("./deno_lock.ts");
      return await takeLock(path, bounds);
    },
    uninterrupted: async (work) => {
      const { uninterrupted } = await import("./deno_signals.ts");
      return await uninterrupted(work);
    },
    isExecutable,
    fetch: async (url, init) => {
      // Here, because a helper with a valid token asks nobody.
      const { fetchDirectly } = await import("./deno_fetch.ts");
      return await fetchDirectly(url, init);
    },
    capture,
    out: (text) => writeAll(Deno.stdout, text),
    err: (text) => writeAll(Deno.stderr, text),
  };
}
