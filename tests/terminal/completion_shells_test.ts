/**
 * The completion scripts in the real shells, each in a terminal of its own: what
 * is typed, completed and run is what the program then gets.
 *
 * @module
 */

import { assertEquals, assertFalse } from "@std/assert";
import {
  type LoopbackGateway,
  startLoopbackGateway,
} from "../../lib/loopback/gateway.ts";
import {
  SCRIPTS,
  type Shell,
} from "../../lib/cli/completion/completion_scripts.ts";
import { MAIN, makeWorld, type World } from "../support/program.ts";
import { eventually } from "../support/eventually.ts";
import { Terminal, terminalTest } from "../support/terminal.ts";

/** Names of profiles that a shell would act on, were they not quoted. */
const NAMES = [
  "p1 a b",
  "p2it's",
  "p3$(touch pwned)",
  "p4`touch pwned`",
  'p5q"uote',
  "p6;touch pwned",
  "p7back\\slash",
  "p8co:lon",
  "p9eq=ual",
  "pA*?[x]{a,b}",
  "pB~#%x",
  "pCä ö",
  "pD&>pwned|x",
  "pE$HOME",
];

/** Keys to type, and the arguments that the program then gets. */
interface Case {
  typed: string;
  args: string[];
}

const LINES: Case[] = [
  { typed: "prof\tli\t", args: ["profile", "list"] },
  { typed: "auth sta\t-o js\t", args: ["auth", "status", "-o", "json"] },
  { typed: "en\tsh\tprod\t", args: ["env", "show", "prod"] },
  { typed: "help aut\tlogi\t", args: ["help", "auth", "login"] },
  { typed: "completions z\t", args: ["completions", "zsh"] },
  {
    typed: "--format=ma\t--print-se\t",
    args: ["--format=markdown", "--print-settings"],
  },
  {
    typed: "--conf\tsub/fi\t--claude-conf\ts\t",
    args: ["--config", "sub/file one", "--claude-config-dir", "sub"],
  },
  {
    typed: "--claude-config-dir=s\t --rpai-config=sub/fi\t",
    args: ["--claude-config-dir=sub", "--rpai-config=sub/file one"],
  },
  {
    typed: "-p x -- -p sub/fi\t",
    args: ["-p", "x", "--", "-p", "sub/file one"],
  },
  {
    typed: "-L anth\t--llmprovider=bed\t-m us\t--model=us.a.b-v1:\t",
    args: [
      ...["-L", "anthropic", "--llmprovider=bedrock"],
      ...["-m", "us.a.b-v1:0", "--model=us.a.b-v1:0"],
    ],
  },
  {
    typed: NAMES.map((name) => `-p ${name.slice(0, 2)}\t`).join(""),
    args: NAMES.flatMap((name) => ["-p", name]),
  },
  {
    typed: NAMES.map((name) => `--profile=${name.slice(0, 2)}\t`).join(""),
    args: NAMES.map((name) => `--profile=${name}`),
  },
  { typed: "-p p8co:\t-p p9eq=\t", args: ["-p", NAMES[7], "-p", NAMES[8]] },
];

/** Within quotes that are open. */
const QUOTED: Case[] = [
  { typed: 'profile use "p3\t', args: ["profile", "use", NAMES[2]] },
  { typed: "profile use 'p4\t", args: ["profile", "use", NAMES[3]] },
  { typed: 'profile use "p5\t', args: ["profile", "use", NAMES[4]] },
  { typed: "profile use p1\\ a\t", args: ["profile", "use", NAMES[0]] },
];

/** A shell with completion set up in one of the ways that there are. */
interface Setup {
  /** What is tested. */
  name: string;
  shell: Shell;
  /** Below the home directory, where the script goes. */
  script: string;
  /** Starts the shell, without anybody's own files. */
  start: string;
  /** What is typed first. */
  first: string;
  /** A file that must be there. */
  needs?: string;
}

