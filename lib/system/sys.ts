/**
 * Everything the program needs from the machine it runs on. Callers ask for a
 * `Pick` of it, tests pass a fake; `deno_sys.ts` is the real one.
 *
 * @module
 */

/** The operating systems whose conventions differ here. */
export type Platform = "darwin" | "linux" | "windows";

/** How this program itself was started. */
export interface Runtime {
  /** Absolute path of the running executable: Deno, or the compiled program. */
  execPath: string;
  /** URL of the entry module: `file:`, or `https:` when it came from JSR. */
  mainModule: string;
  /** `JSR_URL`: where JSR's packages come from, when that is elsewhere. */
  jsrUrl?: string;
  /** Whether this is a `deno compile` binary. */
  standalone: boolean;
  /** Version of Deno itself. */
  denoVersion: string;
}

/** A program to run. */
export interface Invocation {
  /** Path of the executable. */
  path: string;
  /** Its arguments, without the program name. */
  args: string[];
  /** Its whole environment: nothing else is inherited. */
  env: Record<string, string>;
  /** Its working directory; this process's own by default. */
  cwd?: string;
  /**
   * Whether it is to end when this process is killed. Linux has that, with
   * `setpriv` of util-linux; elsewhere it goes on.
   */
  endsWithParent?: boolean;
  /** Whether its output goes to stderr: it is no result of this program. */
  toStderr?: boolean;
}

/** What a program that ran to its end printed. */
export interface Captured {
  /** Exit code. */
  code: number;
  /** Whether it was ended for taking too long. */
  timedOut?: boolean;
  /** All of its standard output. */
  stdout: string;
  /** All of its standard error. */
  stderr: string;
}

/** How a file is replaced. */
export interface ReplaceOptions {
  /** Permission bits of the file. */
  file: number;
  /** Permission bits of directories that have to be made. */
  dir: number;
  /**
   * Path of the temporary file, on the same file system, which stays when the
   * rename fails; one of its own by default, which does not.
   */
  temporary?: string;
}

/** Bounds of a lock, in milliseconds. */
export interface LockBounds {
  /** How long to wait for it. */
  waitMs: number;
  /** How long it may be held before it is broken. */
  staleMs: number;
}

/** A lock that is held. */
export interface FileLock {
  /** Whether it has not been broken. */
  isHeld(): Promise<boolean>;
  /** Gives it up. */
  release(): Promise<void>;
}

/** One of the things to choose from. */
export interface Choice {
  /** What choosing it gives. */
  value: string;
  /** What it says, when there is room. */
  note?: string;
}

/** A choice to make at the terminal. */
export interface Question {
  /** What is asked for, in a word or two. */
  message: string;
  /** At least one; the first is offered first. */
  choices: readonly Choice[];
  /** Whether colours may be used. */
  color: boolean;
}

/**
 * Where a server listens: on a free port of 127.0.0.1, or on a Unix socket in a
 * new folder that only this user can enter.
 */
export type ListenPlace = "port" | "socket";

/**
 * Answers a request. `port` is that of the client's end of the connection, if it
 * has one; the request's signal fires when the client goes away.
 */
export type RequestHandler = (
  request: Request,
  port?: number,
) => Promise<Response>;

/** A running server; disposing of it cuts off what is under way. */
export interface Server extends AsyncDisposable {
  /** The port, or the path of the socket, that it got. */
  readonly address: { port: number } | { socket: string };
}

