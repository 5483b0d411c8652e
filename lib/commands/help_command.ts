/**
 * `ai-claude help`, and `--help` with any command.
 *
 * @module
 */

import type { Command } from "../cli/command.ts";
import { helpText } from "../cli/help.ts";
import type { Sys } from "../system/sys.ts";

/** Prints the help of a topic; resolves to the exit code. */
export async function help(
  { flags, topic }: Extract<Command, { kind: "help" }>,
  sys: Pick<Sys, "env" | "isTerminal" | "out">,
): Promise<number> {
  const color = !flags["no-color"] && !sys.env.NO_COLOR &&
    sys.isTerminal("stdout");
  const paint = color ? (await import("@std/fmt/colors")).bold : undefined;
  sys.out(helpText(topic, paint));
  return 0;
}
