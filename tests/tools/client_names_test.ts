/**
 * What the canary takes for a name, and which names it reports.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { namesIn, readNames, unreviewed } from "../../tools/client_names.ts";

/** A client in small: two modules between zero bytes, as its binary has them. */
const CLIENT = [
  "ELF",
  "var e={};m(e,{ANTHROPIC_BASE_URL:()=>a,DISPLAY:()=>b,OWN_SECRET:()=>c});" +
  'f(process.env.https_proxy,x.env.EDITOR,["AWS_REGION","A_B"])',
  "NODE_USE_ENV_PROXY",
  "m(o,{FIELD_KEY:()=>k});" +
  "return{$schema:()=>r(),apiKeyHelper:()=>r().optional(),theme:()=>t.catch()}",
].join("\0");

Deno.test("namesIn() takes the register, reads of the environment, lists and the runtime's own", () => {
  const { variables } = namesIn(CLIENT);
  assertEquals([...variables], [
    "https_proxy",
    "EDITOR",
    "AWS_REGION",
    "ANTHROPIC_BASE_URL",
    "DISPLAY",
    "OWN_SECRET",
    "NODE_USE_ENV_PROXY",
  ]);
});

Deno.test("namesIn() takes the keys of the settings schema", () => {
  assertEquals([...namesIn(CLIENT).settings], ["apiKeyHelper", "theme"]);
});

Deno.test("readNames() and unreviewed() report a name added to a copy, and only that", async () => {
  const reviewed = [{
    class: "own tools",
    why: "",
    names: ["OWN_SECRET", "AWS_REGION", "NODE_USE_ENV_PROXY", "apiKeyHelper"],
  }];
  const copy = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(copy, CLIENT);
    assertEquals(unreviewed(await readNames(copy), reviewed), []);
    const added = '\0g("CLAUDE_CODE_MADE_UP_URL","CLAUDE_CODE_MADE_UP_COLOR")';
    await Deno.writeTextFile(copy, added, { append: true });
    assertEquals(unreviewed(await readNames(copy), reviewed), [
      "CLAUDE_CODE_MADE_UP_URL",
    ]);
  } finally {
    await Deno.remove(copy);
  }
});