/** Connections of their own to a server; disposing of them closes idle ones. */
export interface Connections extends Disposable {
  /** The native `fetch`, over these. */
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** A stream of this process. */
export type StreamName = "stdin" | "stdout" | "stderr";

/** A request that is bounded in time. */
export interface BoundedRequest extends RequestInit {
  /** Bound on connecting and on the whole answer, in milliseconds. */
  timeoutMs?: number;
}

/** The machine, as far as this program uses it. */
export interface Sys {
  /** Snapshot of the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The operating system. */
  readonly platform: Platform;
  /** How this program was started. */
  readonly runtime: Runtime;
  /** Process id of what started this process. */
  readonly parentPid: number;
  /** Milliseconds since 1970. */
  now(): number;
  /** The working directory. Throws when it was deleted. */
  cwd(): string;
  /** Whether a stream is a terminal. */
  isTerminal(stream: StreamName): boolean;
  /** Width of stdout's terminal; `undefined` when it is not one. */
  columns(): number | undefined;
  /**
   * Reads a file; `undefined` when there is none. Throws on anything else; with
   * a bound also on what is larger or no file, such as a pipe.
   */
  readTextFile(path: string, maxBytes?: number): Promise<string | undefined>;
  /** Names in a directory, sorted; `undefined` when there is none. */
  readDir(path: string): Promise<string[] | undefined>;
  /** Makes a directory that nobody else can read; returns its path. */
  makeTempDir(): Promise<string>;
  /**
   * Overwrites a file, or makes one for this user alone. One that breaks off
   * leaves a damaged file.
   */
  overwriteTextFile(path: string, text: string): Promise<void>;
  /** Writes a new file, making the directories above it. */
  writeTextFile(path: string, text: string): Promise<void>;
  /**
   * Replaces a file whole or not at all: a temporary file beside it, synced to
   * disk, then renamed. Makes the directories above it. Through a symbolic link
   * it replaces the file that the link names.
   */
  replaceTextFile(
    path: string,
    text: string,
    options: ReplaceOptions,
  ): Promise<void>;
  /** Renames a file, replacing another. */
  rename(from: string, to: string): Promise<void>;
  /** The path behind symbolic links; the path itself when nothing is there. */
  realPath(path: string): Promise<string>;
  /** Removes a file. */
  removeFile(path: string): Promise<void>;
  /** Permission bits of a file or directory; `undefined` when there is none. */
  fileMode(path: string): Promise<number | undefined>;
  /**
   * Locks a file, waiting for a while; `undefined` when another process keeps it
   * locked. The file names the holder. A lock ends with its process; one that is
   * held too long is broken.
   */
  lock(path: string, bounds: LockBounds): Promise<FileLock | undefined>;
  /** Reads a line from the terminal; `undefined` at the end of the input. */
  readLine(): Promise<string | undefined>;
  /**
   * Lets the user choose at the terminal, which stderr must be; `undefined` when
   * they cancel.
   */
  pick(question: Question): Promise<string | undefined>;
  /** Waits; rejects with the signal's reason when that is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Aborts at Ctrl-C instead of ending the program, until disposed of. */
  interruptible(): { signal: AbortSignal } & Disposable;
  /** Finishes work: a signal that would end the program waits for it. */
  uninterrupted<T>(work: () => Promise<T>): Promise<T>;
  /** Removes a directory and all in it. */
  removeDir(path: string): Promise<void>;
  /** Whether the path is a file that may be executed. */
  isExecutable(path: string): Promise<boolean>;
  /**
   * `fetch`, direct to this machine. Rejects with a `TimeoutError` at its bound;
   * an error names the proxy it failed at.
   */
  fetch(url: string, init?: BoundedRequest): Promise<Response>;
  /**
   * Serves HTTP. A connection that breaks is no error. Throws when it cannot
   * listen.
   */
  serve(place: ListenPlace, handler: RequestHandler): Promise<Server>;
  /**
   * Makes connections as `fetch` does, through the user's proxy, but to this
   * machine directly.
   */
  connect(): Promise<Connections>;
  /** Runs a program without input and collects what it prints. */
  capture(program: Invocation, timeoutMs: number): Promise<Captured>;
  /** Starts a program without a terminal, which may outlive this one. */
  detach(program: Invocation): void;
  /**
   * Runs a program on this terminal to its end, passing signals on, and
   * resolves to its exit code (128+n when signal n killed it).
   */
  launch(program: Invocation): Promise<number>;
  /** Writes results. */
  out(text: string): void;
  /** Writes warnings, progress and errors. */
  err(text: string): void;
}
