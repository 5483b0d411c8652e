/**
 * The caller's arguments for Claude Code, as far as the launcher must know them.
 *
 * @module
 */

import { CliError } from "./errors.ts";

/**
 * Claude Code's options that take the next argument as their value, of those
 * that may stand before a subcommand (`claude --help`, 2.1.330).
 */
const VALUE_OPTIONS = new Set([
  "--agent",
  "--agents",
  "--append-system-prompt",
  "--debug-file",
  "--effort",
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
  "--session-id",
  "--setting-sources",
  "--settings",
  "--system-prompt",
  "--system-prompt-snapshot",
]);

/** Splits at Claude Code's own `--`: what follows is a prompt. */
function options(args: readonly string[]): readonly string[] {
  const end = args.indexOf("--");
  return end === -1 ? args : args.slice(0, end);
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
  const scanned = options(args);
  const values: string[] = [];
  const rest: string[] = [];
  for (let i = 0; i < scanned.length; i++) {
    const arg = scanned[i];
    if (arg === "--settings") {
      if (i + 1 >= scanned.length) {
        throw new CliError("usage", "no value for Claude Code's --settings", {
          hint: "give it a file or inline JSON",
        });
      }
      values.push(scanned[++i]);
    } else if (arg.startsWith("--settings=")) {
      values.push(arg.slice("--settings=".length));
    } else {
      rest.push(arg);
      if (VALUE_OPTIONS.has(arg) && i + 1 < scanned.length) {
        rest.push(scanned[++i]);
      }
    }
  }
  return { values, rest: [...rest, ...args.slice(scanned.length)] };
}

/** The last value of an option; `undefined` when it is not given. */
export function optionValue(
  args: readonly string[],
  name: string,
): string | undefined {
  const scanned = options(args);
  let value: string | undefined;
  for (let i = 0; i < scanned.length; i++) {
    if (scanned[i] === name) value = scanned[++i];
    else if (scanned[i].startsWith(`${name}=`)) {
      value = scanned[i].slice(name.length + 1);
    } else if (VALUE_OPTIONS.has(scanned[i])) i++;
  }
  return value;
}

/** Which of some switches is given. */
export function findSwitch(
  args: readonly string[],
  names: readonly string[],
): string | undefined {
  const scanned = options(args);
  return scanned.find((arg, i) =>
    names.includes(arg.split("=")[0]) && !VALUE_OPTIONS.has(scanned[i - 1])
  );
}

/** The first word that is neither an option nor the value of one. */
export function firstWord(args: readonly string[]): string | undefined {
  const scanned = options(args);
  return scanned.find((arg, i) =>
    !arg.startsWith("-") && !VALUE_OPTIONS.has(scanned[i - 1])
  );
}
