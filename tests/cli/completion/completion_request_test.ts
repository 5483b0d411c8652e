import { assert, assertEquals, assertFalse } from "@std/assert";
import { completionRequest } from "../../../lib/cli/completion/completion_request.ts";
import {
  isShell,
  SCRIPTS,
} from "../../../lib/cli/completion/completion_scripts.ts";
import { flagValues } from "../../../lib/cli/completion/completion_values.ts";
import { AUTH_MODES } from "../../../lib/profile/config.ts";
import { ALIASES, COMMANDS } from "../../../lib/cli/command_table.ts";
import {
  ALL_FLAGS,
  GLOBAL_FLAGS,
  spellings,
} from "../../../lib/profile/flags.ts";
import { FORMATS } from "../../../lib/base/format.ts";

/** Values of candidates, or what has to be looked up. */
function values(...line: string[]): readonly string[] | string {
  const request = completionRequest(line.slice(0, -1), line.at(-1)!);
  return typeof request.values === "string"
    ? request.values
    : request.values.map(({ value }) => value);
}

/** Words of the commands that begin with others. */
function following(...before: string[]): string[] {
  const words = COMMANDS.filter(({ words }) =>
    words.length > before.length &&
    before.every((word, index) => words[index] === word)
  ).map(({ words }) => words[before.length]);
  return [...new Set(words)];
}

Deno.test("completionRequest() carries each command on, word by word", () => {
  assertEquals(values(""), following());
  for (const { words } of COMMANDS.filter(({ words }) => words.length > 1)) {
    const [group, word] = words;
    assertEquals(values(group, ""), following(group));
    assert(values(group, word.slice(0, 1)).includes(word));
    assertEquals(values("help", group, ""), following(group));
    assertEquals(values("-v", "-p", "x", group, ""), following(group));
  }
  assertEquals(values("help", ""), following());
  assertEquals(values("nonsense", ""), []);
  assertEquals(values("demo", ""), []);
  assertFalse(values("_").includes("__complete"));
});

Deno.test("completionRequest() offers other spellings once they are typed", () => {
  for (const [name, aliases] of Object.entries(ALIASES)) {
    const words = name.split(" ");
    for (const alias of aliases) {
      assertFalse(values("").includes(alias));
      for (const typed of [alias.slice(0, 2), alias]) {
        const offered = aliases.filter((each) => values(typed).includes(each));
        assertEquals(offered.length, 1, `${typed}: ${offered}`);
      }
      assertEquals(values(alias, ""), values(...words, ""));
      assertEquals(values("help", alias, ""), values("help", ...words, ""));
    }
  }
  assertEquals(values("en").includes("environment"), false);
  assertEquals(values("models", ""), "providers");
  assertFalse(values("--").includes("--config"));
  assert(values("--conf").includes("--config"));
});

Deno.test("completionRequest() offers a command's own flags and the global ones", () => {
  for (const { words, flags } of COMMANDS) {
    const offered = values(...words, "--");
    if (words[0] === "help") continue;
    const expected = [...flags, ...GLOBAL_FLAGS].map(({ name }) => name);
    assertEquals(
      (offered as readonly string[]).filter((flag) => flag.length > 2).sort(),
      expected.map((name) => `--${name}`).sort(),
      words.join(" "),
    );
  }
  for (const words of [["auth"], ["nonsense"]]) {
    assertEquals(
      (values(...words, "--") as string[]).filter((flag) => flag.length > 2),
      GLOBAL_FLAGS.map(({ name }) => `--${name}`),
    );
  }
});

Deno.test("completionRequest() describes what it offers", () => {
  for (const current of ["", "-"]) {
    const { values } = completionRequest([], current);
    assert(typeof values !== "string" && values.length > 5);
    assertEquals(values.filter(({ about }) => !about), []);
  }
});

Deno.test("completionRequest() leaves out flags that were given", () => {
  const offered = values("-o", "json", "--profile=x", "-");
  for (const flag of ["--format", "-o", "--rpai-profile", "-p"]) {
    assertFalse(offered.includes(flag), flag);
  }
  assert(offered.includes("--model"));
});

Deno.test("completionRequest() knows the values of flags in each spelling", () => {
  for (const flag of ALL_FLAGS.filter(({ value }) => value !== undefined)) {
    const expected = flagValues(flag);
    for (const typed of spellings(flag)) {
      assertEquals(values(typed, ""), expected, typed);
      assertEquals(values(typed, "-x"), expected, typed);
      const assigned = completionRequest([], `${typed}=x`);
      assertEquals(assigned.head, `${typed}=`);
      assertEquals(values(`${typed}=x`), expected, typed);
    }
  }
  assertEquals(values("--no-color=x"), []);
  assertEquals(values("--nonsense=x"), []);
});

Deno.test("flagValues() of the flags that have known ones", () => {
  const of = (name: string) =>
    flagValues(ALL_FLAGS.find((flag) => flag.name === name)!);
  assertEquals(of("format"), FORMATS);
  assertEquals(of("auth-mode"), AUTH_MODES);
  assertEquals(of("rpai-profile"), "profiles");
  assertEquals(of("from"), "profiles");
  assertEquals(of("llmprovider"), "usable providers");
  assertEquals(of("model"), "models");
  assertEquals(of("rpai-config"), "files");
  assertEquals(of("client-secret-file"), "files");
  assertEquals(of("claude-config-dir"), "dirs");
  assertEquals(of("token"), "anything");
});

Deno.test("completionRequest() knows the arguments of commands, as many as they take", () => {
  assertEquals(values("profile", "use", ""), "profiles");
  assertEquals(values("env", "show", "x"), "profiles");
  assertEquals(values("profile", "use", "x", ""), []);
  assertEquals(values("profile", "rename", "x", ""), "anything");
  assertEquals(values("profile", "add", ""), "anything");
  assertEquals(values("completions", ""), Object.keys(SCRIPTS));
  assertEquals(values("provider", "get", ""), "providers");
});

Deno.test("completionRequest() leaves what follows -- to the shell", () => {
  assertEquals(values("--", ""), "files");
  assertEquals(values("-L", "a", "--", "-p", "--mod"), "files");
});

Deno.test("completionRequest() keeps the flags that are in force", () => {
  const line = "-vc /x --profile=dev -Lbedrock -o=json --token=a=b -s";
  assertEquals(completionRequest(line.split(" "), "h"), {
    values: "anything",
    head: "",
    flags: {
      "rpai-verbose": true,
      "rpai-config": "/x",
      "rpai-profile": "dev",
      llmprovider: "bedrock",
      format: "json",
      token: "a=b",
    },
  });
  // A flag that is there takes what follows, whatever it looks like.
  assertEquals(
    completionRequest(["-p", "--", "-m"], "").flags["rpai-profile"],
    "--",
  );
  assertEquals(
    completionRequest(["-", "-x", "--y=1", "-=", "-é"], "").flags,
    {},
  );
});

Deno.test("isShell() knows the shells of the completions command", () => {
  const spec = COMMANDS.find(({ kind }) => kind === "completions");
  assertEquals(spec?.names, [Object.keys(SCRIPTS).join("|")]);
  assert(Object.keys(SCRIPTS).every(isShell));
  assertFalse(isShell("constructor"));
});
