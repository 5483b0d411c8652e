/**
 * A machine made of plain data, for tests of what asks for a `Pick<Sys, ...>`.
 *
 * @module
 */

import type { CliError, ErrorCode } from "../../lib/base/errors.ts";
import type {
  Captured,
  Invocation,
  Platform,
  Runtime,
  StreamName,
  Sys,
} from "../../lib/system/sys.ts";

/** What a fake machine has and how it answers. */
export interface FakeMachine {
  /** The environment; empty by default. */
  env?: Record<string, string>;
  /** The operating system; Linux by default. */
  platform?: Platform;
  /** How the program was started. */
  runtime?: Runtime;
  /** The working directory. */
  cwd?: string;
  /** Milliseconds since 1970. */
  now?: number;
  /** The streams that are terminals. */
  terminals?: StreamName[];
  /** Width of the terminal. */
  columns?: number;
  /** Files by path; an error is what reading it throws. */
  files?: Record<string, string | Error>;
  /** Paths of files that may be executed. */
  executables?: string[];
  /** Answers requests. */
  fetch?: (url: string, init?: RequestInit) => Promise<Response>;
  /** Runs a program; an error is what starting it throws. */
  capture?: (program: Invocation, timeoutMs: number) => Captured | Error;
}

/** A fake machine and what was done to it. */
export interface FakeSys extends Sys {
  /** Paths that were read, files and directories. */
  readonly read: string[];
  /** Programs that ran. */
  readonly ran: Invocation[];
  /** URLs that were asked. */
  readonly asked: string[];
  /** Everything written to stdout. */
  stdout: string;
  /** Everything written to stderr. */
  stderr: string;
}

/** How this program is started from a checkout. */
export const CHECKOUT: Runtime = {
  execPath: "/usr/bin/deno",
  mainModule: "file:///src/ai-claude/main.ts",
  standalone: false,
  denoVersion: "2.9.6",
};

/** 2026-08-01T00:00:00Z */
export const NOW = Date.UTC(2026, 7, 1);

/** Makes a fake machine. Whatever it was not given fails when it is used. */
export function fakeSys(machine: FakeMachine = {}): FakeSys {
  const { files = {}, executables = [], terminals = [] } = machine;
  const missing = (what: string): never => {
    throw new Error(`the fake machine has no ${what}`);
  };
  const sys: FakeSys = {
    read: [],
    ran: [],
    asked: [],
    stdout: "",
    stderr: "",
    env: machine.env ?? {},
    platform: machine.platform ?? "linux",
    runtime: machine.runtime ?? CHECKOUT,
    now: () => machine.now ?? NOW,
    cwd: () => machine.cwd ?? "/src/project",
    isTerminal: (stream) => terminals.includes(stream),
    columns: () => machine.columns,
    readTextFile: (path) => {
      sys.read.push(path);
      const text = files[path];
      return text instanceof Error
        ? Promise.reject(text)
        : Promise.resolve(text);
    },
    readDir: (path) => {
      sys.read.push(path);
      const names = new Set(
        Object.keys(files)
          .filter((file) =>
            file.startsWith(path) && /^[\\/]/.test(file.slice(path.length))
          )
          .map((file) => file.slice(path.length + 1).split(/[\\/]/)[0]),
      );
      return Promise.resolve(names.size === 0 ? undefined : [...names].sort());
    },
    isExecutable: (path) => Promise.resolve(executables.includes(path)),
    fetch: (url, init) => {
      sys.asked.push(url);
      return machine.fetch?.(url, init) ?? missing("network");
    },
    serve: () => missing("network"),
    connect: () => missing("network"),
    capture: (program, timeoutMs) => {
      sys.ran.push(program);
      const result = machine.capture?.(program, timeoutMs) ??
        missing("programs");
      return result instanceof Error
        ? Promise.reject(result)
        : Promise.resolve(result);
    },
    detach: () => missing("programs"),
    launch: () => missing("Claude Code"),
    makeTempDir: () => missing("temporary directory"),
    writeTextFile: () => missing("writable disk"),
    parentPid: 1,
    replaceTextFile: () => missing("writable disk"),
    overwriteTextFile: () => missing("writable disk"),
    rename: () => missing("writable disk"),
    realPath: (path) => Promise.resolve(path),
    removeFile: () => missing("writable disk"),
    fileMode: () => Promise.resolve(undefined),
    lock: () => missing("writable disk"),
    readLine: () => missing("keyboard"),
    pick: () => missing("keyboard"),
    sleep: () => missing("patience"),
    interruptible: () => {
      throw new Error("this fake machine has no keyboard");
    },
    uninterrupted: (work) => work(),
    removeDir: () => missing("writable disk"),
    out: (text) => {
      sys.stdout += text;
    },
    err: (text) => {
      sys.stderr += text;
    },
  };
  return sys;
}

/** An unsigned JWT with these claims. */
export function fakeJwt(claims: unknown): string {
  const encode = (value: unknown) =>
    btoa(
      String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))),
    ).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `${encode({ alg: "none" })}.${encode(claims)}.sig`;
}

/** What users see of an error, to compare in one go. */
export function shown(
  { code, message, hint }: CliError,
): { code: ErrorCode; message: string; hint: string | undefined } {
  return { code, message, hint };
}
