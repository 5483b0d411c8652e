/**
 * The credentials file on disk: who may read it, how it is replaced, and the
 * lock that lets one process at a time change it.
 *
 * @module
 */

import { type CredentialsFile, parseCredentials } from "./credentials.ts";
import { CliError } from "../base/errors.ts";
import { absolutePath, homeDir, joinPath } from "../system/find_program.ts";
import { printable } from "../base/printable.ts";
import type { FileLock, Sys } from "../system/sys.ts";

/** The machine as far as the store uses it. */
export type StoreSys = Pick<
  Sys,
  | "env"
  | "platform"
  | "cwd"
  | "readTextFile"
  | "replaceTextFile"
  | "removeFile"
  | "realPath"
  | "fileMode"
  | "rename"
  | "lock"
>;

/** Longest that a change may take, in milliseconds; an older lock is broken. */
const LOCK_STALE_MS = 30_000;

/** How long a command waits for the other process, in milliseconds. */
const LOCK_WAIT_MS = 30_000;

/** Modes of the file and of a directory that is made for it. */
const MODES = { file: 0o600, dir: 0o700 };

/** Bits that let other users use a file, or write to a directory. */
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/**
 * Absolute path of the credentials file: `AI_CLAUDE_CREDENTIALS`, else in
 * `~/.rpai`; `undefined` without a home directory.
 */
export function credentialsPath(
  sys: Pick<Sys, "env" | "platform" | "cwd">,
): string | undefined {
  const { env, platform } = sys;
  if (env.AI_CLAUDE_CREDENTIALS) {
    return absolutePath(env.AI_CLAUDE_CREDENTIALS, sys);
  }
  const home = homeDir(sys);
  return home &&
    joinPath(platform, home, ".rpai", "ai-claude.credentials.json");
}

/**
 * Reads the credentials file; empty when there is none, or no home directory to
 * keep it in.
 *
 * @throws {CliError} `failure` when others may read it, or when it cannot be
 * read or understood
 */
export async function readCredentials(
  path: string | undefined,
  sys: StoreSys,
): Promise<CredentialsFile> {
  if (path === undefined) return {};
  await checkModes(path, sys);
  return parseCredentials(await readFile(path, sys) ?? "", path);
}

/**
 * Changes the credentials file under its lock.
 *
 * @param work gets the file as it is now and a function that replaces it
 * @param waitMs how long to wait for the lock
 * @returns what the work returns
 * @throws {CliError} `failure` when that is not possible
 */
export async function changeCredentials<T>(
  named: string | undefined,
  work: (
    file: CredentialsFile,
    replace: (file: CredentialsFile) => Promise<void>,
  ) => Promise<T>,
  sys: StoreSys,
  waitMs = LOCK_WAIT_MS,
): Promise<T> {
  return await withLock(named, waitMs, async (path, lock) => {
    await recover(path, sys);
    const file = parseCredentials(await readFile(path, sys) ?? "", path);
    return await work(file, async (next) => {
      if (!await lock.isHeld()) {
        throw new CliError(
          "failure",
          "this process was stopped for so long that another took over the login",
          { hint: "try again" },
        );
      }
      const text = JSON.stringify(next, null, 2) + "\n";
      const modes = { ...MODES, temporary: nextPath(path) };
      await guarded(path, () => sys.replaceTextFile(path, text, modes));
    });
  }, sys);
}

/**
 * Makes sure that a login can be stored, before the user goes to the browser for
 * it. A file that is not understood is moved out of the way.
 *
 * @returns where that file went
 * @throws {CliError} `failure` when it could not
 */
export async function prepareToStore(
  named: string | undefined,
  sys: StoreSys & Pick<Sys, "now">,
): Promise<string | undefined> {
  return await withLock(named, LOCK_WAIT_MS, async (path) => {
    const trial = `${path}.trial`;
    await guarded(path, async () => {
      // As large as the file that a full disk would have to take, and larger.
      await sys.replaceTextFile(trial, " ".repeat(16_384), MODES);
      await sys.removeFile(trial);
    });
    const text = await readFile(path, sys) ?? "";
    try {
      parseCredentials(text, path);
      return undefined;
    } catch {
      const aside = `${path}.corrupt-${sys.now()}`;
      await guarded(path, () => sys.rename(path, aside));
      return aside;
    }
  }, sys);
}

/** Works on the file, behind symbolic links, under its lock. */
async function withLock<T>(
  named: string | undefined,
  waitMs: number,
  work: (path: string, lock: FileLock) => Promise<T>,
  sys: StoreSys,
): Promise<T> {
  if (named === undefined) {
    throw new CliError("failure", "no place for credentials: HOME is not set", {
      hint: "set HOME, or AI_CLAUDE_CREDENTIALS to a file",
    });
  }
  await checkModes(named, sys);
  const path = await guarded(named, () => sys.realPath(named));
  if (path !== named) await checkModes(path, sys);
  const lock = await guarded(
    path,
    () => sys.lock(`${path}.lock`, { waitMs, staleMs: LOCK_STALE_MS }),
  );
  if (lock === undefined) {
    throw new CliError(
      "failure",
      "another process holds the credentials file",
      { hint: "try again" },
    );
  }
  try {
    return await work(path, lock);
  } finally {
    await lock.release();
  }
}

/**
 * A process that could not rename the new file, or was killed before it did, left
 * it complete: it holds the only refresh token that is still good.
 */
async function recover(path: string, sys: StoreSys): Promise<void> {
  const next = nextPath(path);
  const text = await readFile(next, sys);
  if (text === undefined || text === "") return;
  try {
    parseCredentials(text, next);
  } catch {
    return; // half-written: the next write replaces it
  }
  await guarded(path, () => sys.rename(next, path));
}

/** Beside the file, so that the rename is atomic; one name, so it can be found. */
function nextPath(path: string): string {
  return `${path}.next`;
}

async function readFile(
  path: string,
  sys: StoreSys,
): Promise<string | undefined> {
  return await guarded(path, () => sys.readTextFile(path));
}

/** Refuses a file that others can read, or a directory they can write to. */
async function checkModes(path: string, sys: StoreSys): Promise<void> {
  // Windows has no such modes: there the home directory is private by default.
  if (sys.platform === "windows") return;
  const refuse = (name: string, mode: number, what: string, fix: string) => {
    const octal = (mode & 0o777).toString(8);
    throw new CliError(
      "failure",
      `cannot use credentials ${path}: other users can ${what} (mode ${octal})`,
      { hint: `chmod ${fix} ${name}` },
    );
  };
  const mode = await guarded(path, () => sys.fileMode(path)) ?? 0;
  if ((mode & OTHERS) !== 0) refuse(path, mode, "read it", "600");
  const dir = path.replace(/\/[^/]*$/, "") || "/";
  const dirMode = await guarded(dir, () => sys.fileMode(dir)) ?? 0;
  if ((dirMode & OTHERS_WRITE) !== 0) {
    refuse(dir, dirMode, `write to ${dir}`, "700");
  }
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CliError) throw error;
    const reason = error instanceof Error ? printable(error.message) : "";
    throw new CliError("failure", `cannot use credentials ${path}: ${reason}`, {
      hint: "check the directory's permissions and free space, or set " +
        "AI_CLAUDE_CREDENTIALS to another file",
      cause: error,
    });
  }
}
