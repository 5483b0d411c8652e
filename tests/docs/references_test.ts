/**
 * What the documents refer to is there: files, headings, tests, commands. Nothing
 * here asks the network.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../lib/cli/command_table.ts";
import { toCommand } from "../../lib/cli/parse.ts";
import { OLDEST_DENO } from "../../lib/system/check_deno.ts";
import { PINNED_VERSION } from "../../tools/claude_code.ts";
import { DOCUMENTS, withTables } from "../../tools/docs.ts";
import {
  anchors,
  codeSpans,
  commandLines,
  documents,
  links,
  readDocument,
  ROOT,
  wordsOf,
} from "./markdown.ts";

Deno.test("links lead to files and headings that there are", async () => {
  const broken: string[] = [];
  let seen = 0;
  for (const path of await documents()) {
    for (const link of links(await readDocument(path))) {
      if (/^https:/.test(link)) continue;
      seen++;
      const [file, anchor] = link.split("#");
      const target = file === "" ? path : new URL(file, new URL(path, ROOT));
      const text = await Deno.readTextFile(new URL(target, ROOT))
        .catch(() => undefined);
      if (
        text === undefined ||
        anchor !== undefined && !anchors(text).includes(anchor)
      ) broken.push(`${path}: ${link}`);
    }
  }
  assert(seen > 20);
  assertEquals(broken, []);
});

Deno.test("what README.md links to is published with it", async () => {
  const { publish } = JSON.parse(await readDocument("deno.json"));
  const included: string[] = publish.include;
  const missing = links(await readDocument("README.md"))
    .filter((link) => !/^(?:https:|#)/.test(link))
    .map((link) => link.split("#")[0])
    .filter((file) => !included.some((each) => file.startsWith(each)));
  assertEquals(missing, []);
});

Deno.test("the tables that the code knows are current", async () => {
  for (const path of DOCUMENTS) {
    const text = await readDocument(path);
    assert(text.includes("<!-- table: "), path);
    assertEquals(text, withTables(text), `${path}: run \`deno task docs\``);
  }
});

Deno.test("the commands of this program that the documents name are understood", async () => {
  const wrong: string[] = [];
  let seen = 0;
  for (const path of await documents()) {
    const text = await readDocument(path);
    const spans = codeSpans(text).filter((code) => /^ai-claude /.test(code));
    for (const line of [...commandLines(text), ...spans]) {
      const [, rest] = /^(?:.*\s)?ai-claude (.*)$/.exec(line) ?? [];
      if (rest === undefined || isForm(rest)) continue;
      seen++;
      if (COMMANDS.some(({ words }) => words.join(" ") === rest)) continue;
      const words = wordsOf(rest.replace(/(?:\s*>.*|\)|&&.*)$/, ""));
      try {
        toCommand(words, parseArgs);
      } catch (error) {
        wrong.push(`${path}: ${line}: ${error}`);
      }
    }
  }
  assert(seen > 20);
  assertEquals(wrong, []);
});

/** Whether it stands for many command lines: in the table of commands, say. */
function isForm(words: string): boolean {
  return /[[|]|\.\.\.|\b[A-Z]{4,}\b/.test(words);
}

Deno.test("the facts of Claude Code were last seen in the pinned version", async () => {
  const text = await readDocument("docs/claude-code.md");
  const [, version] = /Last seen in (\S+),/.exec(text) ?? [];
  assertEquals(version, PINNED_VERSION);
});

Deno.test("docs/claude-code.md names each file that holds a fact", async () => {
  const text = await readDocument("docs/claude-code.md");
  const unnamed: string[] = [];
  let seen = 0;
  for await (const { name } of Deno.readDir(new URL("tests/contract/", ROOT))) {
    const path = `tests/contract/${name}`;
    if (!name.endsWith("_test.ts")) continue;
    if (!/\bfact\(/.test(await readDocument(path))) continue;
    seen++;
    if (!text.includes(path)) unnamed.push(path);
  }
  assert(seen > 5);
  assertEquals(unnamed, []);
});

Deno.test("README.md is short, and names the oldest Deno", async () => {
  const text = await readDocument("README.md");
  assert(text.trimEnd().split("\n").length < 150);
  assert(text.includes(`[Deno](https://deno.com) ${OLDEST_DENO} or newer`));
});

Deno.test("the tests that the documents name are there", async () => {
  const missing: string[] = [];
  let seen = 0;
  for (const path of await documents()) {
    const text = await readDocument(path);
    // A list of `"name"` behind each `tests/...`.
    for (
      const [, file, names] of text.matchAll(
        /`(tests\/[\w/]+_test\.ts)`:((?:[\s,;]*(?:and )?"[^"|]+")+)/g,
      )
    ) {
      const source = await Deno.readTextFile(new URL(file, ROOT))
        .catch(() => "");
      for (const [, wrapped] of names.matchAll(/"([^"]+)"/g)) {
        seen++;
        const name = wrapped.replace(/\s+/g, " ");
        if (!isTestOf(source, name)) {
          missing.push(`${path}: ${file}: ${name}`);
        }
      }
    }
  }
  assert(seen > 20);
  assertEquals(missing, []);
});

/** A part of a name that a test's source computes is written in capitals. */
function isTestOf(source: string, name: string): boolean {
  const wanted = name.replace(/\b[A-Z]{4,}\b/g, "*");
  const names = [...source.matchAll(/"((?:[^"\\\n]|\\.)+)"|`([^`]+)`/g)]
    .map(([, text, template]) =>
      text ?? template.replace(/\$\{[^}]*\}/g, "*").replaceAll("**", "*")
    );
  return names.some((each) => each === name || each === wanted);
}
