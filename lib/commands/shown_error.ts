/**
 * The error that a person is shown for one that ended a command.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { NAME } from "../base/version.ts";
import { typed } from "../base/quote_word.ts";
import { selfCommand } from "../launch/helper_command.ts";
import type { Sys } from "../system/sys.ts";

/** What Deno says of an import that no deno.json explains. */
const UNKNOWN_IMPORT =
  /^(?:Import "[^"]+" not a dependency|Relative import path "[^"]+" not prefixed)/;

/** The error itself, or one that says in the user's own words what to do. */
export async function shownError(
  error: unknown,
  argv: readonly string[],
  sys: Pick<Sys, "runtime" | "platform">,
): Promise<unknown> {
  const unconfigured = startError(error, sys);
  if (unconfigured !== undefined) return unconfigured;
  // A package comes with it, which could not be loaded then.
  const { inOwnWords } = await import("../cli/own_words.ts");
  return inOwnWords(error, argv, sys.platform);
}

/**
 * The error to show when a checkout runs without its own `deno.json`:
 * `deno install -g` from a checkout makes such a command, and `--no-config` does.
 */
export function startError(
  error: unknown,
  { runtime, platform }: Pick<Sys, "runtime" | "platform">,
): CliError | undefined {
  if (
    !(error instanceof TypeError) || !UNKNOWN_IMPORT.test(error.message) ||
    !runtime.mainModule.startsWith("file:")
  ) return undefined;
  const command = typed(selfCommand(runtime, platform), platform);
  return new CliError(
    "failure",
    `cannot run ${runtime.mainModule}: Deno was not told of its deno.json, as ` +
      "after `deno install -g` from a checkout",
    {
      hint: `deno install -g -A -f jsr:${NAME}, or \`deno task compile\` in ` +
        `the checkout, or an alias for: ${command}`,
      cause: error,
    },
  );
}
