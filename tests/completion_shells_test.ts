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
} from "../lib/loopback_gateway/gateway.ts";
import { isShell, SCRIPTS, type Shell } from "../lib/completion_scripts.ts";
import { MAIN, makeWorld, type World } from "./program.ts";
import { eventually, hasTmux, Terminal } from "./terminal.ts";

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

/** Within quotes that are open; what a quote cannot hold is not offered. */
const QUOTED: Case[] = [
  { typed: 'profile use "p3\t', args: ["profile", "use", NAMES[2]] },
  { typed: "profile use 'p4\t", args: ["profile", "use", NAMES[3]] },
  { typed: "profile use p1\\ a\t", args: ["profile", "use", NAMES[0]] },
];

/** How a shell is started without anybody's own files, and takes a script. */
const SHELLS: Record<Shell, { start: string; source: string; more: Case[] }> = {
  bash: {
    start: "bash --norc --noprofile",
    source: "source ~/script",
    more: [
      ...QUOTED,
      { typed: 'profile use "p5\t', args: ["profile", "use", NAMES[4]] },
      { typed: '--profile="p3\t', args: [`--profile=${NAMES[2]}`] },
    ],
  },
  zsh: {
    start: "zsh -f",
    source: "autoload -U compinit; compinit -u -D; source ~/script",
    more: QUOTED,
  },
  fish: { start: "fish --no-config", source: "source ~/script", more: QUOTED },
};

const TMUX = await hasTmux();

for (const [shell, { start, source, more }] of Object.entries(SHELLS)) {
  if (!isShell(shell)) throw new Error(shell);
  Deno.test({
    name: `completions in ${shell} give the program what was meant` +
      ` (needs tmux and ${shell})`,
    ignore: !TMUX || !await has(shell),
    fn: async () => {
      await using gateway = startGateway();
      await using world = await shellWorld(shell, gateway);
      await using terminal = new Terminal(world, {});
      await terminal.open(world.project);
      await terminal.type(`exec ${start}`, "Enter");
      await terminal.type(`${source}; echo rea''dy`, "Enter");
      await terminal.shows("\nready");
      for (const { typed, args } of [...LINES, ...more]) {
        assertEquals(await complete(typed, terminal, world), args, typed);
      }
      assertFalse(await exists(`${world.project}/pwned`));
    },
  });
}

Deno.test({
  name: "completions in bash work beside bash-completion (needs tmux)",
  ignore: !TMUX || !await exists(BASH_COMPLETION()),
  fn: async () => {
    await using gateway = startGateway();
    await using world = await shellWorld("bash", gateway);
    const dir = ".local/share/bash-completion/completions";
    await world.write(`${dir}/ai-claude`, SCRIPTS.bash);
    await using terminal = new Terminal(world, {});
    await terminal.open(world.project);
    await terminal.type(`source ${BASH_COMPLETION()}; echo rea''dy`, "Enter");
    await terminal.shows("\nready");
    for (const { typed, args } of LINES) {
      assertEquals(await complete(typed, terminal, world), args, typed);
    }
  },
});

/** Where Debian's package and others put it. */
function BASH_COMPLETION(): string {
  return "/usr/share/bash-completion/bash_completion";
}

Deno.test({
  name: "completions in zsh work as a file in fpath (needs tmux and zsh)",
  ignore: !TMUX || !await has("zsh"),
  fn: async () => {
    await using gateway = startGateway();
    await using world = await shellWorld("zsh", gateway);
    await world.write(".zfunc/_ai-claude", SCRIPTS.zsh);
    await using terminal = new Terminal(world, {});
    await terminal.open(world.project);
    await terminal.type("exec zsh -f", "Enter");
    const source = "fpath+=~/.zfunc; autoload -U compinit; compinit -u -D";
    await terminal.type(`${source}; echo rea''dy`, "Enter");
    await terminal.shows("\nready");
    for (const { typed, args } of [LINES[0], LINES[5], LINES[10]]) {
      assertEquals(await complete(typed, terminal, world), args, typed);
    }
  },
});

Deno.test({
  name: "zsh and fish show what candidates are (needs tmux, zsh and fish)",
  ignore: !TMUX || !await has("zsh") || !await has("fish"),
  fn: async () => {
    await using gateway = startGateway();
    for (const shell of ["zsh", "fish"] as const) {
      await using world = await shellWorld(shell, gateway);
      await using terminal = new Terminal(world, {});
      await terminal.open(world.project);
      await terminal.type(`exec ${SHELLS[shell].start}`, "Enter");
      await terminal.type(`${SHELLS[shell].source}; echo rea''dy`, "Enter");
      await terminal.shows("\nready");
      await terminal.type("ai-claude auth ", "Tab", "Tab");
      await terminal.shows("print a gateway token that is valid now");
      await terminal.type("", "C-c");
      await terminal.type("ai-claude profile use prod", "C-c");
      await terminal.type("clear; ai-claude profile use p", "Tab", "Tab");
      await terminal.shows("the: real one");
    }
  },
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

/** A world whose `ai-claude` completes, and otherwise notes its arguments. */
async function shellWorld(
  shell: Shell,
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
  await world.write("script", SCRIPTS[shell]);
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
    const command = new Deno.Command(shell, { args: ["-c", "true"] });
    return (await command.output()).success;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
