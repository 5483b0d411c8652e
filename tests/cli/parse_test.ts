import {
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import {
  PARSE_OPTIONS,
  splitShortFlags,
  toCommand,
} from "../../lib/cli/parse.ts";
import type { Command } from "../../lib/cli/command.ts";
import { ALIASES, commandName, COMMANDS } from "../../lib/cli/command_table.ts";
import { GLOBAL_FLAGS, LAUNCH_FLAGS } from "../../lib/cli/flag_table.ts";
import type { Flags } from "../../lib/profile/flags.ts";
import { CliError } from "../../lib/base/errors.ts";
import { shown } from "../support/fake_sys.ts";

function command(...argv: string[]): Command {
  return toCommand(parseArgs(splitShortFlags(argv), PARSE_OPTIONS));
}

function refusal(...argv: string[]): CliError {
  return assertThrows(() => command(...argv), CliError);
}

function launch(flags: Flags, claudeArgs: string[] = []): Command {
  return { kind: "launch", flags, claudeArgs };
}

Deno.test("toCommand() without arguments is a launch", () => {
  assertEquals(command(), launch({}));
});

Deno.test("toCommand() reads both examples of the original", () => {
  const line = (text: string) => command(...text.split(" "));
  assertEquals(
    line("-L anthropic -m claude-sonnet-4-6 -- --permission-mode plan"),
    launch({ llmprovider: "anthropic", model: "claude-sonnet-4-6" }, [
      "--permission-mode",
      "plan",
    ]),
  );
  const model = "us.anthropic.claude-sonnet-4-6";
  assertEquals(
    line(`-L bedrock -m ${model} -- -p hi`),
    launch({ llmprovider: "bedrock", model }, ["-p", "hi"]),
  );
});

Deno.test("toCommand() takes `run claude` for the launch", () => {
  assertEquals(
    command("run", "claude", "-L", "a", "--", "-p"),
    launch({ llmprovider: "a" }, ["-p"]),
  );
  assertEquals(
    command("-L", "a", "run", "--bedrock", "claude"),
    launch({ llmprovider: "a", bedrock: true }),
  );
});

Deno.test("toCommand() passes on what follows the first --, untouched and in order", () => {
  const claudeArgs = ["-p", "", "--", "-L", "x", "--unknown=1", "--", "4"]
    .concat("-o", "ä b");
  assertEquals(
    command("--model=m", "--", ...claudeArgs),
    launch({ model: "m" }, claudeArgs),
  );
  assertEquals(command("--"), launch({}));
});

Deno.test("toCommand() knows every spelling of every flag", () => {
  const flags = [...GLOBAL_FLAGS, ...LAUNCH_FLAGS]
    .filter(({ name }) => name !== "help");
  const spellings = flags.map(({ name, aliases }) => [name, ...aliases]);
  assertEquals(spellings.map((all) => all.toSorted().join(" ")).sort(), [
    "L llm-provider llmprovider",
    "bedrock",
    "c config rpai-config",
    "claude-config-dir",
    "endpoint rpai-endpoint s",
    "environment p profile rpai-environment rpai-profile",
    "format o",
    "m model",
    "no-color",
    "no-relay",
    "passthrough",
    "print-settings",
    "q quiet",
    "relay",
    "rpai-verbose v verbose",
    "token",
  ]);
  for (const flag of flags) {
    for (const spelling of [flag.name, ...flag.aliases]) {
      const typed = spelling.length === 1 ? `-${spelling}` : `--${spelling}`;
      if (!("value" in flag)) {
        assertEquals(command(typed), launch({ [flag.name]: true }), typed);
        continue;
      }
      const expected = launch({ [flag.name]: "v" });
      assertEquals(command(typed, "v"), expected, typed);
      assertEquals(command(`${typed}=v`), expected, typed);
    }
  }
});

Deno.test("GLOBAL_FLAGS bind the documented variables, and the endpoint none", () => {
  const bound = GLOBAL_FLAGS.map((
    flag,
  ) => [flag.name, "env" in flag ? flag.env : undefined]);
  assertEquals(Object.fromEntries(bound), {
    format: "RPAI_FORMAT",
    "rpai-config": "RPAI_CONFIG",
    "rpai-endpoint": undefined,
    "rpai-profile": "RPAI_PROFILE",
    token: "RPAI_TOKEN",
    "no-color": "NO_COLOR",
    "rpai-verbose": "RPAI_VERBOSE",
    help: undefined,
  });
});

Deno.test("toCommand() accepts the global flags with every command", () => {
  for (const { words, kind, names = [] } of COMMANDS) {
    if (kind === "help") continue;
    const parsed = command(
      ...words,
      ...names.map((_, index) => `name-${index}`),
      ..."-o json -c c -s https://x -p p -v --token t --no-color".split(" "),
    );
    assertEquals(parsed.flags, {
      format: "json",
      "rpai-config": "c",
      "rpai-endpoint": "https://x",
      "rpai-profile": "p",
      "rpai-verbose": true,
      token: "t",
      "no-color": true,
    }, kind);
  }
});

Deno.test("toCommand() keeps values text, and lets the last one win", () => {
  assertEquals(
    command("-m", "4", "--token=007"),
    launch({ model: "4", token: "007" }),
  );
  assertEquals(command("-m", "a", "--model", "b"), launch({ model: "b" }));
  assertEquals(command("--token=-abc"), launch({ token: "-abc" }));
  assertEquals(
    command("-vo", "json"),
    launch({ "rpai-verbose": true, format: "json" }),
  );
});

Deno.test("toCommand() takes a short flag's value without a blank, as rpk does", () => {
  assertEquals(command("-ojson"), launch({ format: "json" }));
  assertEquals(command("-Lanthropic"), launch({ llmprovider: "anthropic" }));
});

Deno.test("splitShortFlags() splits before -- what takes a value, and nothing else", () => {
  assertEquals(
    splitShortFlags("-ojson -Lx=y -o=json -v -vo - -4".split(" ")),
    "-o json -L x=y -o=json -v -vo - -4".split(" "),
  );
  for (const flag of ["-m", "--model", "--token"]) {
    const error = assertThrows(
      () => splitShortFlags([flag, "-secret"]),
      CliError,
    );
    assertEquals(error.code, "usage");
    assertEquals(error.message.includes("secret"), false);
  }
  const behind = ["--", "-ojson", "--", "-Lx"];
  assertEquals(splitShortFlags(behind), behind);
});

Deno.test("toCommand() refuses a value for a switch", () => {
  for (const argv of [["--no-color=false"], ["-v5"]]) {
    const { code, message } = refusal(...argv);
    assertEquals(code, "usage");
    assertStringIncludes(message, " takes no value");
  }
});

Deno.test("toCommand() reads the other commands", () => {
  assertEquals(command("demo"), { kind: "demo", flags: {} });
  assertEquals(command("auth", "token", "-p", "x"), {
    kind: "auth-token",
    flags: { "rpai-profile": "x" },
  });
  assertEquals(command("version"), { kind: "version", flags: {} });
  assertEquals(command("--version"), {
    kind: "version",
    flags: {},
    asFlag: true,
  });
  assertEquals(command("--version", "-o", "json"), {
    kind: "version",
    flags: { format: "json" },
    asFlag: true,
  });
});

Deno.test("toCommand() reads help in every form", () => {
  const topic = (...argv: string[]) => {
    const parsed = command(...argv);
    return parsed.kind === "help"
      ? ["ai-claude", ...parsed.topic].join(" ")
      : parsed.kind;
  };
  for (const argv of [["help"], ["--help"], ["-h"]]) {
    assertEquals(topic(...argv), "ai-claude", argv.join(" "));
  }
  for (const { words } of COMMANDS) {
    if (words.length === 0 || words[0] === "help") continue;
    const name = ["ai-claude", ...words].join(" ");
    assertEquals(topic(...words, "--help"), name);
    assertEquals(topic("-h", ...words), name);
    assertEquals(topic("help", ...words), name);
  }
  for (const group of ["auth", "profile", "run"]) {
    assertEquals(topic(group, "--help"), `ai-claude ${group}`);
    assertEquals(topic("help", group), `ai-claude ${group}`);
  }
  assertEquals(topic("env", "--help"), "ai-claude profile");
  assertEquals(topic("help", "env", "use"), "ai-claude profile use");
  assertEquals(topic("profile", "use", "x", "-h"), "ai-claude profile use");
  assertEquals(topic("help", "help"), "ai-claude help");
});

Deno.test("toCommand() keeps --no-color for the help", () => {
  for (
    const argv of [["help", "--no-color", "auth"], ["-h", "--no-color"]]
  ) {
    assertEquals(command(...argv).flags, { "no-color": true });
  }
});

Deno.test("toCommand() takes no word for what every object has", () => {
  for (const word of ["constructor", "toString"]) {
    assertEquals(refusal(word).message, `unexpected argument "${word}"`);
    assertEquals(refusal(word).suggest?.word, word);
    assertEquals(refusal("help", word).suggest?.word, word);
  }
});

Deno.test("toCommand() has no help for what is no command", () => {
  for (const argv of [["help", "auht"], ["auht", "--help"]]) {
    const error = refusal(...argv);
    assertEquals(error.message, 'unexpected argument "auht"');
    assertEquals(error.suggest?.word, "auht");
  }
  assertEquals(refusal("help", "auht").hint, "see `ai-claude help`");
  assertEquals(refusal("help", "auth", "logn").suggest, {
    word: "auth logn",
    among: ["auth login", "auth logout", "auth status", "auth token"],
    show: "likely",
  });
  assertEquals(
    refusal("help", "demo", "x").message,
    'unexpected argument "x"',
  );
});

Deno.test("toCommand() names an unknown flag and says where Claude's own go", () => {
  assertEquals(shown(refusal("--permission-mode", "plan")), {
    code: "usage",
    message: "unknown flag --permission-mode",
    hint: "Claude Code's own flags go after --: ai-claude -- --permission-mode",
  });
  assertEquals(refusal("-x").message, "unknown flag -x");
  assertEquals(refusal("--no-model").message, "unknown flag --no-model");
  assertEquals(
    refusal("demo", "--constructor").message,
    "unknown flag --constructor",
  );
});

Deno.test("toCommand() suggests among the long flags", () => {
  const { suggest } = refusal("--modle", "x");
  assertEquals(suggest?.word, "--modle");
  assertEquals(suggest?.show, "likely");
  assertEquals(
    ["--model", "--token", "--profile", "-m", "--m"].map((flag) =>
      suggest?.among.includes(flag)
    ),
    [true, true, true, false, false],
  );
});

Deno.test("toCommand() does not repeat the value of an unknown flag", () => {
  const { message, hint } = refusal("--tokne=hunter2secret");
  assertEquals(message, "unknown flag --tokne");
  assertFalse(hint?.includes("hunter2secret"));
});

Deno.test("toCommand() does not repeat a token that begins with a dash", () => {
  const { message, hint } = refusal("--token", "-hunter2secret");
  assertFalse(`${message}${hint}`.includes("hunter2secret"), message);
});

Deno.test("toCommand() refuses --_, which the parser keeps words under", () => {
  assertEquals(refusal("--_", "x").code, "usage");
});

Deno.test("toCommand() refuses a missing value, naming the flag", () => {
  const lines = [["--model"], ["-m"], ["--model="], ["-m", ""]];
  for (const argv of [...lines, ["-m", "--bedrock"], ["-m", "--", "x"]]) {
    assertEquals(shown(refusal(...argv)), {
      code: "usage",
      message: "no value for --model",
      hint: "give it one: --model=ID",
    }, argv.join(" "));
  }
  for (const { name, ...flag } of [...GLOBAL_FLAGS, ...LAUNCH_FLAGS]) {
    if (!("value" in flag)) continue;
    assertEquals(refusal(`--${name}`).message, `no value for --${name}`);
  }
});

Deno.test("toCommand() refuses a word before --, naming it", () => {
  assertEquals(shown(refusal("-L", "a", "hello")), {
    code: "usage",
    message: 'unexpected argument "hello"',
    hint: "see `ai-claude help`; arguments for Claude Code go after --",
  });
  const { word, among = [] } = refusal("dmeo").suggest ?? {};
  assertEquals(word, "dmeo");
  for (const { words } of COMMANDS.slice(1)) {
    assertEquals(among.filter((each) => each === words[0]).length, 1);
    assertEquals(among.filter((each) => each === words.join(" ")).length, 1);
  }
  assertEquals(among.includes("env"), true);
});

Deno.test("toCommand() suggests among the commands that a word begins", () => {
  for (
    const [argv, word] of [
      [["auth", "logn"], "auth logn"],
      [["profile", "shwo", "x"], "profile shwo"],
      [["env", "shwo", "x"], "profile shwo"],
    ] as const
  ) {
    const { message, suggest } = refusal(...argv);
    assertEquals(message, `unexpected argument "${argv[1]}"`);
    assertEquals(suggest?.word, word);
    assertEquals(
      suggest?.among.every((each) => each.startsWith(word.split(" ")[0])),
      true,
    );
  }
});

Deno.test("toCommand() reads completions, and the line behind __complete", () => {
  assertEquals(command("completions", "zsh"), {
    kind: "completions",
    flags: {},
    shell: "zsh",
  });
  assertEquals(
    refusal("completions").message,
    "`ai-claude completions` needs bash|zsh|fish",
  );
  assertEquals(command("__complete", "bash", "--", "-p", "x", "--", ""), {
    kind: "complete",
    flags: {},
    shell: "bash",
    line: ["-p", "x", "--", ""],
  });
});

Deno.test("toCommand() keeps what scripts call out of every list", () => {
  const { hint, suggest } = refusal("__complte");
  assertEquals(suggest?.among.includes("__complete"), false);
  assertFalse(hint?.includes("__complete "));
});

Deno.test("toCommand() knows other spellings of commands and groups", () => {
  for (const [alias, words] of Object.entries(ALIASES)) {
    const { names = [] } = COMMANDS.find((spec) =>
      spec.words.join(" ") === words.join(" ")
    ) ?? {};
    if (words.length === 1 && names.length === 0) continue; // a group
    assertEquals(command(alias, ...names), command(...words, ...names), alias);
  }
  assertEquals(command("environment", "list"), command("profile", "list"));
  assertEquals(command("env", "rename", "a", "b").kind, "profile");
  assertEquals(command("llm-providers", "list"), command("provider", "list"));
  assertEquals(command("lp", "check", "a"), command("provider", "check", "a"));
});

Deno.test("toCommand() completes a command that only began", () => {
  const cases = { auth: "auth token", run: "run claude", env: "profile use" };
  for (const [word, full] of Object.entries(cases)) {
    assertStringIncludes(refusal(word).hint!, `ai-claude ${full}`);
  }
});

Deno.test("toCommand() reads names after a profile command, also spelled env", () => {
  const rename = { kind: "profile", flags: {}, action: "rename" } as const;
  for (const word of ["profile", "env"]) {
    assertEquals(command(word, "rename", "a", "b"), {
      ...rename,
      names: ["a", "b"],
    });
  }
  assertEquals(command("profile", "show").kind, "profile");
  assertEquals(
    refusal("profile", "rename", "a").message,
    "`ai-claude profile rename` needs NEW",
  );
  assertEquals(
    refusal("profile", "use", "a", "b").message,
    'unexpected argument "b"',
  );
});

Deno.test("toCommand() says where a word after `run claude` belongs", () => {
  const { message, argument, hint } = refusal("run", "claude", "hello");
  assertEquals([message, argument], ['unexpected argument "hello"', "hello"]);
  assertStringIncludes(hint!, "after --");
});

Deno.test("toCommand() refuses words after a whole command, and Claude's arguments", () => {
  const refused = (...argv: string[]) => {
    const { code, message } = refusal(...argv);
    assertEquals(code, "usage");
    return message;
  };
  const whole = [["demo"], ["version"], ["auth", "token"], ["help"]];
  for (const words of whole) {
    assertEquals(refused(...words, "x"), 'unexpected argument "x"');
  }
  for (const words of whole.slice(0, -1)) {
    assertEquals(refused(...words, "--", "-p"), 'unexpected argument "-p"');
  }
});

Deno.test("toCommand() refuses a flag of another command", () => {
  for (
    const [flag, value] of [["model", "x"], ["print-settings"], ["bedrock"]]
  ) {
    const argv = value === undefined ? [`--${flag}`] : [`--${flag}`, value];
    assertEquals(shown(refusal("demo", ...argv)), {
      code: "usage",
      message: `--${flag} does not belong to \`ai-claude demo\``,
      hint: "see `ai-claude demo --help`",
    });
  }
});

Deno.test("toCommand() refuses flags that exclude each other, for the doctor too", () => {
  for (
    const [one, other] of [["passthrough", "bedrock"], ["relay", "no-relay"]]
  ) {
    for (const words of [[], ["run", "claude"], ["doctor"]]) {
      const error = refusal(...words, `--${other}`, `--${one}`);
      const { code, message, hint } = shown(error);
      assertEquals([code, message], [
        "usage",
        `--${one} and --${other} cannot be used together`,
      ]);
      if (one === "relay") continue;
      const wanted = "neither is needed when the provider is readable";
      assertEquals(hint, `give one of them; ${wanted}`);
    }
  }
});

Deno.test("commandName() is how a command is typed", () => {
  assertEquals(COMMANDS.map(commandName), [
    "ai-claude",
    "ai-claude run claude",
    "ai-claude demo",
    "ai-claude doctor",
    "ai-claude auth login",
    "ai-claude auth logout",
    "ai-claude auth status",
    "ai-claude auth token",
    "ai-claude profile list",
    "ai-claude profile show",
    "ai-claude profile use",
    "ai-claude profile add",
    "ai-claude profile set",
    "ai-claude profile delete",
    "ai-claude profile rename",
    "ai-claude provider list",
    "ai-claude provider get",
    "ai-claude provider models",
    "ai-claude provider check",
    "ai-claude shim",
    "ai-claude completions",
    "ai-claude version",
    "ai-claude help",
  ]);
});
