import {
  assertEquals,
  assertFalse,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  mergeSettings,
  readCallerSettings,
} from "../../lib/claude/caller_settings.ts";
import { CliError } from "../../lib/base/errors.ts";
import { fakeSys, shown } from "../support/fake_sys.ts";

const HINT =
  "give Claude Code's --settings one JSON object, inline or in a file";

async function refusal(
  source: string,
  files: Record<string, string | Error> = {},
) {
  const read = () => readCallerSettings([source], fakeSys({ files }));
  return shown(await assertRejects(read, CliError));
}

Deno.test("mergeSettings() lets the upper level win, key by key", () => {
  assertEquals(
    mergeSettings(
      {
        kept: 1,
        replaced: "under",
        deep: { kept: true, deeper: { x: 1, y: 2 } },
      },
      { replaced: "over", added: null, deep: { deeper: { y: 3 } } },
    ),
    {
      kept: 1,
      replaced: "over",
      deep: { kept: true, deeper: { x: 1, y: 3 } },
      added: null,
    },
  );
});

Deno.test("mergeSettings() joins lists, the lower level's first", () => {
  assertEquals(
    mergeSettings(
      { permissions: { allow: ["Read"], deny: ["Bash"] } },
      { permissions: { allow: ["Edit"] } },
    ),
    { permissions: { allow: ["Read", "Edit"], deny: ["Bash"] } },
  );
});

Deno.test("mergeSettings() replaces a value of another shape", () => {
  assertEquals(
    mergeSettings({ a: [1], b: { c: 1 }, d: 1 }, { a: { x: 1 }, b: 2, d: [3] }),
    {
      a: { x: 1 },
      b: 2,
      d: [3],
    },
  );
  assertEquals(mergeSettings({ a: { b: 1 } }, { a: null }), { a: null });
});

Deno.test("mergeSettings() changes neither of its arguments", () => {
  const under = { list: [1], deep: { a: 1 } };
  const over = { list: [2], deep: { b: 2 } };
  mergeSettings(under, over);
  assertEquals([under, over], [
    { list: [1], deep: { a: 1 } },
    { list: [2], deep: { b: 2 } },
  ]);
});

Deno.test("mergeSettings() does not let __proto__ reach the prototype", () => {
  const hostile = JSON.parse('{"__proto__":{"polluted":true}}');
  const merged = mergeSettings({ kept: 1 }, hostile);
  assertEquals(Object.getPrototypeOf(merged), Object.prototype);
  assertEquals((merged as { polluted?: unknown }).polluted, undefined);
  assertEquals(({} as { polluted?: unknown }).polluted, undefined);
});

Deno.test("readCallerSettings() of nothing is empty", async () => {
  assertEquals(await readCallerSettings([], fakeSys()), {
    values: {},
    env: {},
  });
});

Deno.test("readCallerSettings() reads inline JSON and files, later ones winning", async () => {
  const files = {
    "/s.json": '{"model":"file","hooks":[1],"env":{"A":"file","B":"file"}}',
  };
  assertEquals(
    await readCallerSettings(
      [' \n{"model":"inline","hooks":[0],"env":{"A":"inline"}}', "/s.json"],
      fakeSys({ files }),
    ),
    { values: { model: "file", hooks: [0, 1] }, env: { A: "file", B: "file" } },
  );
});

Deno.test("readCallerSettings() keeps env apart, scalars as text", async () => {
  const source =
    '{"env":{"T":"s3cret","N":1,"B":false,"O":{},"L":[],"Z":null},"x":{"env":1}}';
  assertEquals(await readCallerSettings([source], fakeSys()), {
    values: { x: { env: 1 } },
    env: { T: "s3cret", N: "1", B: "false" },
  });
});

Deno.test("readCallerSettings() refuses a file without a JSON object, saying why", async () => {
  const denied = "Permission denied (os error 13)";
  const cases: [string | Error | undefined, string][] = [
    [undefined, "there is no such file"],
    [new Error(denied), denied],
    ...["", "null", "[]", "1", '"x"', "{", "{a:1}"].map((
      text,
    ): [string, string] => [text, "it is not one JSON object"]),
  ];
  for (const [content, why] of cases) {
    const files = content === undefined ? [] : [["/s.json", content]];
    assertEquals(await refusal("/s.json", Object.fromEntries(files)), {
      code: "usage",
      message: `cannot use --settings /s.json: ${why}`,
      hint: HINT,
    });
  }
});

Deno.test("readCallerSettings() does not repeat malformed text, which may hold a secret", async () => {
  const bad = '{"env":{"KEY":"hunter2secret"';
  const inline = await refusal(bad);
  assertEquals(inline, {
    code: "usage",
    message:
      "cannot use the inline JSON of --settings: it is not one JSON object",
    hint: HINT,
  });
  const { message } = await refusal("/s.json", { "/s.json": bad });
  assertFalse(message.includes("hunter2secret"), message);
});

Deno.test("readCallerSettings() refuses what Claude Code would find too large", async () => {
  const blanks = " ".repeat(2 * 1024 * 1024 - 2);
  const files = { "/fits": `{}${blanks}`, "/large": `{}${blanks} ` };
  assertEquals(await readCallerSettings(["/fits"], fakeSys({ files })), {
    values: {},
    env: {},
  });
  const { code, message } = await refusal("/large", files);
  assertEquals(code, "usage");
  assertEquals(
    message,
    "cannot use --settings /large: it is larger than 2 MiB",
  );
});

Deno.test("readCallerSettings() refuses what is nested too deeply", async () => {
  const levels = 100_000;
  for (const [open, close] of [['{"a":', "}"], ["[", "]"]]) {
    const text = `{"pad":${open.repeat(levels)}1${close.repeat(levels)}}`;
    const sys = fakeSys({ files: { "/deep.json": text } });
    const error = await assertRejects(
      () => readCallerSettings(["/deep.json"], sys),
      CliError,
    );
    assertEquals(error.code, "usage");
    assertStringIncludes(error.message, "nested too deeply");
  }
  const fine = `{"pad":${"[".repeat(100)}${"]".repeat(100)}}`;
  await readCallerSettings([fine], fakeSys());
});

Deno.test("readCallerSettings() refuses an env that is no object, of which nothing would count", async () => {
  for (const env of ["[]", '"A=b"', "null", "7"]) {
    const error = await assertRejects(
      () => readCallerSettings([`{"env":${env}}`], fakeSys()),
      CliError,
    );
    assertEquals(
      error.message,
      "cannot use the inline JSON of --settings: its " +
        '"env" is not an object of variables',
    );
  }
});
