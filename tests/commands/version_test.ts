import { assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import manifest from "../../deno.json" with { type: "json" };
import { FORMATS } from "../../lib/base/format.ts";
import { runOn } from "../../main.ts";
import { fakeSys } from "../support/fake_sys.ts";

for (const words of [["version"], ["--version"]]) {
  Deno.test(`${words} prints the version in every format`, async () => {
    const { version } = manifest;
    for (const format of FORMATS) {
      const sys = fakeSys();
      assertEquals(await runOn([...words, "-o", format], sys), 0);
      switch (format) {
        case "json":
          assertEquals(JSON.parse(sys.stdout), { version });
          break;
        case "yaml":
          assertEquals(parse(sys.stdout), { version });
          break;
        default:
          assertEquals(sys.stdout, `ai-claude ${version}\n`);
      }
    }
  });
}

Deno.test("version takes the format from RPAI_FORMAT too", async () => {
  const sys = fakeSys({ env: { RPAI_FORMAT: "json" } });
  assertEquals(await runOn(["version"], sys), 0);
  assertEquals(JSON.parse(sys.stdout), { version: manifest.version });
});

/** A machine whose registry has a newer release. */
function outdated() {
  return fakeSys({
    fetch: () =>
      Promise.resolve(
        Response.json({ latest: "99.1.0", versions: { "99.1.0": {} } }),
      ),
  });
}

Deno.test("version names a newer release, in one document or beside the result", async () => {
  const { version } = manifest;
  const json = outdated();
  assertEquals(await runOn(["version", "-o", "json"], json), 0);
  assertEquals(JSON.parse(json.stdout), { version, newer: "99.1.0" });
  assertEquals(json.stderr, "");
  const text = outdated();
  assertEquals(await runOn(["version"], text), 0);
  assertEquals(text.stdout, `ai-claude ${version}\n`);
  assertEquals(
    text.stderr,
    "warning: ai-claude 99.1.0 is there: " +
      "deno install -g -A -f jsr:@rp/ai-claude@99.1.0\n",
  );
});

Deno.test("--version asks nobody", async () => {
  const sys = outdated();
  assertEquals(await runOn(["--version"], sys), 0);
  assertEquals([sys.stdout, sys.stderr, sys.asked], [
    `ai-claude ${manifest.version}\n`,
    "",
    [],
  ]);
});
