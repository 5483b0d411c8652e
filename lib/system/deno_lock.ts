/**
 * A lock between processes: the operating system's lock on a file, which ends
 * with the process that holds it, however that dies.
 *
 * @module
 */

import type { FileLock, LockBounds } from "./sys.ts";

/** Time between two tries, in milliseconds. */
const RETRY_MS = 25;

const pause = () => new Promise((resolve) => setTimeout(resolve, RETRY_MS));

/** Takes the lock, pausing between tries; see {@linkcode Sys.lock}. */
export async function takeLock(
  path: string,
  { waitMs, staleMs }: LockBounds,
  wait: () => Promise<unknown> = pause,
): Promise<FileLock | undefined> {
  const giveUp = Date.now() + waitMs;
  await Deno.mkdir(path.replace(/[\\/][^\\/]*$/, ""), {
    recursive: true,
    mode: 0o700,
  });
  for (;;) {
    const file = await Deno.open(path, {
      read: true,
      write: true,
      create: true,
      mode: 0o600,
    });
    if (await file.tryLock(true) && await isStill(path, file)) {
      await describeHolder(file);
      return {
        isHeld: () => isStill(path, file),
        release: async () => {
          await file.truncate();
          // Closing alone would leave it to a child that is just being started.
          await file.unlock();
          file.close();
        },
      };
    }
    file.close();
    const since = await heldSince(path);
    if (since !== undefined && Date.now() - since > staleMs) {
      // Its holder is suspended. The next one locks a new file; a holder that
      // wakes up finishes under the old one.
      await Deno.remove(path).catch(() => {});
      continue;
    }
    if (Date.now() >= giveUp) return undefined;
    await wait();
  }
}

/** Whether the path still names the locked file: another may have broken it. */
async function isStill(path: string, file: Deno.FsFile): Promise<boolean> {
  try {
    const [now, locked] = await Promise.all([Deno.stat(path), file.stat()]);
    return now.ino === locked.ino && now.dev === locked.dev;
  } catch {
    return false;
  }
}

async function describeHolder(file: Deno.FsFile): Promise<void> {
  const holder = { pid: Deno.pid, since: new Date().toISOString() };
  await file.truncate();
  await file.write(new TextEncoder().encode(JSON.stringify(holder) + "\n"));
}

/** When the holder took it, in milliseconds since 1970. */
async function heldSince(path: string): Promise<number | undefined> {
  const text = await Deno.readTextFile(path).catch(() => "");
  const since = Date.parse(/"since":"([^"]*)"/.exec(text)?.[1] ?? "");
  return Number.isNaN(since) ? undefined : since;
}