const BASH = {
  shell: "bash",
  start: "env PS1='shell-''2> ' bash --norc --noprofile",
} as const;
const ZSH = { shell: "zsh", start: "env PS1='shell-''2> ' zsh -f" } as const;
const FISH = {
  shell: "fish",
  start: `fish -C "function fish_prompt; echo 'shell-''2> '; end"`,
} as const;
const BASH_COMPLETION = "/usr/share/bash-completion/bash_completion";

const SETUPS: Setup[] = [
  {
    ...BASH,
    name: "bash, sourced",
    script: "script",
    first: "source ~/script",
  },
  {
    ...BASH,
    name: "bash whose words do not end at a colon",
    script: "script",
    first: "source ~/script; COMP_WORDBREAKS=${COMP_WORDBREAKS//:}",
  },
  {
    ...BASH,
    name: "bash, loaded by bash-completion",
    script: ".local/share/bash-completion/completions/ai-claude",
    first: `source ${BASH_COMPLETION}`,
    needs: BASH_COMPLETION,
  },
  {
    ...ZSH,
    name: "zsh, sourced",
    script: "script",
    first: "autoload -U compinit; compinit -u -D; source ~/script",
  },
  {
    ...ZSH,
    name: "zsh, loaded from fpath",
    script: ".zfunc/_ai-claude",
    first: "fpath+=~/.zfunc; autoload -U compinit; compinit -u -D",
  },
  {
    ...FISH,
    name: "fish, loaded from its folder",
    script: ".config/fish/completions/ai-claude.fish",
    first: "set -g fish_greeting",
  },
];

for (const setup of SETUPS) {
  const { name, shell, needs = "/" } = setup;
  terminalTest(
    `completions give the program what was meant: ${name}`,
    async () => {
      await using gateway = startGateway();
      await using world = await shellWorld(setup, gateway);
      await using terminal = await openShell(setup, world);
      for (const { typed, args } of [...LINES, ...QUOTED]) {
        assertEquals(await complete(typed, terminal, world), args, typed);
      }
      assertFalse(await exists(`${world.project}/pwned`));
    },
    setup.needs ? [shell, "bash-completion"] : [shell],
    !await has(shell) || !await exists(needs),
  );
}

for (const setup of SETUPS.filter(({ shell }) => shell !== "bash")) {
  terminalTest(
    `completions show what candidates are: ${setup.name}`,
    async () => {
      await using gateway = startGateway();
      await using world = await shellWorld(setup, gateway);
      await using terminal = await openShell(setup, world);
      await terminal.type("ai-claude auth ", "Tab");
      await terminal.shows("print a gateway token that is valid now");
      await terminal.type("", "C-c");
      await terminal.type("clear", "Enter");
      await terminal.type("ai-claude profile use p", "Tab");
      await terminal.shows("the: real one");
    },
    [setup.shell],
    !await has(setup.shell),
  );
}

