/**
 * The demo, with the real Claude Code.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { makeArena, MODES } from "./arena.ts";

Deno.test("demo shows that all modes hold, and says nothing else", async () => {
  await using arena = await makeArena();
  const { code, stdout, stderr } = await arena.world.run([
    "demo",
    "-o",
    "json",
  ]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const rows: { mode: string; held: boolean }[] = JSON.parse(stdout);
  assertEquals(
    rows.map(({ mode, held }) => ({ mode, held })),
    MODES.map((mode) => ({ mode, held: true })),
  );
});
