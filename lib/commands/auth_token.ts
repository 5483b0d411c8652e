/**
 * `ai-claude auth token`
 *
 * @module
 */

import { namesLogin } from "../auth/login_flags.ts";
import { NO_TOKEN, resolveToken, type Token } from "../auth/token.ts";
import { tokenRequest } from "../auth/token_request.ts";
import { parseDuration } from "../base/duration.ts";
import { readTarget } from "../profile/active_profile.ts";
import type { Flags } from "../profile/flags.ts";
import { type Options, resolveOptions } from "../profile/options.ts";
import type { Sys } from "../system/sys.ts";

/** Prints a token that is valid now, or nothing and an error. */
export async function authToken(flags: Flags, sys: Sys): Promise<number> {
  const within = flags["refresh-within"];
  const refreshWithinMs = within === undefined
    ? undefined
    : parseDuration(within, "--refresh-within");
  if (namesLogin(flags) && !asksRpk(flags)) {
    // Run by Claude Code as a compiled program: the environment has no say.
    const options = resolveOptions(flags, { ...sys, env: {} });
    const { namedToken } = await import("../auth/helper.ts");
    const token = await namedToken(flags, sys, refreshWithinMs);
    return await print(token, options, sys);
  }
  const options = resolveOptions(flags, sys);
  const target = await readTarget(options, sys);
  const request = { ...tokenRequest(flags, options, target), refreshWithinMs };
  const token = await resolveToken(request, sys);
  if (token.reason !== undefined && options.verbose) {
    const { reporter } = await import("../system/reporter.ts");
    (await reporter(options, sys)).debug(token.reason);
  }
  return await print(token, options, sys);
}

/** Whether a person asks for `rpk`: a launch would say which one. */
function asksRpk(flags: Flags): boolean {
  return flags["auth-mode"] === "rpk" && flags.rpk === undefined;
}

/** Prints a line, or a document for the formats that are one. */
async function print(
  { value, expiresAt }: Token,
  { format }: Options,
  sys: Pick<Sys, "out">,
): Promise<number> {
  const token = value ?? NO_TOKEN;
  if (format !== "json" && format !== "yaml") {
    sys.out(`${token}\n`);
    return 0;
  }
  const { renderDocument } = await import("../base/render.ts");
  const expires = expiresAt === undefined
    ? null
    : new Date(expiresAt).toISOString();
  sys.out(renderDocument(format, { token, expires_at: expires }));
  return 0;
}
