/**
 * The second half of a launch: the gateway's answer, the settings files and the
 * caller's arguments go to the pure planner.
 *
 * @module
 */

import type { Flags } from "../profile/flags.ts";
import { listProviders } from "../gateway/client.ts";
import { parseGatewayUrl, providerUrl } from "../gateway/gateway_url.ts";
import { launchInput, usesRelay } from "./launch_input.ts";
import {
  decideMode,
  type ModeInput,
  wantsAlternatives,
} from "../gateway/mode.ts";
import { planLaunch } from "./plan.ts";
import type { Inquiry, LaunchRequest, Prepared } from "./prepare.ts";
import type { Reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";
import { resolveToken, type Token } from "../auth/token.ts";
import { userSettings } from "../claude/user_settings.ts";

/**
 * Plans the launch that was inquired about.
 *
 * @throws {CliError} whatever stands in its way
 */
export async function assembleLaunch(
  request: LaunchRequest,
  inquiry: Inquiry,
  claude: string | undefined,
  sys: Sys,
  report: Reporter,
): Promise<Prepared> {
  const { flags } = request;
  const { client, name, target, tokenRequest } = inquiry;
  const settings = await userSettings(
    request.claudeArgs,
    flags["claude-config-dir"],
    sys,
  );
  const lookup = await inquiry.lookup;
  report.debug(`provider ${name}: ${lookup.kind}`);

  const modeInput: ModeInput = {
    name,
    lookup,
    flags,
    printOnly: claude === undefined,
    tokenSource: inquiry.token?.source,
  };
  if (wantsAlternatives(modeInput)) {
    const list = await listProviders(client, sys);
    if (list.kind === "providers") modeInput.others = list.providers;
  }
  const { mode, provider, warnings } = decideMode(modeInput);
  if (mode === "passthrough") {
    // Here the subscription login travels too, whatever the auth mode says.
    parseGatewayUrl(client.gatewayUrl, {
      from: "passthrough",
      sendsCredential: true,
    });
  }
  const relay = usesRelay(flags, target.profile);
  const keepsOne = mode === "passthrough" &&
    !(relay && inquiry.token?.refreshable);
  const token = keepsOne
    ? await longLived(inquiry, claude === undefined, sys, warnings)
    : inquiry.token;
  if (providerUrl(client.gatewayUrl, name, provider?.url).ignored) {
    warnings.push(
      `provider "${name}" names a URL of another origin; ignored: a token only ` +
        `goes to ${client.gatewayUrl}`,
    );
  }
  if (token?.notice !== undefined) warnings.push(token.notice);
  const chosen = { ...flags, model: await flagModel(flags, inquiry, sys) };
  const answered = { ...inquiry, token, mode, provider };
  const input = launchInput(chosen, answered, settings, sys);
  const plan = planLaunch(input);
  plan.warnings.unshift(...warnings);
  const { callerSettings } = settings;
  if (claude !== undefined && settings.given) {
    const { validateSettings } = await import("../claude/validate_settings.ts");
    await validateSettings(claude, callerSettings.values, sys);
  }
  return {
    plan,
    ...(relay && claude !== undefined && token !== undefined
      ? { relay: { input, token, tokenRequest } }
      : {}),
    secrets: token?.value === undefined ? [] : [token.value],
    secretNames: Object.keys(callerSettings.env),
  };
}

/** Least time that the token of a session should have, in milliseconds. */
export const SESSION_MS = 15 * 60_000;

/** A passthrough session cannot get another token: take one that lasts. */
async function longLived(
  { token, tokenRequest }: Inquiry,
  printOnly: boolean,
  sys: Sys,
  warnings: string[],
): Promise<Token | undefined> {
  const left = (token: Token | undefined) =>
    (token?.expiresAt ?? Infinity) - sys.now();
  if (left(token) >= SESSION_MS) return token;
  const fresh = token?.refreshable && !printOnly
    ? await resolveToken({ ...tokenRequest, refreshWithinMs: SESSION_MS }, sys)
    : token;
  if (left(fresh) < SESSION_MS) {
    const { showDuration } = await import("../base/duration.ts");
    warnings.push(
      `the gateway token expires in ${showDuration(left(fresh))}, and a ` +
        "passthrough session cannot get another: sign in anew before a long one",
    );
  }
  return fresh;
}

/** The value of `--model`; `?` lets the user choose. */
async function flagModel(
  { model }: Flags,
  { name, lookup, options }: Inquiry,
  sys: Sys,
): Promise<string | undefined> {
  if (model !== "?") return model;
  const { chooseModel } = await import("../gateway/choose_provider.ts");
  return await chooseModel(name, await lookup, options.color, sys);
}
