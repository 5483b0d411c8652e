/**
 * A program that cannot load its own packages.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { NAME } from "../base/version.ts";
import { quoteCmd, quoteSh, selfCommand } from "../launch/helper_command.ts";
import type { Sys } from "../system/sys.ts";

/** What Deno says of an import that no deno.json explains. */
const UNKNOWN_IMPORT =
  /^(?:Import "[^"]+" not a dependency|Relative import path "[^"]+" not prefixed)/;

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
  const command = selfCommand(runtime, platform)
    .map(platform === "windows" ? quoteCmd : quoteSh).join(" ");
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
