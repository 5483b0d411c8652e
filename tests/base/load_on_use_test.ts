import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { CliError } from "../../lib/base/errors.ts";
import { loadOnUse } from "../../lib/base/load_on_use.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("loadOnUse() says what to do when a module cannot be fetched", async () => {
  const error = await assertRejects(
    () => loadOnUse("./nowhere.ts", import.meta.url),
    CliError,
  );
  assertEquals(error.code, "unavailable");
  assertStringIncludes(error.message, '"./nowhere.ts": Module not found');
  assertStringIncludes(error.hint ?? "", "try again with a network");
});

/** Modules that are loaded on use, as deno.json writes paths. */
async function loadedOnUse(below = "lib/"): Promise<string[]> {
  const found: string[] = [];
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(below, ROOT))
  ) {
    const url = new URL(below + name, ROOT);
    if (isDirectory) {
      found.push(...await loadedOnUse(`${below}${name}/`));
      continue;
    }
    const text = await Deno.readTextFile(url);
    const calls =
      /await loadOnUse<\s*typeof import\("(.+?)"\),?\s*>\(\s*"(.+?)"/g;
    for (const [, type, path] of text.matchAll(calls)) {
      assertEquals(path, type, `${below}${name}`);
      if (below !== "lib/base/") {
        found.push(new URL(path, url).href.slice(ROOT.href.length));
      }
    }
  }
  return found.sort();
}

Deno.test("a compiled program includes what is loaded on use", async () => {
  assertEquals(await loadedOnUse(), manifest.compile.include);
});
