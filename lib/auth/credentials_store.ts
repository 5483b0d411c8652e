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
import type { Sys } from "../system/sys.ts";

/** The machine as far as the store uses it. */
export type StoreSys = Pick<
  Sys,
  | "env"
  | "platform"
  | "cwd"
  | "readTextFile"
  | "replaceTextFile"
  | "fileMode"
  | "rename"
  | "lock"
>;

/** Longest that a change may take, in milliseconds; an older lock is broken. */
const LOCK_STALE_MS = 30_000;

/** Bits that let others than the owner at a file, or write to a directory. */
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/** Path of the credentials file: `RPAI_CREDENTIALS`, else in `~/.rpai`. */
function findPath(sys: StoreSys): string | undefined {
  if (sys.env.RPAI_CREDENTIALS) {
    return absolutePath(sys.env.RPAI_CREDENTIALS, sys);
  }
  const home = homeDir(sys);
  return home === undefined
    ? undefined
    : joinPath(sys.platform, home, ".rpai", "ai-claude.credentials");
}

/**
 * Path of the credentials file.
 *
 * @throws {CliError} `failure` without a home directory
 */
export function credentialsPath(sys: StoreSys): string {
  const path = findPath(sys);
  if (path !== undefined) return path;
  throw new CliError("failure", "no place for credentials: HOME is not set", {
    hint: "set HOME, or RPAI_CREDENTIALS to a file",
  });
}

/**
 * Reads the credentials file; an absent one is empty, also for want of a home
 * directory to have it in.
 *
 * @throws {CliError} `failure` when others may read it, or when it cannot be
 * read or understood
 */
export async function readCredentials(sys: StoreSys): Promise<CredentialsFile> {
  const path = findPath(sys);
  if (path === undefined) return { document: {} };
  await checkModes(path, sys);
  return await parseCredentials(await readFile(path, sys) ?? "", path);
}

/**
 * Changes the credentials file under its lock.
 *
 * @param waitMs how long to wait for the lock
 * @param work gets the file as it is now and a function that replaces it
 * @returns what the work returns; `undefined` when the lock was not to be had
 */
export async function changeCredentials<T>(
  waitMs: number,
  work: (
    file: CredentialsFile,
    replace: (file: CredentialsFile) => Promise<void>,
  ) => Promise<T>,
  sys: StoreSys,
): Promise<{ value: T } | undefined> {
  const path = credentialsPath(sys);
  await checkModes(path, sys);
  const lock = await guarded(
    path,
    () => sys.lock(`${path}.lock`, { waitMs, staleMs: LOCK_STALE_MS }),
  );
  if (lock === undefined) return undefined;
  try {
    await recover(path, sys);
    const file = await parseCredentials(await readFile(path, sys) ?? "", path);
    const replace = async (next: CredentialsFile) => {
      if (await lock.isHeld()) return await write(path, next, sys);
      throw new CliError(
        "failure",
        "this process was stopped for so long that another took over the login",
        { hint: "try again" },
      );
    };
    const value = await work(file, replace);
    return { value };
  } finally {
    await lock.release();
  }
}

/**
 * Moves a file that is not understood out of the way, so that a new login can
 * be stored; returns where it went.
 */
export async function moveCorruptAside(
  sys: StoreSys,
  now: number,
): Promise<string | undefined> {
  const path = credentialsPath(sys);
  try {
    await parseCredentials(await readFile(path, sys) ?? "", path);
    return undefined;
  } catch {
    const aside = `${path}.corrupt-${now}`;
    await guarded(path, () => sys.rename(path, aside));
    return aside;
  }
}

/**
 * A process that was killed between writing the new file and renaming it left it
 * complete: it holds the only refresh token that is still good.
 */
async function recover(path: string, sys: StoreSys): Promise<void> {
  const next = nextPath(path);
  const text = await readFile(next, sys);
  if (text === undefined || text === "") return;
  try {
    await parseCredentials(text, next);
  } catch {
    return; // half-written: the next write replaces it
  }
  await guarded(path, () => sys.rename(next, path));
}

async function write(
  path: string,
  file: CredentialsFile,
  sys: StoreSys,
): Promise<void> {
  const { stringify } = await import("@std/yaml/stringify");
  const text = "# logins of ai-claude; as good as passwords\n" +
    stringify(file.document, { useAnchors: false, lineWidth: -1 });
  await guarded(path, () =>
    sys.replaceTextFile(path, text, {
      file: 0o600,
      dir: 0o700,
      temporary: nextPath(path),
    }));
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
  const mode = await guarded(path, () => sys.fileMode(path));
  if (mode !== undefined && (mode & OTHERS) !== 0) {
    throw tooWide(path, mode, "600");
  }
  const dir = path.replace(/\/[^/]*$/, "") || "/";
  const dirMode = await guarded(dir, () => sys.fileMode(dir));
  if (dirMode !== undefined && (dirMode & OTHERS_WRITE) !== 0) {
    throw tooWide(dir, dirMode, "700");
  }
}

function tooWide(path: string, mode: number, wanted: string): CliError {
  const octal = (mode & 0o777).toString(8);
  return new CliError(
    "failure",
    `${path} is open to other users (mode ${octal}): it would give away logins`,
    { hint: `chmod ${wanted} ${path}` },
  );
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CliError) throw error;
    const reason = error instanceof Error ? printable(error.message) : "";
    throw new CliError("failure", `cannot use credentials ${path}: ${reason}`, {
      hint: "check the directory's permissions and free space, or set " +
        "RPAI_CREDENTIALS to another file",
      cause: error,
    });
  }
}
