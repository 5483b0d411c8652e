import { parseArgs } from "@std/cli/parse-args";
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { toCommand } from "../../lib/cli/parse.ts";
import { EXAMPLES } from "../../lib/cli/examples.ts";
import { ALIASES, commandName, COMMANDS } from "../../lib/cli/command_table.ts";
import { GLOBAL_FLAGS, LAUNCH_FLAGS } from "../../lib/profile/flags.ts";
import { helpText } from "../../lib/cli/help.ts";
import { inParallel } from "../support/in_parallel.ts";
import { makeWorld } from "../support/program.ts";

/** Words that begin several commands. */
const GROUPS = [
  ...new Set(
    COMMANDS.filter(({ words }) => words.length > 1).map(({ words }) =>
      words[0]
    ),
  ),
];
const TOPICS = [
  ...COMMANDS.map(({ words }) => words),
  ...GROUPS.map((word) => [word]),
];

for (const words of TOPICS) {
  const name = ["ai-claude", ...words].join(" ");

  Deno.test(`helpText() of ${name} fits 80 columns`, () => {
    const lines = helpText(words).split("\n");
    assertEquals(lines.filter((line) => line.length > 80), []);
    assertEquals(lines.filter((line) => line !== line.trimEnd()), []);
    assertEquals(lines.at(-1), "", "it ends with a line break");
  });

  Deno.test(`helpText() of ${name} has usage, description and examples`, () => {
    const [usage, about, ...sections] = helpText(words).trim().split("\n\n");
    assert(usage.startsWith(`Usage: ${name}`), usage);
    assert(/^[A-Z][^]*\.$/.test(about), about);
    const examples = sections.find((text) => text.startsWith("Examples:\n"));
    const lines = examples?.split("\n").slice(1) ?? [];
    assert(lines.length > 0, "it has examples");
    assertEquals(lines.filter((line) => !line.includes(name)), []);
  });
}

for (const spec of COMMANDS) {
  const name = commandName(spec);

  Deno.test(`helpText() of ${name} has each of its flags once`, () => {
    const text = helpText(spec.words);
    for (const flag of [...spec.flags, ...GLOBAL_FLAGS]) {
      const rows = text.split("\n").filter((line) =>
        new RegExp(`^  (?:-\\w, |    )--${flag.name}(?: |$)`).test(line)
      );
      assertEquals(rows.length, 1, flag.name);
    }
  });

  Deno.test(`helpText() of ${name} has examples that the parser takes`, () => {
    for (const example of EXAMPLES[spec.words.join(" ")]) {
      const [, line] = /\bai-claude ?([^)>]*)/.exec(example)!;
      const argv = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) =>
        word.replaceAll('"', "")
      );
      assertEquals(toCommand(argv, parseArgs).kind, spec.kind, example);
    }
  });
}

Deno.test("helpText() of the launch shows where Claude's arguments go", () => {
  const [usage] = helpText([]).split("\n");
  assertEquals(usage, "Usage: ai-claude [flags] [-- CLAUDE_ARGS...]");
});

Deno.test("helpText() of the launch lists the commands and their other spellings", () => {
  const joined = helpText([]).replace(/\n {10,}/g, " ");
  for (const { words, names = [], help } of COMMANDS.slice(1)) {
    const command = [...words, ...names].join(" ");
    assertEquals(
      joined.split("\n").filter((line) =>
        line.startsWith(`  ${command} `) && line.endsWith(help)
      ).length,
      1,
      words.join(" "),
    );
  }
  for (const [name, aliases] of Object.entries(ALIASES)) {
    const row = `\n  ${aliases.join(", ")} +for ${name}\n`;
    assertMatch(joined, new RegExp(row));
  }
  assertFalse(joined.includes("__complete"));
});

Deno.test("helpText() of a group lists its commands, and none of another", () => {
  const text = helpText(["profile"]);
  assert(text.startsWith("Usage: ai-claude profile COMMAND [flags]\n"));
  assertEquals(
    [...text.matchAll(/^ {2}(profile \w+)/gm)].map(([, command]) => command),
    COMMANDS.filter(({ words }) => words[0] === "profile")
      .map(({ words }) => words.join(" ")),
  );
  assertStringIncludes(
    text,
    "Also spelled:\n  env, environment  for profile\n",
  );
  assertStringIncludes(
    helpText(["auth", "login"]),
    "Also spelled:\n  login  for auth login\n",
  );
  assertFalse(text.includes("  auth login"));
  assertFalse(text.includes("--llmprovider"));
});

Deno.test("helpText() tells shorthands, other spellings and variables", () => {
  const text = helpText([]).replace(/\n {10,}/g, " ");
  assertStringIncludes(text, "  -c, --rpai-config PATH");
  assertStringIncludes(text, "(also --config; env RPAI_CONFIG)");
  assertStringIncludes(text, "  -s, --rpai-endpoint URL");
  assertStringIncludes(text, "(also --endpoint)\n");
  assertStringIncludes(text, "      --token TOKEN");
  assertStringIncludes(text, "(env RPAI_TOKEN)");
});

Deno.test("helpText() of another command leaves the launch flags out", () => {
  const text = helpText(["demo"]);
  for (const { name } of LAUNCH_FLAGS) {
    assertFalse(text.includes(`--${name} `), name);
  }
  assertFalse(text.includes("Commands:"));
});

Deno.test("helpText() paints the headings only", () => {
  const plain = helpText([]);
  const painted = helpText([], (text) => `<${text}>`);
  assertEquals(painted.replace(/[<>]/g, ""), plain.replace(/[<>]/g, ""));
  assertStringIncludes(painted, "<Usage:> ai-claude");
  assertStringIncludes(painted, "\n<Global flags:>\n");
});

Deno.test("help goes to stdout with exit code 0, in each of its forms", async () => {
  await using world = await makeWorld();
  await inParallel([
    { argv: ["--help"], words: [] },
    { argv: ["auth", "-h"], words: ["auth"] },
    { argv: ["help", "env"], words: ["profile"] },
    { argv: ["profile", "use", "--help"], words: ["profile", "use"] },
  ], async ({ argv, words }) => {
    assertEquals(await world.run(argv, { env: { RPAI_FORMAT: "bogus" } }), {
      code: 0,
      stdout: helpText(words),
      stderr: "",
    });
  });
});

Deno.test("a wrong spelling ends with 2 and what may have been meant", async () => {
  await using world = await makeWorld();
  await inParallel([
    { argv: ["dmeo"], meant: "demo" },
    { argv: ["auth", "logn"], meant: "auth login" },
    { argv: ["auth", "logn", "--help"], meant: "auth login" },
    { argv: ["help", "profle"], meant: "profile" },
    { argv: ["profile", "shwo", "x"], meant: "profile show" },
    { argv: ["--modle", "x"], meant: "--model" },
    { argv: ["auth", "token", "--refresh-withn", "5m"], meant: "--refresh-w" },
    { argv: ["auth", "status", "-o", "jsn"], meant: "json" },
    { argv: ["completions", "bsh"], meant: "bash" },
  ], async ({ argv, meant }) => {
    const { code, stdout, stderr } = await world.run(argv);
    assertEquals({ code, stdout }, { code: 2, stdout: "" }, argv.join(" "));
    assertStringIncludes(stderr, `\nhint: did you mean ${meant}`);
  });
});
