import { Table } from "@cliffy/table";
import {
  assert,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  equal,
  fail,
  unreachable,
} from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import * as colors from "@std/fmt/colors";
import { closestString } from "@std/text/closest-string";
import { compareSimilarity } from "@std/text/compare-similarity";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { wordSimilaritySort } from "@std/text/word-similarity-sort";
import { parse, stringify } from "@std/yaml";
import goldens from "./testdata/cliffy_table.json" with { type: "json" };

// Everything above the last two tests holds for the stand-ins of links/ and,
// without links, for the real packages.

for (const golden of goldens) {
  Deno.test(`Table prints what the real one prints: ${golden.name}`, () => {
    const table = new Table()
      .header(golden.header)
      .body(golden.body)
      .padding(golden.padding)
      .border(golden.border);
    assertEquals(table.toString(), golden.expected);
  });
}

Deno.test("Table fills short rows and takes numbers", () => {
  const table = new Table().header(["A"]).body([[1], [2, "b"]]).padding(2);
  assertEquals(table.toString(), "A   \n1   \n2  b");
  assertEquals(new Table().toString(), "");
});

Deno.test("parseArgs() keeps text and what follows the double dash", () => {
  const parsed = parseArgs(
    ["-v", "--model", "m", "7", "--dir=", "--", "-p", "hi", "--"],
    {
      "--": true,
      string: ["_", "model", "dir", "absent"],
      boolean: ["verbose", "quiet"],
      alias: { verbose: "v" },
    },
  );
  assertEquals<unknown>(parsed._, ["7"]);
  assertEquals(parsed["--"], ["-p", "hi", "--"]);
  assertEquals(parsed.model, "m");
  assertEquals(parsed.dir, "");
  assertEquals(parsed.verbose, true);
  assertEquals(parsed.quiet, false);
  assertFalse("absent" in parsed);
});

Deno.test("parseArgs() gives a missing value as empty text", () => {
  const string = ["model"];
  assertEquals(parseArgs(["--model"], { string }).model, "");
  assertEquals(parseArgs(["--model", "--x"], { string }).model, "");
});

Deno.test("parseArgs() asks about unknown flags and arguments", () => {
  const asked: Array<[string, string | undefined]> = [];
  const unknown = (arg: string, key?: string) => {
    asked.push([arg, key]);
    return false;
  };
  const parsed = parseArgs(["--x=1", "y"], { string: ["_"], unknown });
  assertEquals(asked, [["--x=1", "x"], ["y", undefined]]);
  assertEquals<unknown>(parsed._, []);
});

Deno.test("parseArgs() collects repeated flags", () => {
  const options = { string: ["add"], collect: ["add"] };
  assertEquals(parseArgs(["--add", "a", "--add=2"], options).add, ["a", "2"]);
});

Deno.test("parse() keeps text with the failsafe schema", () => {
  const text = "day: 2024-01-01\nport: 1\non: true\nnothing: ~\nlist: [1, a]\n";
  assertEquals(parse(text, { schema: "failsafe" }), {
    day: "2024-01-01",
    port: "1",
    on: "true",
    nothing: "~",
    list: ["1", "a"],
  });
  assertInstanceOf((parse(text) as { day: unknown }).day, Date);
  assertEquals(parse("", { schema: "failsafe" }), null);
});

Deno.test("parse() names the line of a mistake", () => {
  const error = assertThrows(() => parse("a: 1\nb: [2\n"), SyntaxError);
  assertMatch(error.message, /line 3, column 1/);
  assertThrows(() => parse("a: 1\na: 2\n"), SyntaxError, "duplicated");
});

Deno.test("stringify() writes what parse() reads", () => {
  const shared = { day: "2024-01-01", text: "a: b" };
  const value = { one: shared, two: [shared, "x ".repeat(60)] };
  const text = stringify(value, { useAnchors: false, lineWidth: -1 });
  assertEquals(parse(text, { schema: "failsafe" }), value);
  assertNotMatch(text, /[&*>]/);
  assertThrows(() => stringify({ x: undefined }), TypeError);
  assertEquals(
    stringify({ b: 1, a: undefined }, { skipInvalid: true }),
    "b: 1\n",
  );
});

Deno.test("colors write escape sequences unless switched off", () => {
  const { bold, cyan, dim, green, red, yellow } = colors;
  const { getColorEnabled, setColorEnabled, stripAnsiCode } = colors;
  const styled = () =>
    [bold, dim, red, green, yellow, cyan].map((style) => style("x"));
  const before = getColorEnabled();
  try {
    setColorEnabled(true);
    // NO_COLOR cannot be overruled.
    const codes = [[1, 22], [2, 22], [31, 39], [32, 39], [33, 39], [36, 39]];
    const expected = codes.map(([on, off]) => `\x1b[${on}mx\x1b[${off}m`);
    assertEquals(styled(), Deno.noColor ? Array(6).fill("x") : expected);
    setColorEnabled(false);
    assertFalse(getColorEnabled());
    assertEquals(styled(), Array(6).fill("x"));
  } finally {
    setColorEnabled(before);
  }
  assertEquals(stripAnsiCode("\x1b[1mx\x1b[22m y"), "x y");
});

