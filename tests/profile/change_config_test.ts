/**
 * The config file while it is edited: its lock, its links, its folder.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import { changeConfig } from "../../lib/profile/change_config.ts";
import type { ConfigEdit } from "../../lib/profile/config_edit.ts";
import { denoBase } from "../../lib/system/deno_base.ts";
import { makeConfigHome } from "../support/config_home.ts";

const CONFIG = "current_profile: a\nprofiles:\n  a: {}\n  b: {}\n";

const use = (name: string): ConfigEdit => ({ kind: "use", name });

Deno.test("changeConfig() decides from what the last edit left", async () => {
  await using home = await makeConfigHome(CONFIG);
  const seen: (string | undefined)[] = [];
  const sys = denoBase();
  const before = await changeConfig(home.path, ({ currentProfile }) => {
    seen.push(currentProfile);
    return use(currentProfile === "b" ? "a" : "b");
  }, {
    ...sys,
    lock: async (path, bounds) => {
      await changeConfig(home.path, () => use("b"), sys);
      return await sys.lock(path, bounds);
    },
  });
  assertEquals([seen, before.currentProfile], [["a", "b"], "b"]);
  assertEquals(await home.config(), CONFIG);
});

Deno.test("changeConfig() locks the file behind a link, so both names wait for each other", async () => {
  await using home = await makeConfigHome(CONFIG);
  const link = `${home.path}.link`;
  await Deno.symlink("config", link);
  const sys = denoBase();
  const locked: string[] = [];
  const noting = {
    ...sys,
    lock: (path: string, bounds: { waitMs: number; staleMs: number }) => {
      locked.push(path);
      return sys.lock(path, bounds);
    },
  };
  await changeConfig(home.path, () => use("b"), noting);
  await changeConfig(link, () => use("a"), noting);
  assertEquals(locked[0], locked[1]);
  assert((await Deno.lstat(link)).isSymlink);
  assertEquals(await home.config(), CONFIG);
});

Deno.test("changeConfig() writes nothing without the lock, or after losing it", async () => {
  await using home = await makeConfigHome(CONFIG);
  const sys = denoBase();
  let released = 0;
  const cases: [string, typeof sys.lock][] = [
    ["another edit takes too long", () => Promise.resolve(undefined)],
    ["another edit came in between", () =>
      Promise.resolve({
        isHeld: () => Promise.resolve(false),
        release: () => Promise.resolve(void released++),
      })],
  ];
  for (const [reason, lock] of cases) {
    const { code, message, hint } = await assertRejects(
      () => changeConfig(home.path, () => use("b"), { ...sys, lock }),
      CliError,
    );
    assertEquals([code, hint], ["failure", "try again"]);
    assertStringIncludes(message, reason);
  }
  assertEquals([await home.config(), released], [CONFIG, 1]);
});

Deno.test("changeConfig() does not end in the middle of writing at a signal", async () => {
  await using home = await makeConfigHome(CONFIG);
  const sys = denoBase();
  let protectedWork = 0;
  await changeConfig(home.path, () => use("b"), {
    ...sys,
    uninterrupted: async (work) => {
      const result = await work();
      protectedWork++;
      assertStringIncludes(await home.config(), "current_profile: b\n");
      return result;
    },
  });
  assertEquals(protectedWork, 1);
});
