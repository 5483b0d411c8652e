import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import {
  commandName,
  COMMANDS,
  GLOBAL_FLAGS,
  LAUNCH_FLAGS,
} from "../lib/flags.ts";
import { helpText } from "../lib/help.ts";

const LAUNCH = COMMANDS[0];

for (const spec of COMMANDS) {
  const name = commandName(spec);

  Deno.test(`helpText() of ${name} fits 80 columns`, () => {
    const lines = helpText(spec).split("\n");
    assertEquals(lines.filter((line) => line.length > 80), []);
    assertEquals(lines.filter((line) => line !== line.trimEnd()), []);
    assertEquals(lines.at(-1), "", "it ends with a line break");
    const usage = [name, ...spec.names ?? [], "[flags]"].join(" ");
    assert(lines[0].startsWith(usage), lines[0]);
  });

  Deno.test(`helpText() of ${name} has each of its flags once`, () => {
    const text = helpText(spec);
    for (const flag of [...spec.flags, ...GLOBAL_FLAGS]) {
      const rows = text.split("\n").filter((line) =>
        new RegExp(`^  (?:-\\w, |    )--${flag.name}(?: |$)`).test(line)
      );
      assertEquals(rows.length, 1, flag.name);
    }
  });
}

Deno.test("helpText() of the launch shows where Claude's arguments go", () => {
  const [usage] = helpText(LAUNCH).split("\n");
  assertEquals(usage, "ai-claude [flags] [-- CLAUDE_ARGS...]");
});

Deno.test("helpText() of the launch lists the commands", () => {
  const text = helpText(LAUNCH);
  const joined = text.replace(/\n {10,}/g, " ");
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
});

Deno.test("helpText() tells shorthands, other spellings and variables", () => {
  const text = helpText(LAUNCH).replace(/\n {10,}/g, " ");
  assertStringIncludes(text, "  -c, --rpai-config PATH");
  assertStringIncludes(text, "(also --config; env RPAI_CONFIG)");
  assertStringIncludes(text, "  -s, --rpai-endpoint URL");
  assertStringIncludes(text, "(also --endpoint)\n");
  assertStringIncludes(text, "      --token TOKEN");
  assertStringIncludes(text, "(env RPAI_TOKEN)");
});

Deno.test("helpText() of another command leaves the launch flags out", () => {
  const demo = COMMANDS.find(({ kind }) => kind === "demo")!;
  const text = helpText(demo);
  for (const { name } of LAUNCH_FLAGS) {
    assertFalse(text.includes(`--${name} `), name);
  }
  assertFalse(text.includes("Commands:"));
});
