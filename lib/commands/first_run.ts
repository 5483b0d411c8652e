/**
 * What a launch at a terminal lacks, offered step by step: Claude Code, a
 * profile, a login. What is done stays done, so the next run goes on from there.
 *
 * @module
 */

import { offerSignIn } from "../auth/sign_in.ts";
import { NotSignedInError } from "../auth/token.ts";
import type { CliError } from "../base/errors.ts";
import { NotInstalledError } from "../claude/find_claude.ts";
import { listProviders } from "../gateway/client.ts";
import {
  NoGatewayError,
  parseGatewayUrl,
  URL_PATTERN,
} from "../gateway/gateway_url.ts";
import { changeConfig } from "../profile/change_config.ts";
import type { ProfileValues } from "../profile/config_edit.ts";
import type { Options } from "../profile/options.ts";
import { askLine, checkAnswer } from "../system/ask_line.ts";
import type { Reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";
import { sayingWaits } from "../system/waiting.ts";
import { offerInstall } from "./install_claude.ts";
import { checkNewName } from "./profile/profile_context.ts";

/** The name of the first profile. */
const FIRST = "default";

/** Does what an error asks for; resolves to whether it did. */
type Offer = (options: Options, sys: Sys, report: Reporter) => Promise<boolean>;

/** By error, each made once. */
const OFFERS: readonly [new (...args: never[]) => CliError, Offer][] = [
  [NotInstalledError, (_, sys) => offerInstall(sys)],
  [NoGatewayError, offerProfile],
  [NotSignedInError, offerSignIn],
];

/**
 * Offers what work lacks, and tries it again.
 *
 * @param failed why it failed the first time
 * @throws {CliError} that error when nothing can be offered, or it was declined
 */
export async function offerAndRetry<T>(
  failed: unknown,
  work: () => Promise<T>,
  options: Options,
  sys: Sys,
  report: Reporter,
): Promise<T> {
  const left = new Set(OFFERS);
  let error = failed;
  for (;;) {
    const found = [...left].find(([kind]) => error instanceof kind);
    if (found === undefined) throw error;
    left.delete(found);
    const [, offer] = found;
    if (!await offer(options, sys, report)) throw error;
    try {
      return await work();
    } catch (next) {
      error = next;
    }
  }
}

/** Asks for the gateway, and makes the first profile of it. */
async function offerProfile(options: Options, sys: Sys): Promise<boolean> {
  const { configPath: path } = options;
  if (path === undefined) return false;
  sys.err(
    `No profile yet. It needs your gateway's URL, such as ${URL_PATTERN}\n`,
  );
  const values = await askGateway(options, sys);
  if (values === undefined) return false;
  await changeConfig(path, (config) => {
    checkNewName(FIRST, config);
    return { kind: "add", name: FIRST, values };
  }, sys);
  sys.err(`Made profile "${FIRST}" in ${path}\n`);
  return true;
}

/** The gateway's URL and what follows from it; `undefined` to skip this. */
async function askGateway(
  options: Options,
  sys: Sys,
): Promise<ProfileValues | undefined> {
  const ending = { what: "first run", again: "ai-claude" };
  const sendsCredential = options.authMode?.value !== "none";
  let silent: string | undefined;
  for (;;) {
    const question = silent === undefined
      ? "URL of the gateway (Enter to skip):"
      : `URL of the gateway (Enter to use ${silent} anyway):`;
    const answer = await askLine(question, ending, sys);
    if (answer === "") {
      return silent === undefined ? undefined : { ai_gateway_url: silent };
    }
    silent = undefined;
    const url = await checkAnswer(
      () => parseGatewayUrl(answer, { from: "typed", sendsCredential }),
      sys,
    );
    if (url === undefined) continue;
    const client = { gatewayUrl: url, timeoutMs: options.timeoutMs };
    const listing = await listProviders(client, sayingWaits(sys));
    if (listing.kind !== "unavailable") {
      // Where nobody asks for a token, nobody needs to sign in.
      const isOpen = listing.kind === "providers" &&
        listing.providers.length > 0;
      return { ai_gateway_url: url, ...isOpen && { auth_mode: "none" } };
    }
    silent = url;
    sys.err(`No gateway answers at ${listing.message}\n`);
  }
}