Deno.test("completions in bash read the line up to the cursor", async () => {
  await using gateway = startGateway();
  await using world = await shellWorld(SETUPS[0], gateway);
  // What Bash itself sets for a function that completes.
  const ask = async (line: string, ...words: string[]) => {
    const script = `source ~/script
COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDS=("\${@:3}") COMP_CWORD=$(($# - 3))
COMP_LINE+=' and more'
_ai_claude ai-claude "$2"
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await new Deno.Command("bash", {
      args: ["--norc", "-uc", script, "bash", line, ...words],
      cwd: world.project,
      clearEnv: true,
      env: world.env,
    }).output();
    return new TextDecoder().decode(stdout).split("\n").slice(0, -1);
  };
  assertEquals(await ask("ai-claude  au", "au", "ai-claude", "aut"), ["auth"]);
  assertEquals(
    await ask("ai-claude -o ", "", "ai-claude", "-o", ""),
    ["table", "wide", "json", "yaml", "markdown"],
  );
  assertEquals(
    await ask("ai-claude --format=", "", "ai-claude", "--format", "="),
    ["table", "wide", "json", "yaml", "markdown"],
  );
  const split = ["ai-claude", "-p", "p8co", ":", "l"];
  assertEquals(await ask("ai-claude -p p8co:l", "l", ...split), ["lon"]);
  const assigned = ["ai-claude", "-p", "=", "p9eq", "=", "u"];
  assertEquals(await ask("ai-claude -p=p9eq=u", "u", ...assigned), ["ual"]);
});

Deno.test("completions are nothing, and no error, without the program", async () => {
  await using world = await makeWorld();
  await world.write("script", SCRIPTS.bash);
  const script = "source ~/script; COMP_LINE='ai-claude ' COMP_POINT=10; " +
    "COMP_WORDS=(ai-claude ''); COMP_CWORD=1; _ai_claude ai-claude ''; " +
    "echo ${#COMPREPLY[@]}";
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["--norc", "-c", script],
    clearEnv: true,
    env: world.env,
  }).output();
  const decoder = new TextDecoder();
  assertEquals([decoder.decode(stdout), decoder.decode(stderr)], ["0\n", ""]);
});

function startGateway(): LoopbackGateway {
  return startLoopbackGateway({
    noAuth: true,
    providers: [
      { name: "anthropic", type: "anthropic", models: [] },
      { name: "bedrock", type: "bedrock", models: ["us.a.b-v1:0"] },
    ],
  });
}

/** Opens a terminal with a shell that is ready. */
async function openShell(
  { start, first }: Setup,
  world: World,
): Promise<Terminal> {
  const terminal = new Terminal(world, {});
  await terminal.open(world.project);
  await terminal.run(`exec ${start}`);
  await terminal.shows("shell-2>");
  await terminal.type(`${first}; echo rea''dy`, "Enter");
  await terminal.shows("\nready");
  return terminal;
}

/** A world whose `ai-claude` completes, and otherwise notes its arguments. */
async function shellWorld(
  { shell, script }: Setup,
  { url }: LoopbackGateway,
): Promise<World> {
  const world = await makeWorld();
  const profiles = Object.fromEntries([
    ["prod", {
      ai_gateway_url: url,
      auth_mode: "none",
      description: "the: real one",
    }],
    ...NAMES.map((name) => [name, {}]),
    ["line\nbreak", {}],
    ["esc\u001b[2J", {}],
  ]);
  // JSON is YAML.
  await world.write(".rpai/config", { current_profile: "prod", profiles });
  await world.write(script, SCRIPTS[shell]);
  await world.write("project/sub/file one", "");
  await world.write("project/sub/folder/x", "");
  await world.write(
    "bin/ai-claude",
    `#!/bin/sh
if [ "$1" = __complete ]; then
  exec '${Deno.execPath()}' run --quiet --no-prompt -A '${MAIN}' "$@"
fi
for arg; do printf '%s\\n' "$arg"; done >"$HOME/args.new"
mv "$HOME/args.new" "$HOME/args"
`,
    0o755,
  );
  world.env.PATH = `${world.home}/bin:${world.env.PATH}`;
  world.env.LC_ALL = "C.UTF-8";
  return world;
}

/** Types a line with tabs in it, runs it, and returns what the program got. */
async function complete(
  line: string,
  terminal: Terminal,
  { home }: World,
): Promise<string[]> {
  await Deno.remove(`${home}/args`).catch(() => {});
  for (const part of `ai-claude ${line}\n`.split(/([\t\n])/)) {
    if (part === "") continue;
    const key = { "\t": "Tab", "\n": "Enter" }[part];
    await terminal.tmux("send-keys", ...key ? [key] : ["-l", "--", part]);
  }
  const text = await eventually(
    line,
    () => Deno.readTextFile(`${home}/args`).catch(() => undefined),
  );
  // Shells differ in whether the slash of a directory stays.
  return text.split("\n").slice(0, -1).map((arg) => arg.replace(/\/$/, ""));
}

async function has(shell: string): Promise<boolean> {
  try {
    // Where the shells of a test are looked for, too.
    const command = new Deno.Command(shell, {
      args: ["-c", "true"],
      clearEnv: true,
      env: { PATH: "/usr/bin:/bin" },
    });
    return (await command.output()).success;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
