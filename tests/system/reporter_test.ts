import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { bold, cyan, red, yellow } from "@std/fmt/colors";
import { CliError } from "../../lib/base/errors.ts";
import {
  describeError,
  errorStyle,
  reporter,
} from "../../lib/system/reporter.ts";
import type { StreamName } from "../../lib/system/sys.ts";
import { fakeSys, NOW } from "../support/fake_sys.ts";

const PLAIN = { json: false, verbose: false, color: false };
const ERROR = new CliError("usage", "no value for --model", {
  hint: "give it one",
});

Deno.test("reporter() writes one line each to stderr", async () => {
  const sys = fakeSys();
  const report = await reporter({ color: true, verbose: true }, sys);
  report.warn("careful");
  report.debug("details");
  assertEquals(sys.stderr, "warning: careful\ndebug: [0 ms] details\n");
  assertEquals(sys.stdout, "");
});

Deno.test("reporter() writes debug lines only when asked to", async () => {
  const sys = fakeSys();
  (await reporter({ color: true, verbose: false }, sys)).debug("details");
  assertEquals(sys.stderr, "");
});

Deno.test("reporter() counts milliseconds from its start", async () => {
  const sys = fakeSys();
  let now = NOW;
  sys.now = () => now;
  const report = await reporter({ color: false, verbose: true }, sys);
  now += 12;
  report.debug("later");
  assertEquals(sys.stderr, "debug: [12 ms] later\n");
});

Deno.test("reporter() uses colours only on a terminal that wants them", async () => {
  const written = async (color: boolean, terminals: StreamName[]) => {
    const sys = fakeSys({ terminals });
    (await reporter({ color, verbose: false }, sys)).warn("careful");
    return sys.stderr;
  };
  assertEquals(
    await written(true, ["stderr"]),
    `${yellow("warning:")} careful\n`,
  );
  assertEquals(await written(false, ["stderr"]), "warning: careful\n");
  assertEquals(await written(true, ["stdout"]), "warning: careful\n");
});

Deno.test("reporter() keeps every line one line, without control characters", async () => {
  const sys = fakeSys();
  const report = await reporter({ color: false, verbose: true }, sys);
  report.warn('model "a\nwarning: b\x1b[2J" is not allowed');
  report.debug("a\nb");
  assertEquals(
    sys.stderr,
    'warning: model "a?warning: b?[2J" is not allowed\ndebug: [0 ms] a?b\n',
  );
});

Deno.test("describeError() is an error line and a hint line", async () => {
  assertEquals(
    await describeError(ERROR, PLAIN),
    "error: no value for --model\nhint: give it one\n",
  );
  assertEquals(
    await describeError(new CliError("failure", "it broke"), PLAIN),
    "error: it broke\n",
  );
});

Deno.test("describeError() puts a likely word, or the closest, in front of the hint", async () => {
  const among = ["--model", "--token"];
  const cases: [string, "likely" | "closest", string, string][] = [
    ["--modle", "likely", "see --help", "did you mean --model? see --help"],
    ["--modle", "likely", "", "did you mean --model?"],
    ["--zzzzzz", "likely", "see --help", "see --help"],
    ["--modle", "closest", "see it", "closest: --model, --token; see it"],
    ["--modle", "closest", "", "closest: --model, --token"],
  ];
  for (const [word, show, hint, expected] of cases) {
    const suggest = { word, among, show };
    const error = new CliError("usage", "no", { hint, suggest });
    const text = await describeError(error, PLAIN);
    assertEquals(text, `error: no\nhint: ${expected}\n`);
  }
});

Deno.test("describeError() writes one JSON object", async () => {
  const text = await describeError(ERROR, {
    ...PLAIN,
    json: true,
    verbose: true,
  });
  assertEquals(text.split("\n").length, 2);
  assertEquals(JSON.parse(text), {
    error: {
      code: "usage",
      message: "no value for --model",
      hint: "give it one",
    },
  });
});

