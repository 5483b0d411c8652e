/**
 * `ai-claude completions bash|zsh|fish`
 *
 * @module
 */

import type { Command } from "../cli/command.ts";
import { isShell, SCRIPTS } from "../cli/completion/completion_scripts.ts";
import { CliError } from "../base/errors.ts";
import { render } from "../base/render.ts";
import { resolveOptions } from "../profile/options.ts";
import type { Sys } from "../system/sys.ts";

/** Prints a script; returns the exit code. */
export function completions(
  { flags, shell }: Extract<Command, { kind: "completions" }>,
  sys: Pick<Sys, "env" | "platform" | "cwd" | "out">,
): number {
  const { format } = resolveOptions(flags, sys);
  if (!isShell(shell)) {
    const shells = Object.keys(SCRIPTS);
    throw new CliError("usage", `no completions for shell "${shell}"`, {
      hint: `shells: ${shells.join(", ")}`,
      suggest: { word: shell, among: shells, show: "likely" },
    });
  }
  const script = SCRIPTS[shell];
  sys.out(render(format, { shell, script }, () => script));
  return 0;
}
