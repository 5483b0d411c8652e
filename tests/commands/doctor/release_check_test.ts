import { assertEquals } from "@std/assert";
import { VERSION } from "../../../lib/base/version.ts";
import { examine } from "../../../lib/commands/doctor/examination.ts";
import { checkRelease } from "../../../lib/commands/doctor/release_check.ts";
import { resolveOptions } from "../../../lib/profile/options.ts";
import { fakeSys } from "../../support/fake_sys.ts";

/** The check, where the registry says that this is the latest. */
function checked(latest: string) {
  const sys = fakeSys({
    fetch: () =>
      Promise.resolve(Response.json({ latest, versions: { [latest]: {} } })),
  });
  return checkRelease(examine({}, resolveOptions({}, sys), sys));
}

Deno.test("checkRelease() warns of a newer release and of nothing else", async () => {
  assertEquals(await checked("99.1.0"), [{
    status: "warn",
    message: `${VERSION}; there is 99.1.0`,
    remedy: "deno install -g -A -f jsr:@rp/ai-claude@99.1.0",
  }]);
  assertEquals(await checked(VERSION), []);
});