Deno.test("closestString() and its kin find the nearest word", () => {
  const words = ["length", "size", "blah", "help"];
  assertEquals(closestString("HEP", words), "help");
  assertThrows(() => closestString("x", []), TypeError);
  assertEquals(words.toSorted(compareSimilarity("hep"))[0], "help");
  assertEquals(wordSimilaritySort("siz", words)[0], "size");
  assertEquals(levenshteinDistance("kitten", "sitting"), 3);
});

Deno.test("assertions let pass what holds", async () => {
  const value: unknown = "text";
  assert(value);
  assertEquals({ a: [1] }, { a: [1] });
  assertNotEquals({ a: [1] }, { a: [2] });
  assertStrictEquals(value, "text");
  assertExists(value);
  assertFalse("");
  assertMatch(value, /^t/);
  assertNotMatch(value, /^x/);
  assertStringIncludes(value, "ex");
  assertArrayIncludes([1, { a: 2 }], [{ a: 2 }]);
  assertObjectMatch({ a: 1, b: { c: 2, d: 3 } }, { b: { c: 2 } });
  assertGreater(2, 1);
  assertGreaterOrEqual(2, 2);
  assertLess(1, 2);
  assertLessOrEqual(2, 2);
  assert(equal([1], [1]) && !equal([1], [2]));
  const reason = new TypeError("wrong thing");
  const reject = () => Promise.reject(reason);
  assertStrictEquals(await assertRejects(reject, TypeError, "wrong"), reason);
  assertStrictEquals(await assertRejects(reject), reason);
});

Deno.test("assertions stop what does not hold", async () => {
  const failing: Record<string, () => void> = {
    assert: () => assert(0),
    assertArrayIncludes: () => assertArrayIncludes([1], [2]),
    assertEquals: () => assertEquals<unknown>({ a: 1 }, { a: "1" }),
    assertExists: () => assertExists(null),
    assertFalse: () => assertFalse(1),
    assertGreater: () => assertGreater(1, 1),
    assertGreaterOrEqual: () => assertGreaterOrEqual(1, 2),
    assertInstanceOf: () => assertInstanceOf({}, Date),
    assertLess: () => assertLess(1, 1),
    assertLessOrEqual: () => assertLessOrEqual(2, 1),
    assertMatch: () => assertMatch("a", /b/),
    assertNotEquals: () => assertNotEquals([1], [1]),
    assertNotMatch: () => assertNotMatch("a", /a/),
    assertObjectMatch: () => assertObjectMatch({ a: 1 }, { a: 2 }),
    assertStrictEquals: () => assertStrictEquals({}, {}),
    assertStringIncludes: () => assertStringIncludes("a", "b"),
    assertThrows: () => assertThrows(() => {}),
    "assertThrows of another class": () =>
      assertThrows(() => parse("["), TypeError),
    fail: () => fail("no"),
    unreachable: () => unreachable("no"),
  };
  for (const [name, assertion] of Object.entries(failing)) {
    assertThrows(assertion, AssertionError, "", name);
  }
  const resolved = () => assertRejects(() => Promise.resolve());
  await assertRejects(resolved, AssertionError);
});

Deno.test("each jsr: import has a link of a version that satisfies it", async () => {
  const config = await readJson("deno.json");
  const links: Record<string, string> = {};
  for await (const { name: folder } of Deno.readDir(urlOf("links/"))) {
    const { name, version } = await readJson(`links/${folder}/deno.json`);
    links[name] = version;
  }
  const wanted = Object.entries<string>(config.imports)
    .filter(([_, specifier]) => specifier.startsWith("jsr:"));
  assertEquals(Object.keys(links).sort(), wanted.map(([name]) => name).sort());
  for (const [name, specifier] of wanted) {
    const range = specifier.replace(`jsr:${name}@^`, "");
    assert(satisfiesCaret(links[name], range), `${name}: ${links[name]}`);
    // A bound that no release meets is a program that does not start, and a
    // link stands for a release.
    for (const release of [range, links[name]]) {
      assert(KNOWN_RELEASES[name].includes(release), `${name}: ${release}`);
    }
  }
});

/** Releases on JSR that were seen to exist (2026-08). */
const KNOWN_RELEASES: Readonly<Record<string, readonly string[]>> = {
  "@cliffy/table": ["1.2.1"],
  "@std/assert": ["1.0.19"],
  "@std/cli": ["1.0.32"],
  "@std/fmt": ["1.0.10"],
  "@std/text": ["1.0.19"],
  "@std/yaml": ["1.1.2", "1.2.0"],
};

async function readJson(path: string) {
  return JSON.parse(await Deno.readTextFile(urlOf(path)));
}

function urlOf(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}

/** Whether the version is at least the other and has its major, 1 or more. */
function satisfiesCaret(version: string, atLeast: string): boolean {
  const [a, b] = [version, atLeast].map((text) => text.split(".").map(Number));
  assert([...a, ...b].every(Number.isInteger) && b[0] > 0, atLeast);
  return a[0] === b[0] && (a[1] - b[1] || a[2] - b[2]) >= 0;
}
