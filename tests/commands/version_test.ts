import { assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import manifest from "../../deno.json" with { type: "json" };
import { FORMATS } from "../../lib/base/format.ts";
import { run } from "../../main.ts";
import { fakeSys } from "../support/fake_sys.ts";

for (const words of [["version"], ["--version"]]) {
  Deno.test(`${words} prints the version in every format`, async () => {
    const { version } = manifest;
    for (const format of FORMATS) {
      const sys = fakeSys();
      assertEquals(await run([...words, "-o", format], sys), 0);
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
  assertEquals(await run(["version"], sys), 0);
  assertEquals(JSON.parse(sys.stdout), { version: manifest.version });
});
