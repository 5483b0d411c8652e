import {
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { toCommand } from "../../lib/cli/parse.ts";
import type { Command } from "../../lib/cli/command.ts";
import { ALIASES, COMMANDS } from "../../lib/cli/command_table.ts";
import {
  ALL_FLAGS,
  type Flags,
  type FlagSpec,
  GLOBAL_FLAGS,
  LAUNCH_FLAGS,
  spellings,
} from "../../lib/profile/flags.ts";
import { CliError } from "../../lib/base/errors.ts";
import { shown } from "../support/fake_sys.ts";

function command(...argv: string[]): Command {
  return toCommand(argv, parseArgs);
}

function refusal(...argv: string[]): CliError {
  return assertThrows(() => command(...argv), CliError);
}

function launch(flags: Flags, claudeArgs: string[] = []): Command {
  return { kind: "launch", flags, claudeArgs };
}

const OWN_FLAGS: readonly FlagSpec[] = [...GLOBAL_FLAGS, ...LAUNCH_FLAGS]
  .filter(({ name }) => name !== "help");

Deno.test("toCommand() reads a launch, also spelled run claude", () => {
  assertEquals(command(), launch({}));
  const model = "us.anthropic.claude-sonnet-4-6";
  const cases: [line: string, flags: Flags, claudeArgs?: string][] = [
    [
      "-L anthropic -m claude-sonnet-4-6 -- --permission-mode plan",
      { llmprovider: "anthropic", model: "claude-sonnet-4-6" },
      "--permission-mode plan",
    ],
    [
      `-L bedrock -m ${model} -- -p hi`,
      { llmprovider: "bedrock", model },
      "-p hi",
    ],
    ["run claude -L a -- -p", { llmprovider: "a" }, "-p"],
    ["-L a run --bedrock claude", { llmprovider: "a", bedrock: true }],
    // Values stay text, and the last one wins.
    ["-m 4 --token=007", { model: "4", token: "007" }],
    ["-m a --model b", { model: "b" }],
    ["--token=-abc", { token: "-abc" }],
    ["-vo json", { "rpai-verbose": true, format: "json" }],
    // A short flag's value needs no blank, as with rpk.
    ["-ojson -Lx=y -m=z", { format: "json", llmprovider: "x=y", model: "z" }],
    ["--", {}],
  ];
  for (const [line, flags, args] of cases) {
    const expected = launch(flags, args?.split(" "));
    assertEquals(command(...line.split(" ")), expected, line);
  }
});

Deno.test("toCommand() passes on what follows the first --, untouched and in order", () => {
  const claudeArgs = ["-p", "", "--", "-L", "x", "--unknown=1", "--", "4"]
    .concat("-ojson", "ä b");
  assertEquals(
    command("--model=m", "--", ...claudeArgs),
    launch({ model: "m" }, claudeArgs),
  );
});

Deno.test("toCommand() knows every spelling of every flag", () => {
  for (const flag of OWN_FLAGS) {
    for (const typed of spellings(flag)) {
      if (flag.value === undefined) {
        assertEquals(
          command(typed),
          launch({ [flag.name]: true }),
          typed,
        );
        continue;
      }
      const expected = launch({ [flag.name]: "v" });
      assertEquals(command(typed, "v"), expected, typed);
      assertEquals(command(`${typed}=v`), expected, typed);
    }
  }
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

Deno.test("toCommand() reads the other commands", () => {
  const cases: [line: string, command: Command][] = [
    ["demo", { kind: "demo", flags: {} }],
    ["auth token -p x", { kind: "auth-token", flags: { "rpai-profile": "x" } }],
    ["version", { kind: "version", flags: {} }],
    ["--version", { kind: "version", flags: {}, asFlag: true }],
    [
      "--version -o json",
      { kind: "version", flags: { format: "json" }, asFlag: true },
    ],
    ["completions zsh", { kind: "completions", flags: {}, shell: "zsh" }],
    [
      "__complete bash -- -p x -- ",
      {
        kind: "complete",
        flags: {},
        shell: "bash",
        line: ["-p", "x", "--", ""],
      },
    ],
    [
      "profile rename a b",
      { kind: "profile", flags: {}, action: "rename", names: ["a", "b"] },
    ],
    [
      "profile show",
      { kind: "profile", flags: {}, action: "show", names: [] },
    ],
  ];
  for (const [line, expected] of cases) {
    assertEquals(command(...line.split(" ")), expected, line);
  }
});

Deno.test("toCommand() knows other spellings of commands and groups", () => {
  for (const [name, aliases] of Object.entries(ALIASES)) {
    const under = COMMANDS.filter(({ words }) =>
      `${words.join(" ")} `.startsWith(`${name} `)
    );
    for (const { words, names = [] } of under) {
      const rest = [...words.slice(name.split(" ").length), ...names];
      const expected = command(...name.split(" "), ...rest);
      for (const alias of aliases) {
        assertEquals(command(alias, ...rest), expected, alias);
      }
    }
  }
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
  assertEquals(
    topic("profile", "use", "x", "-h"),
    "ai-claude profile use",
  );
  assertEquals(topic("help", "help"), "ai-claude help");
  for (const argv of [["help", "--no-color", "auth"], ["-h", "--no-color"]]) {
    assertEquals(command(...argv).flags, { "no-color": true });
  }
});

/** Command lines that are refused, and the message. */
const REFUSED: [line: string, message: string][] = [
  ["-x", "unknown flag -x"],
  ["-4", "unknown flag -4"],
  ["-", 'unexpected argument "-"'],
  ["--no-model", "unknown flag --no-model"],
  ["demo --constructor", "unknown flag --constructor"],
  // The parser keeps words under it.
  ["--_ x", "unknown flag --_"],
  ["--no-color=false", "--no-color takes no value"],
  ["-v5", "--rpai-verbose takes no value"],
  ["completions", "`ai-claude completions` needs bash|zsh|fish"],
  ["profile rename a", "`ai-claude profile rename` needs NEW"],
  ["profile use a b", 'unexpected argument "b"'],
  ["help demo x", 'unexpected argument "x"'],
  ...["demo", "version", "auth token", "help"].map((
    words,
  ): [string, string] => [`${words} x`, 'unexpected argument "x"']),
  ...["demo", "version", "auth token", "profile list"].map((
    words,
  ): [string, string] => [`${words} -- -p`, 'unexpected argument "-p"']),
];

for (const [line, message] of REFUSED) {
  Deno.test(`toCommand() refuses ${line}`, () => {
    const error = refusal(...line.split(" "));
    assertEquals([error.code, error.message], ["usage", message]);
  });
}

Deno.test("toCommand() takes no word for what every object has", () => {
  for (const word of ["constructor", "toString"]) {
    assertEquals(
      refusal(word).message,
      `unexpected argument "${word}"`,
    );
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
});

Deno.test("toCommand() names an unknown flag and says where Claude's own go", () => {
  assertEquals(shown(refusal("--permission-mode", "plan")), {
    code: "usage",
    message: "unknown flag --permission-mode",
    hint: "Claude Code's own flags go after --: ai-claude -- --permission-mode",
  });
});

Deno.test("toCommand() suggests among the long flags", () => {
  const { suggest } = refusal("--modle", "x");
  assertEquals([suggest?.word, suggest?.show], ["--modle", "likely"]);
  assertEquals(
    ["--model", "--token", "--profile", "-m", "--m"].map((flag) =>
      suggest?.among.includes(flag)
    ),
    [true, true, true, false, false],
  );
});

Deno.test("toCommand() repeats neither an unknown flag's value nor a token with a dash", () => {
  for (
    const [argv, message] of [
      [["--tokne=hunter2secret"], "unknown flag --tokne"],
      [["--token", "-hunter2secret"], "no value for --token"],
    ] as const
  ) {
    const error = refusal(...argv);
    assertEquals(error.message, message);
    assertFalse(error.hint?.includes("hunter2secret"));
  }
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
  for (const { name, value } of ALL_FLAGS) {
    if (value === undefined) continue;
    assertEquals(
      refusal(`--${name}`).message,
      `no value for --${name}`,
    );
  }
});

Deno.test("toCommand() refuses a word before --, naming it", () => {
  const hint = "see `ai-claude help`; arguments for Claude Code go after --";
  for (const argv of [["-L", "a", "hello"], ["run", "claude", "hello"]]) {
    const error = refusal(...argv);
    const message = 'unexpected argument "hello"';
    assertEquals(shown(error), { code: "usage", message, hint });
    assertEquals(error.argument, "hello");
  }
  const { word, among = [] } = refusal("dmeo").suggest ?? {};
  assertEquals(word, "dmeo");
  for (const { words } of COMMANDS.slice(1)) {
    assertEquals(among.filter((each) => each === words[0]).length, 1);
    assertEquals(among.filter((each) => each === words.join(" ")).length, 1);
  }
  assertEquals(among.includes("env"), true);
  assertEquals(among.includes("__complete"), false);
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

Deno.test("toCommand() completes a command that only began", () => {
  const cases = { auth: "auth token", run: "run claude", env: "profile use" };
  for (const [word, full] of Object.entries(cases)) {
    assertStringIncludes(refusal(word).hint!, `ai-claude ${full}`);
  }
});

Deno.test("toCommand() refuses a flag of another command", () => {
  for (const argv of [["--model", "x"], ["--print-settings"], ["--bedrock"]]) {
    assertEquals(shown(refusal("demo", ...argv)), {
      code: "usage",
      message: `${argv[0]} does not belong to \`ai-claude demo\``,
      hint: "see `ai-claude demo --help`",
    });
  }
});

Deno.test("toCommand() refuses flags that exclude each other, for the doctor too", () => {
  const both = "cannot be used together";
  const hint = "give one of them; neither is needed when the provider is " +
    "readable";
  for (const words of [[], ["run", "claude"], ["doctor"]]) {
    assertEquals(shown(refusal(...words, "--bedrock", "--passthrough")), {
      code: "usage",
      message: `--passthrough and --bedrock ${both}`,
      hint,
    });
    const { message } = refusal(...words, "--no-relay", "--relay");
    assertEquals(message, `--relay and --no-relay ${both}`);
  }
});
