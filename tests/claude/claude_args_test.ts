import { assertEquals, assertThrows } from "@std/assert";
import {
  findSwitch,
  optionValue,
  subcommand,
  takeSettings,
} from "../../lib/claude/claude_args.ts";
import { CliError } from "../../lib/base/errors.ts";
import { shown } from "../support/fake_sys.ts";

Deno.test("takeSettings() takes both spellings out, wherever they stand", () => {
  const args = "--settings a.json -p --settings={} hi --settings=b".split(" ");
  assertEquals(takeSettings(args), {
    values: ["a.json", "{}", "b"],
    rest: ["-p", "hi"],
  });
});

Deno.test("takeSettings() leaves everything else untouched and in order", () => {
  const others = ["-p", "", "mcp", "list", "--model", "x", "-5"]
    .concat("--setting-sources", "user");
  const values = ["--append-system-prompt", "--settings", "-n"]
    .concat("--settings=x", "hi");
  const behind = ["--", "--settings", "x"];
  for (const args of [[], others, values, behind]) {
    assertEquals(takeSettings(args), { values: [], rest: args });
  }
});

Deno.test("takeSettings() takes the next argument, whatever it looks like", () => {
  assertEquals(takeSettings(["--settings", "--settings", "x"]), {
    values: ["--settings"],
    rest: ["x"],
  });
  assertEquals(takeSettings(["--settings", ""]), { values: [""], rest: [] });
  assertEquals(takeSettings(["--settings="]), { values: [""], rest: [] });
  assertEquals(takeSettings(["--settings=a=b"]), { values: ["a=b"], rest: [] });
});

/** Options of `claude --help` (2.1.330) that take exactly one value. */
const VALUE_OPTIONS = [
  ...["--agent", "--agents", "--append-system-prompt", "--autocompact"],
  ...["--debug-file", "--effort", "--environment", "--fallback-model"],
  ...["--input-format", "--json-schema", "--max-budget-usd", "--model"],
  ...["--name", "-n", "--output-format", "--permission-mode"],
  ...["--permission-prompts", "--plugin-dir", "--plugin-url"],
  ...["--remote-control-session-name-prefix", "--session-id"],
  ...["--setting-sources", "--system-prompt", "--system-prompt-snapshot"],
];

Deno.test("subcommand() takes no option's value for a subcommand", () => {
  const taken = VALUE_OPTIONS.filter((option) =>
    subcommand([option, "agents"]) === "agents"
  );
  assertEquals(taken, []);
});

Deno.test("takeSettings() refuses a missing value", () => {
  const lines = [["--settings"], ["-p", "--settings"], [
    "--settings",
    "--",
    "x",
  ]];
  for (const args of lines) {
    assertEquals(shown(assertThrows(() => takeSettings(args), CliError)), {
      code: "usage",
      message: "no value for Claude Code's --settings",
      hint: "give it a file or inline JSON",
    }, args.join(" "));
  }
});

Deno.test("optionValue() is the last value", () => {
  const model = (...args: string[]) => optionValue(args, "--model");
  assertEquals(model("--model", "a"), "a");
  assertEquals(model("--model=a=b"), "a=b");
  assertEquals(model("--model", "a", "-p", "--model=b"), "b");
  assertEquals(model("--model=a", "--model", "b"), "b");
});

Deno.test("optionValue() has nothing where the option is not given", () => {
  const model = (...args: string[]) => optionValue(args, "--model");
  assertEquals(model(), undefined);
  assertEquals(model("-p", "model"), undefined);
  assertEquals(model("--modelx=a", "--name", "--model", "b"), undefined);
  assertEquals(model("--", "--model", "a"), undefined);
});

Deno.test("findSwitch() names the switch that is given, and no value or prompt", () => {
  const cases: [string[], string | undefined][] = [
    [["-p", "--bg", "hi"], "--bg"],
    [["--background"], "--background"],
    [["--bg=true"], "--bg=true"],
    [["-p", "hi"], undefined],
    [["--bgx"], undefined],
    [["--", "--bg"], undefined],
    [["--append-system-prompt", "--bg"], undefined],
    // After a value that looks like an option.
    [["--append-system-prompt", "--model", "--bg"], "--bg"],
    [["--name", "--name", "--bg"], "--bg"],
  ];
  for (const [args, found] of cases) {
    assertEquals(findSwitch(args, ["--bg", "--background"]), found);
  }
});

Deno.test("subcommand() is the first word, unless it is a prompt", () => {
  assertEquals(subcommand(["agents"]), "agents");
  assertEquals(
    subcommand(["--verbose", "--model", "opus", "--name=x", "daemon", "stop"]),
    "daemon",
  );
  for (const print of ["-p", "--print", "-cp"]) {
    assertEquals(subcommand([print, "agents"]), undefined, print);
    assertEquals(subcommand(["agents", print]), "agents", print);
  }
  assertEquals(subcommand([]), undefined);
  assertEquals(subcommand(["--", "agents"]), undefined);
});
