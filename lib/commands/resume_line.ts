/**
 * How to resume a session through the gateway. The `claude --resume ID` that
 * Claude Code itself prints would bypass it.
 *
 * @module
 */

import { typed } from "../base/quote_word.ts";
import { ALL_FLAGS, type Flags, spellings } from "../profile/flags.ts";
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
  const words = ALL_FLAGS.flatMap((spec): string[] => {
    const { name } = spec;
    const value = flags[name as keyof Flags];
    if (value === undefined || name === "token") return [];
    const short = spellings(spec).find((each) => each.length === 2);
    const flag = short ?? `--${name}`;
    if (value === true) return [flag];
    return `${value}`.startsWith("-")
      ? [`--${name}=${value}`]
      : [flag, `${value}`];
  });
  const line = typed([...words, "--", "--continue"], platform);
  return `resume through the gateway: ai-claude ${line}`;
}
