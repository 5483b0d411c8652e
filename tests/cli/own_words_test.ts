import { parseArgs } from "@std/cli/parse-args";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import { inOwnWords } from "../../lib/cli/own_words.ts";
import { toCommand } from "../../lib/cli/parse.ts";
import { selectProfile } from "../../lib/profile/active_profile.ts";
import { fullHint } from "../../lib/system/reporter.ts";

/** The hint that a person sees for a command line that is wrong. */
async function hint(...argv: string[]): Promise<string> {
  const error = refusal(argv);
  return await fullHint(inOwnWords(error, argv, "linux") as CliError);
}

function refusal(argv: string[]): CliError {
  try {
    const { flags } = toCommand(argv, parseArgs);
    selectProfile(CONFIG, flags["rpai-profile"], CONFIG.path);
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error(`nothing is wrong with ${argv.join(" ")}`);
}

const CONFIG = {
  path: "/config",
  profiles: [{ name: "prod" }, { name: "dev" }],
  foreign: false,
  warnings: [],
};

Deno.test("inOwnWords() moves Claude Code's options behind --, values and quotes kept", async () => {
  const cases: [string[], string, string][] = [
    [["--print", "hi"], "--print", "-- --print hi"],
    [["--print", "say hi"], "--print", '-- --print "say hi"'],
    [["--print", "it's"], "--print", `-- --print "it's"`],
    [["--print", 'say "$5"'], "--print", `-- --print 'say "$5"'`],
    [
      ["--permission-mode=plan", "-L", "a", "-oyaml", "--", "hi there"],
      "--permission-mode",
      '-L a -oyaml -- --permission-mode=plan "hi there"',
    ],
    [["-m", "x", "--resume"], "--resume", "-m x -- --resume"],
    [["-cp", "say hi"], "-cp", '-- -cp "say hi"'],
    [["run", "claude", "--print", "x"], "--print", "run claude -- --print x"],
  ];
  for (const [argv, option, line] of cases) {
    assertEquals(
      await hint(...argv),
      `Claude Code's ${option} goes after --: ai-claude ${line}`,
    );
  }
});

Deno.test("inOwnWords() takes -p and -c for Claude Code's where they can be no others", async () => {
  assertEquals(
    await hint("-p", "say hi"),
    'Claude Code\'s -p goes after --: ai-claude -- -p "say hi"',
  );
  assertEquals(
    await hint("-c", "-p", "say hi", "-L", "a"),
    'Claude Code\'s -c goes after --: ai-claude -L a -- -c -p "say hi"',
  );
});

Deno.test("inOwnWords() offers both where -p and -c may be either", async () => {
  assertEquals(
    await hint("-p", "hi"),
    "profiles there: prod, dev; " +
      "Claude Code's -p goes after --: ai-claude -- -p hi",
  );
  assertEquals(
    await hint("-p"),
    "give it one: --rpai-profile=NAME; " +
      "Claude Code's -p goes after --: ai-claude -- -p",
  );
  assertEquals(
    await hint("-p", "prod", "-c"),
    "give it one: --rpai-config=PATH; " +
      "Claude Code's -c goes after --: ai-claude -p prod -- -c",
  );
  assertEquals(
    await hint("-p", "prdo"),
    "did you mean prod? profiles there: prod, dev",
  );
});

Deno.test("inOwnWords() takes a word for Claude Code's only where it can be no command", async () => {
  const forClaude = "arguments for Claude Code go after --: ai-claude";
  assertEquals(await hint("say hi"), `${forClaude} -- "say hi"`);
  assertEquals(await hint("mcp", "list"), `${forClaude} -- mcp list`);
  assertEquals(await hint("-L", "a", "hello"), `${forClaude} -L a -- hello`);
  assertEquals(
    await hint("run", "claude", "hello"),
    `${forClaude} run claude -- hello`,
  );
});

Deno.test("inOwnWords() never makes a prompt of a mistyped command", async () => {
  assertEquals(await hint("dmeo"), "did you mean demo?");
  assertEquals(await hint("statsu"), "did you mean status?");
  assertEquals(await hint("provders", "list"), "did you mean provider?");
  assertEquals(await hint("modles", "anthropic"), "did you mean models?");
  const { hint: unchanged } = refusal(["configure"]);
  assertEquals(await hint("configure"), unchanged);
  assertEquals(unchanged?.includes("configure"), false);
});

Deno.test("inOwnWords() says what --provider is called", async () => {
  const meant = "did you mean --llmprovider? ai-claude";
  assertEquals(
    await hint("--provider", "a", "-m", "x"),
    `${meant} --llmprovider a -m x`,
  );
  assertEquals(
    await hint("--provider=a", "--", "-p", "say hi"),
    `${meant} --llmprovider=a -- -p "say hi"`,
  );
});

Deno.test("inOwnWords() repeats neither a token nor what an unknown flag is given", async () => {
  for (
    const argv of [
      ["--token", "hunter2", "--print", "x"],
      ["--token=hunter2", "--print", "x"],
      ["--tokn", "hunter2", "--print", "x"],
      ["--print", "x", "--secret=hunter2"],
      ["--passwd", "hunter2"],
    ]
  ) {
    const text = await hint(...argv);
    assertEquals(text.includes("hunter2"), false, text);
  }
});

Deno.test("inOwnWords() leaves other errors as they are", () => {
  const argv = ["auth", "login", "-c"];
  const error = refusal(argv);
  assertStrictEquals(inOwnWords(error, argv, "linux"), error);
  const bug = new TypeError("bug");
  assertStrictEquals(inOwnWords(bug, ["--print"], "linux"), bug);
});
