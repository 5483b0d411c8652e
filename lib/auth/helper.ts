/**
 * `auth token` as Claude Code runs it, many times a session: prints the token of
 * the login that its arguments name. It reads no config file, and no variable
 * that could change whose token that is.
 *
 * An entry of its own: from a registry a program is loaded with all that it could
 * ever import, which from here must be little, and no npm package.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CliError } from "../base/errors.ts";
import { oneLine } from "../base/printable.ts";
import { type BaseSys, denoBase } from "../system/deno_base.ts";
import { LOGIN_FLAGS, type LoginFlags, loginFromFlags } from "./login_flags.ts";
import { tokenForHelper } from "./handed_out.ts";
import { NO_TOKEN, type Token } from "./token.ts";

/**
 * The token of the login that flags name.
 *
 * `ai-claude auth token` shares it; that import is also what makes Deno fetch
 * this module together with the program, so that it is there offline.
 *
 * @internal
 * @throws {CliError} usage, unauthenticated, unavailable
 */
export async function namedToken(
  flags: LoginFlags,
  sys: BaseSys,
  refreshWithinMs?: number,
): Promise<Token> {
  const login = loginFromFlags(flags, sys.platform);
  return await tokenForHelper(login, sys, refreshWithinMs);
}

async function printToken(argv: string[], sys: BaseSys): Promise<number> {
  try {
    const token = await namedToken(readFlags(argv), sys);
    sys.out(`${token.value ?? NO_TOKEN}\n`);
    return 0;
  } catch (error) {
    const { message, hint, exitCode } = error instanceof CliError
      ? error
      : { message: `a bug: ${error}`, hint: "report this", exitCode: 1 };
    sys.err(`error: ${oneLine(message)}\nhint: ${oneLine(hint ?? "")}\n`);
    return exitCode;
  }
}

function readFlags(argv: string[]): LoginFlags {
  const refuse = (arg: unknown): never => {
    const shown = String(arg).split("=")[0];
    throw new CliError("usage", `unexpected argument "${shown}"`, {
      hint: "Claude Code runs this; for people there is `ai-claude auth token`",
    });
  };
  const parsed = parseArgs(argv, { string: [...LOGIN_FLAGS], unknown: refuse });
  if (parsed._.length > 0) refuse(parsed._[0]);
  const flags: LoginFlags = {};
  for (const name of LOGIN_FLAGS) {
    const value = parsed[name];
    if (typeof value === "string") flags[name] = value;
  }
  return flags;
}

if (import.meta.main) Deno.exit(await printToken(Deno.args, denoBase()));
