/**
 * Reading the caller's arguments for Claude Code.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";

/**
 * Claude Code's options that take the next argument as their value and can come
 * before a subcommand (`claude --help`, 2.1.330).
 */
const VALUE_OPTIONS = new Set([
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
  "--settings",
  "--system-prompt",
  "--system-prompt-snapshot",
]);

/** Its other options, and short spellings (`claude --help`, 2.1.332). */
const OTHER_OPTIONS = new Set([
  ...["-c", "--continue", "-r", "--resume", "-p", "--print", "-w", "-d"],
  ...["--add-dir", "--allow-dangerously-skip-permissions", "--allowedTools"],
  ...["--allowed-tools", "--ax-screen-reader", "--background", "--bare"],
  ...["--betas", "--bg", "--brief", "--chrome", "--cloud"],
  ...["--dangerously-skip-permissions", "--debug", "--desktop"],
  ...["--disable-slash-commands", "--disallowedTools", "--disallowed-tools"],
  ...["--exclude-dynamic-system-prompt-sections", "--file", "--fork-session"],
  ...["--forward-subagent-text", "--from-pr", "--ide", "--mcp-config"],
  ...["--include-hook-events", "--include-partial-messages", "--no-chrome"],
  ...["--no-session-persistence", "--prompt-suggestions", "--restricted"],
  ...["--remote-control", "--replay-user-messages", "--safe-mode"],
  ...["--strict-mcp-config", "--teleport", "--tmux", "--tools", "--worktree"],
]);

/** Its subcommands (2.1.332). */
const SUBCOMMANDS = new Set([
  ...["agents", "attach", "auth", "auto-mode", "daemon", "doctor", "gateway"],
  ...["import", "install", "kill", "logs", "mcp", "plugin", "plugins", "purge"],
  ...["respawn", "rm", "setup-token", "stop", "ultrareview", "update"],
  ...["upgrade"],
]);

/** Options with which no session begins on this terminal. */
const NO_SESSION = new Set([
  ...["--help", "-h", "--version", "-v", "--bg", "--background"],
  ...["--cloud", "--desktop", "--teleport"],
]);

/** Whether Claude Code has such an option. */
export function isOption(name: string): boolean {
  return VALUE_OPTIONS.has(name) || OTHER_OPTIONS.has(name);
}

/** Whether Claude Code has such a subcommand. */
export function isSubcommand(word: string): boolean {
  return SUBCOMMANDS.has(word);
}

/** An argument, with its value when it is an option that takes one. */
interface Item {
  /** The option's name, or the word. */
  name: string;
  /** The value, from the next argument or after `=`. */
  value?: string;
  /** The arguments it was read from. */
  args: readonly string[];
}

/** Reads arguments up to Claude Code's own `--`: what follows is a prompt. */
function* items(args: readonly string[]): Generator<Item> {
  const end = args.indexOf("--");
  const last = end === -1 ? args.length : end;
  for (let i = 0; i < last; i++) {
    const arg = args[i];
    const [, name, value] = /^(--[^=]+)=(.*)$/s.exec(arg) ?? [];
    if (name !== undefined) yield { name, value, args: [arg] };
    else if (VALUE_OPTIONS.has(arg) && i + 1 < last) {
      yield { name: arg, value: args[i + 1], args: [arg, args[++i]] };
    } else yield { name: arg, args: [arg] };
  }
}

/**
 * Takes every `--settings X` and `--settings=X` out of the arguments.
 *
 * @example
 * ```ts
 * import { takeSettings } from "./claude_args.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(takeSettings(["-p", "--settings", "{}", "hi"]), {
 *   values: ["{}"],
 *   rest: ["-p", "hi"],
 * });
 * ```
 *
 * @throws {CliError} `usage` when the value is missing
 */
export function takeSettings(
  args: readonly string[],
): { values: string[]; rest: string[] } {
  const values: string[] = [];
  const rest: string[] = [];
  for (const { name, value, args: read } of items(args)) {
    if (name !== "--settings") rest.push(...read);
    else if (value !== undefined) values.push(value);
    else {
      throw new CliError("usage", "no value for Claude Code's --settings", {
        hint: "give it a file or inline JSON",
      });
    }
  }
  const end = args.indexOf("--");
  return { values, rest: end === -1 ? rest : [...rest, ...args.slice(end)] };
}

/** The last value of an option; `undefined` when it is not given. */
export function optionValue(
  args: readonly string[],
  name: string,
): string | undefined {
  return [...items(args)].findLast((item) => item.name === name)?.value;
}

/** The first of these switches that is given. */
export function findSwitch(
  args: readonly string[],
  names: readonly string[],
): string | undefined {
  return [...items(args)].find(({ name }) => names.includes(name))?.args[0];
}

/**
 * The first word, if it can be a subcommand. After `-p` any word is a prompt
 * (measured on 2.1.332).
 *
 * @example
 * ```ts
 * import { subcommand } from "./claude_args.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(subcommand(["--verbose", "agents"]), "agents");
 * assertEquals(subcommand(["-p", "agents"]), undefined);
 * ```
 */
export function subcommand(args: readonly string[]): string | undefined {
  for (const { name } of items(args)) {
    if (!name.startsWith("-")) return name;
    if (isPrint(name)) return undefined;
  }
  return undefined;
}

/**
 * Whether the arguments begin a session in which somebody types.
 *
 * @example
 * ```ts
 * import { isInteractive } from "./claude_args.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isInteractive(["--continue", "fix it"]), true);
 * assertEquals(isInteractive(["-p", "fix it"]), false);
 * assertEquals(isInteractive(["mcp", "list"]), false);
 * ```
 */
export function isInteractive(args: readonly string[]): boolean {
  for (const { name } of items(args)) {
    if (isPrint(name) || NO_SESSION.has(name)) return false;
  }
  return !isSubcommand(subcommand(args) ?? "");
}

function isPrint(name: string): boolean {
  return name === "--print" || /^-[a-z]*p[a-z]*$/i.test(name);
}
