import { assert, assertEquals } from "@std/assert";
import { takeLock } from "../../lib/system/deno_lock.ts";

const DAY_MS = 24 * 3600 * 1000;
const BOUNDS = { waitMs: 0, staleMs: DAY_MS };

async function withPath(work: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "ai-claude-test-" });
  try {
    await work(`${dir}/below/lock`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("takeLock() is had by one at a time and names its holder", async () => {
  await withPath(async (path) => {
    const lock = await takeLock(path, BOUNDS);
    assert(lock !== undefined);
    assertEquals(JSON.parse(await Deno.readTextFile(path)).pid, Deno.pid);
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    assertEquals(await takeLock(path, BOUNDS), undefined);
    assert(await lock.isHeld());
    await lock.release();
    const next = await takeLock(path, BOUNDS);
    assert(next !== undefined);
    await next.release();
  });
});

Deno.test("takeLock() waits for as long as it is told", async () => {
  await withPath(async (path) => {
    const lock = await takeLock(path, BOUNDS);
    let waits = 0;
    const bounds = { waitMs: DAY_MS, staleMs: DAY_MS };
    const next = await takeLock(path, bounds, async () => {
      if (++waits === 3) await lock?.release();
    });
    assert(next !== undefined);
    assertEquals(waits, 3);
    await next.release();
  });
});

Deno.test("takeLock() breaks a lock that is held for too long", async () => {
  await withPath(async (path) => {
    const stuck = await takeLock(path, BOUNDS);
    assert(stuck !== undefined);
    assertEquals(await takeLock(path, BOUNDS), undefined);
    const since = new Date(Date.now() - BOUNDS.staleMs - 1).toISOString();
    await Deno.writeTextFile(path, JSON.stringify({ pid: 1, since }));
    const next = await takeLock(path, BOUNDS);
    assert(next !== undefined);
    assertEquals(await stuck.isHeld(), false);
    assert(await next.isHeld());
    await stuck.release();
    assert(await next.isHeld());
    await next.release();
  });
});

Deno.test("takeLock() is free as soon as its holder is killed", async () => {
  await withPath(async (path) => {
    const module =
      new URL("../../lib/system/deno_lock.ts", import.meta.url).href;
    const holder = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        `const { takeLock } = await import("${module}");
         await takeLock(${JSON.stringify(path)}, ${JSON.stringify(BOUNDS)});
         console.log("held");
         setInterval(() => {}, 1000);`,
      ],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = holder.stdout.getReader();
    await reader.read();
    assertEquals(await takeLock(path, BOUNDS), undefined);
    holder.kill("SIGKILL");
    await holder.status;
    await reader.cancel();
    const next = await takeLock(path, BOUNDS);
    assert(next !== undefined);
    await next.release();
  });
});
