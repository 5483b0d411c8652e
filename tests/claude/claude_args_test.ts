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
  assertEquals(
    takeSettings([
      "--settings",
      "a.json",
      "-p",
      "--settings={}",
      "hi",
      "--settings=b",
    ]),
    { values: ["a.json", "{}", "b"], rest: ["-p", "hi"] },
  );
});

Deno.test("takeSettings() leaves everything else untouched and in order", () => {
  const args = [
    "-p",
    "",
    "mcp",
    "list",
    "--model",
    "x",
    "-5",
    "--setting-sources",
    "user",
  ];
  assertEquals(takeSettings(args), { values: [], rest: args });
  assertEquals(takeSettings([]), { values: [], rest: [] });
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

Deno.test("takeSettings() leaves the value of another option alone", () => {
  const args = [
    "--append-system-prompt",
    "--settings",
    "-n",
    "--settings=x",
    "hi",
  ];
  assertEquals(takeSettings(args), { values: [], rest: args });
});

/** Options of `claude --help` (2.1.330) that take exactly one value. */
const VALUE_OPTIONS = [
  "--agent",
  "--agents",
  "--append-system-prompt",
  "--autocompact",
  "--debug-file",
  "--effort",
  "--environment",
  "--fallback-model",
  "--input-format",
  "--json-schema",
  "--max-budget-usd",
  "--model",
  "--name",
  "-n",
  "--output-format",
  "--permission-mode",
  "--permission-prompts",
  "--plugin-dir",
  "--plugin-url",
  "--remote-control-session-name-prefix",
  "--session-id",
  "--setting-sources",
  "--system-prompt",
  "--system-prompt-snapshot",
];

Deno.test("subcommand() takes no option's value for a subcommand", () => {
  const taken = VALUE_OPTIONS.filter((option) =>
    subcommand([option, "agents"]) === "agents"
  );
  assertEquals(taken, []);
});

Deno.test("takeSettings() leaves a prompt after Claude Code's own -- alone", () => {
  assertEquals(takeSettings(["--settings", "{}", "--", "--settings", "x"]), {
    values: ["{}"],
    rest: ["--", "--settings", "x"],
  });
});

Deno.test("takeSettings() refuses a missing value", () => {
  for (
    const args of [["--settings"], ["-p", "--settings"], [
      "--settings",
      "--",
      "x",
    ]]
  ) {
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

Deno.test("findSwitch() names the switch that is given", () => {
  const bg = (...args: string[]) => findSwitch(args, ["--bg", "--background"]);
  assertEquals(bg("-p", "--bg", "hi"), "--bg");
  assertEquals(bg("--background"), "--background");
  assertEquals(bg("-p", "hi"), undefined);
  assertEquals(bg("--bgx"), undefined);
  assertEquals(bg("--", "--bg"), undefined);
});

Deno.test("findSwitch() sees a switch that is given a value", () => {
  assertEquals(findSwitch(["--bg=true"], ["--bg"]), "--bg=true");
});

Deno.test("findSwitch() takes the value of an option for no switch", () => {
  assertEquals(
    findSwitch(["--append-system-prompt", "--bg"], ["--bg"]),
    undefined,
  );
});

Deno.test("findSwitch() sees a switch after a value that looks like an option", () => {
  assertEquals(
    findSwitch(["--append-system-prompt", "--model", "--bg"], ["--bg"]),
    "--bg",
  );
  assertEquals(findSwitch(["--name", "--name", "--bg"], ["--bg"]), "--bg");
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