Deno.test("describeError() keeps every error on one line, without control characters", async () => {
  const error = new CliError("usage", 'unexpected argument "a\nb\x1b[2J"', {
    hint: "try a\nb\x1b[2J",
  });
  const text = await describeError(error, PLAIN);
  assertEquals(text.split("\n").length, 3, JSON.stringify(text));
  assertFalse(text.includes("\x1b"), JSON.stringify(text));
});

Deno.test("describeError() shows the cause only when verbose", async () => {
  const error = new CliError("failure", "cannot read", {
    hint: "h",
    cause: new TypeError("inner trouble"),
  });
  assertEquals(
    await describeError(error, PLAIN),
    "error: cannot read\nhint: h\n",
  );
  const verbose = await describeError(error, { ...PLAIN, verbose: true });
  assertStringIncludes(
    verbose,
    "error: cannot read\nhint: h\nTypeError: inner trouble\n    at ",
  );
});

Deno.test("describeError() calls anything else a bug, with a stack only when verbose", async () => {
  const bug = new TypeError("x is not a function");
  const quiet = await describeError(bug, PLAIN);
  assertEquals(
    quiet,
    "error: this is a bug in ai-claude: x is not a function\n" +
      "hint: run it again with --verbose and report what it prints\n",
  );
  assertStringIncludes(
    await describeError(bug, { ...PLAIN, verbose: true }),
    "TypeError: x is not a function\n    at ",
  );
  assertStringIncludes(
    await describeError("a thrown text", PLAIN),
    "this is a bug in ai-claude: a thrown text\n",
  );
  assertEquals(
    JSON.parse(await describeError(bug, { ...PLAIN, json: true })).error.code,
    "bug",
  );
});

Deno.test("describeError() paints the labels and nothing else", async () => {
  assertEquals(
    await describeError(ERROR, { ...PLAIN, color: true }),
    `${bold(red("error:"))} no value for --model\n` +
      `${cyan("hint:")} give it one\n`,
  );
});

Deno.test("errorStyle() finds the format before the flags are understood", () => {
  const json = (argv: string[], env = {}) =>
    errorStyle(argv, fakeSys({ env })).json;
  const lines = ["-o json", "-o=json", "--format json", "--format=json"];
  for (const line of [...lines, "--bogus -o json x"]) {
    assertEquals(json(line.split(" ")), true, line);
  }
  for (const argv of [[], ["-o", "yaml"], ["json"], ["--", "-o", "json"]]) {
    assertEquals(json(argv), false, argv.join(" "));
  }
  assertEquals(json([], { RPAI_FORMAT: "json" }), true);
  assertEquals(
    json(["-o", "table"], { RPAI_FORMAT: "json" }),
    false,
    "flag > environment",
  );
  assertEquals(
    json(["-o", "json", "-o", "table"]),
    false,
    "the last one wins, as in the parser",
  );
});

Deno.test("errorStyle() is verbose as the options would be", () => {
  const verbose = (argv: string[], env = {}) =>
    errorStyle(argv, fakeSys({ env })).verbose;
  for (const flag of ["-v", "--verbose", "--rpai-verbose"]) {
    assertEquals(verbose([flag]), true, flag);
    assertEquals(verbose(["--", flag]), false, flag);
  }
  assertEquals(verbose([]), false);
  assertEquals(verbose([], { RPAI_VERBOSE: "1" }), true);
  assertEquals(verbose([], { RPAI_VERBOSE: "" }), false);
  assertEquals(verbose([], { RPAI_VERBOSE: "0" }), false);
});

Deno.test("errorStyle() is coloured on a terminal that wants it", () => {
  const color = (
    argv: string[],
    env = {},
    terminals: ("stderr" | "stdout")[] = ["stderr"],
  ) => errorStyle(argv, fakeSys({ env, terminals })).color;
  assertEquals(color([]), true);
  assertEquals(color([], {}, ["stdout"]), false);
  assertEquals(color(["--no-color"]), false);
  assertEquals(color(["--", "--no-color"]), true);
  assertEquals(color([], { NO_COLOR: "1" }), false);
  assertEquals(color([], { NO_COLOR: "" }), true);
});
