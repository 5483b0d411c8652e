/**
 * Signing in: the device grant, from the code on the screen to the stored login.
 *
 * @module
 */

import { readTarget, selectProfile } from "../profile/active_profile.ts";
import { changeConfig } from "../profile/change_config.ts";
import type { Options } from "../profile/options.ts";
import { askLine, checkAnswer, isYes } from "../system/ask_line.ts";
import { type AuthServer, authServer, checkIssuer } from "./auth_server.ts";
import { browserCommand } from "../system/browser.ts";
import { withLogin } from "./credentials.ts";
import {
  changeCredentials,
  credentialsPath,
  prepareToStore,
} from "./credentials_store.ts";
import { showDuration } from "../base/duration.ts";
import { CliError, OAuthError } from "../base/errors.ts";
import {
  type DeviceCode,
  endpointsOf,
  pollDeviceGrant,
  requestDeviceCode,
} from "./oauth.ts";
import type { Grant } from "./token_answer.ts";
import type { Reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";

/** Polls in a row that may fail on the network before the sign-in does. */
const MAX_NETWORK_FAILURES = 3;

/** Seconds that `slow_down` adds to the interval (RFC 8628, section 3.5). */
const SLOW_DOWN_S = 5;

/**
 * Signs in at a server and stores the login. Always a fresh grant.
 *
 * @throws {CliError} `unauthenticated` when the user or the issuer refuses,
 * `cancelled` at Ctrl-C, `failure` when it cannot be stored
 */
export async function login(
  named: AuthServer,
  options: { browser: boolean },
  sys: Sys,
  report: Reporter,
): Promise<void> {
  const path = credentialsPath(sys);
  const aside = await prepareToStore(path, sys);
  if (aside !== undefined) {
    report.warn(`the credentials file was not understood: moved to ${aside}`);
  }
  using interrupt = sys.interruptible();
  let granted: Grant;
  try {
    const server = { ...named, endpoints: await endpointsOf(named, sys) };
    const code = await requestDeviceCode(server, sys);
    const opened = options.browser && await openBrowser(code.url, sys);
    sys.err(instructions(code, opened));
    granted = await waitForUser(server, code, interrupt.signal, sys);
  } catch (error) {
    if (interrupt.signal.aborted) {
      throw new CliError(
        "cancelled",
        "sign-in cancelled; nothing was changed",
        { hint: "start again: ai-claude auth login" },
      );
    }
    throw describeRefusal(error);
  }
  const grant = { ...granted, obtainedAt: sys.now() };
  await changeCredentials(
    path,
    (file, replace) => replace(withLogin(file, named.issuer, grant)),
    sys,
  );
  sys.err(`signed in as ${grant.identity ?? "(no name in the token)"}\n`);
  if (grant.refreshToken === undefined) {
    const left = showDuration(grant.expiresAt - sys.now());
    report.warn(
      `the issuer granted no refresh token: sign in again in ${left}`,
    );
  }
}

function instructions(code: DeviceCode, opened: boolean): string {
  return (opened ? "A browser window opens. If not, go to" : "Go to") +
    `\n\n  ${code.url}\n\nand check that it shows the code ${code.userCode}\n\n`;
}

async function openBrowser(url: string, sys: Sys): Promise<boolean> {
  const command = await browserCommand(url, sys);
  if (command === undefined) return false;
  // Some openers are the browser itself: nobody waits for them or ends them.
  try {
    sys.detach(command);
    return true;
  } catch {
    return false;
  }
}

async function waitForUser(
  server: AuthServer,
  code: DeviceCode,
  signal: AbortSignal,
  sys: Sys,
): Promise<Grant> {
  const deadline = sys.now() + code.expiresIn * 1000;
  const live = sys.isTerminal("stderr");
  const left = () => showDuration(deadline - sys.now());
  let interval = code.interval;
  let failures = 0;
  if (!live) sys.err(`waiting for you to agree, for at most ${left()}\n`);
  try {
    while (sys.now() < deadline) {
      if (live) sys.err(`\r\x1b[Kwaiting for you to agree (${left()} left)`);
      await sys.sleep(interval * 1000, signal);
      try {
        return await pollDeviceGrant(server, code.deviceCode, sys);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof OAuthError) {
          failures = 0;
          if (error.code === "slow_down") interval += SLOW_DOWN_S;
          else if (error.code !== "authorization_pending") throw error;
        } else if (++failures >= MAX_NETWORK_FAILURES) throw error;
        else interval *= 2;
      }
    }
  } finally {
    if (live) sys.err("\r\x1b[K");
  }
  throw new OAuthError("expired_token", "");
}

/** The issuer's refusals, each with its own words. */
function describeRefusal(error: unknown): unknown {
  if (!(error instanceof OAuthError)) return error;
  const messages: Record<string, string> = {
    access_denied: "the sign-in was refused in the browser",
    expired_token: "the code expired before anybody agreed",
  };
  return new CliError(
    "unauthenticated",
    messages[error.code] ?? `the issuer refused the sign-in: ${error.message}`,
    { hint: "start again: ai-claude auth login", cause: error },
  );
}

/**
 * Asks at the terminal and signs in. The answer may be another server's URL when
 * the profile names none: then it becomes the profile's.
 *
 * @returns whether that was done; `false` after a no
 */
export async function offerSignIn(
  options: Options,
  sys: Sys,
  report: Reporter,
): Promise<boolean> {
  const { profile } = await readTarget(options, sys);
  const ownIssuer = profile === undefined || profile.auth?.issuer !== undefined;
  const question = `Nobody is signed in at ${authServer(profile).issuer}. ` +
    `Sign in now? [Y/n${ownIssuer ? "" : " or another server's URL"}]`;
  for (;;) {
    const ending = { what: "sign-in", again: "ai-claude auth login" };
    const answer = await askLine(question, ending, sys);
    if (isYes(answer)) {
      await login(authServer(profile), { browser: true }, sys, report);
      return true;
    }
    if (ownIssuer || !/[.:]/.test(answer)) return false;
    const issuer = await checkAnswer(() => checkIssuer(answer, "typed"), sys);
    if (issuer === undefined) continue;
    const { name, auth } = profile;
    const server = authServer({ name, auth: { ...auth, issuer } });
    await login(server, { browser: true }, sys, report);
    await changeConfig(options.configPath!, (config) => {
      selectProfile(config, name, config.path);
      return { kind: "set", name, values: { "auth.issuer": issuer } };
    }, sys);
    return true;
  }
}
