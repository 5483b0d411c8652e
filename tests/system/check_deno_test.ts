import { assertEquals } from "@std/assert";
import { OLDEST_DENO } from "../../lib/system/check_deno.ts";
import { runOn } from "../../main.ts";
import { CHECKOUT, fakeSys } from "../support/fake_sys.ts";

/** Runs a command that needs nothing on a Deno of that version. */
async function onDeno(
  denoVersion: string,
  standalone = false,
  args = ["--version"],
) {
  const sys = fakeSys({ runtime: { ...CHECKOUT, denoVersion, standalone } });
  return { code: await runOn(args, sys), stderr: sys.stderr };
}

Deno.test("checkDeno() refuses a Deno that is older than the oldest", async () => {
  for (const version of ["1.46.3", "2.0.0", "2.6.10", "2.7.0"]) {
    assertEquals(await onDeno(version), {
      code: 1,
      stderr:
        `error: cannot run on Deno ${version}: ai-claude needs ${OLDEST_DENO} ` +
        "or newer\nhint: deno upgrade\n",
    });
  }
  const json = await onDeno("2.0.0", false, ["-o", "json"]);
  assertEquals(JSON.parse(json.stderr).error.hint, "deno upgrade");
});

Deno.test("checkDeno() takes the oldest, a newer one and a compiled program", async () => {
  const fine = { code: 0, stderr: "" };
  for (const version of [OLDEST_DENO, "2.10.0", "3.0.0", "2.9.6+abcdef"]) {
    assertEquals(await onDeno(version), fine);
  }
  assertEquals(await onDeno("2.0.0", true), fine);
});
