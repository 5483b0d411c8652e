/**
 * How to resume a session through the gateway. The `claude --resume ID` that
 * Claude Code itself prints would bypass it.
 *
 * @module
 */

import { typed } from "../base/quote_word.ts";
import { ALL_FLAGS } from "../cli/flag_table.ts";
import type { Flags } from "../profile/flags.ts";
import type { Platform } from "../system/sys.ts";

/**
 * The line, with the launch's own flags; a token is not repeated.
 *
 * @example
 * ```ts
 * import { resumeLine } from "./resume_line.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   resumeLine({ llmprovider: "anthropic", relay: true }, "linux"),
 *   "resume through the gateway: " +
 *     "ai-claude -L anthropic --relay -- --continue",
 * );
 * ```
 */
export function resumeLine(flags: Flags, platform: Platform): string {
  const words = ALL_FLAGS.flatMap(({ name, aliases }): string[] => {
    const value = flags[name as keyof Flags];
    if (value === undefined || name === "token") return [];
    const short = aliases.find((alias) => alias.length === 1);
    const flag = short === undefined ? `--${name}` : `-${short}`;
    if (value === true) return [flag];
    return `${value}`.startsWith("-")
      ? [`--${name}=${value}`]
      : [flag, `${value}`];
  });
  const line = typed([...words, "--", "--continue"], platform);
  return `resume through the gateway: ai-claude ${line}`;
}
