/**
 * The second half of a launch: the gateway's answer, the settings files and the
 * caller's arguments go to the pure planner.
 *
 * @module
 */

import { clientFlags, type Flags } from "./flags.ts";
import { readCallerSettings } from "./caller_settings.ts";
import { RELAY_PLACEHOLDER } from "./carrier.ts";
import { takeSettings } from "./claude_args.ts";
import { claudeConfigHome, readSettings } from "./claude_settings.ts";
import type { AuthMode } from "./config.ts";
import { listProviders } from "./gateway.ts";
import { parseGatewayUrl, providerUrl } from "./gateway_url.ts";
import { helperCommand } from "./helper_command.ts";
import { decideMode, type ModeInput, wantsAlternatives } from "./mode.ts";
import type { ModelChoice } from "./models.ts";
import { absolutePath } from "./find_program.ts";
import { type LaunchInput, planLaunch } from "./plan.ts";
import type { Inquiry, LaunchRequest, Prepared } from "./prepare.ts";
import type { Reporter } from "./report.ts";
import type { Sys } from "./sys.ts";
import { resolveToken, type Token } from "./token.ts";

/**
 * Plans the launch that was inquired about.
 *
 * @throws {CliError} whatever stands in its way
 */
export async function assembleLaunch(
  { flags, claudeArgs }: LaunchRequest,
  inquiry: Inquiry,
  claude: string | undefined,
  sys: Sys,
  report: Reporter,
): Promise<Prepared> {
  const { options, target: { profile }, client, name } = inquiry;
  const { gatewayUrl: endpoint } = client;
  const { values, rest } = takeSettings(claudeArgs);
  const callerSettings = await readCallerSettings(
    values.map((value) => settingsSource(value, sys)),
    sys,
  );
  const claudeConfigDir = flags["claude-config-dir"] === undefined
    ? undefined
    : absolutePath(flags["claude-config-dir"], sys);
  const files = await readSettings(sys, claudeConfigDir);
  const lookup = await inquiry.lookup;
  report.debug(`provider ${name}: ${lookup.kind}`);

  const modeInput: ModeInput = {
    name,
    lookup,
    flags: { passthrough: !!flags.passthrough, bedrock: !!flags.bedrock },
    printOnly: claude === undefined,
  };
  if (wantsAlternatives(modeInput)) {
    const list = await listProviders(client, sys);
    if (list.kind === "providers") modeInput.others = list.providers;
  }
  const { mode, provider, warnings } = decideMode(modeInput);
  if (mode === "passthrough") {
    // Here the subscription login travels too, whatever the auth mode says.
    parseGatewayUrl(endpoint, { from: "passthrough", sendsCredential: true });
  }
  const relay = !flags["no-relay"] && (flags.relay ?? profile?.relay ?? false);
  const keepsOne = mode === "passthrough" &&
    !(relay && inquiry.token?.refreshable);
  const token = keepsOne
    ? await longLived(inquiry, claude === undefined, sys, warnings)
    : inquiry.token;
  const address = providerUrl(endpoint, name, provider?.url);
  if (address.ignored) {
    warnings.push(
      `provider "${name}" names a URL of another origin; ignored: a token only ` +
        `goes to ${endpoint}`,
    );
  }
  if (token?.notice !== undefined) warnings.push(token.notice);

  const input: LaunchInput = {
    mode,
    ...(relay ? { relayUrl: RELAY_PLACEHOLDER } : {}),
    providerName: name,
    provider,
    providerUrl: address.url,
    helper: helperCommand({
      runtime: sys.runtime,
      platform: sys.platform,
      configPath: profile !== undefined || options.configNamed
        ? options.configPath
        : undefined,
      profile: profile?.name,
      endpoint,
      client: machineClient(flags, profile?.authMode, sys),
    }),
    // Without a token, which only a dry run may be, the header is still shown.
    token: token === undefined ? "" : token.value,
    staticToken: options.token !== undefined,
    secretInEnv: options.token === undefined &&
      profile?.authMode === "client_credentials" &&
      !flags["client-secret-file"] && !sys.env.RPAI_CLIENT_SECRET_FILE,
    credentialsPath: sys.env.RPAI_CREDENTIALS
      ? absolutePath(sys.env.RPAI_CREDENTIALS, sys)
      : "",
    requestedModel: flags.model !== undefined
      ? { id: flags.model, from: "--model" }
      : profileModel(profile),
    claudeConfigDir,
    configHome: claudeConfigHome(sys, claudeConfigDir),
    claudeArgs: rest,
    callerSettings,
    files,
    env: sys.env,
    platform: sys.platform,
  };
  const plan = planLaunch(input);
  plan.warnings.unshift(...warnings);
  if (claude !== undefined && values.length > 0) {
    const { validateSettings } = await import("./validate_settings.ts");
    await validateSettings(claude, callerSettings.values, sys);
  }
  return {
    plan,
    ...(relay && claude !== undefined && token !== undefined
      ? { relay: { input, token, tokenRequest: inquiry.tokenRequest } }
      : {}),
    secrets: token?.value === undefined ? [] : [token.value],
    secretNames: Object.keys(callerSettings.env),
  };
}

/** Least time that a passthrough session's token should have, in milliseconds. */
const SESSION_MS = 15 * 60_000;

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
    const { showDuration } = await import("./duration.ts");
    warnings.push(
      `the gateway token expires in ${showDuration(left(fresh))}, and a ` +
        "passthrough session cannot get another: sign in anew before a long one",
    );
  }
  return fresh;
}

/** What the helper is told of a client that signs in by itself. */
function machineClient(
  flags: Flags,
  authMode: AuthMode | undefined,
  sys: Sys,
): { id?: string; secretFile?: string } | undefined {
  if (authMode !== "client_credentials") return undefined;
  const { id, secretFile } = clientFlags(flags);
  const file = secretFile ?? sys.env.RPAI_CLIENT_SECRET_FILE;
  return {
    id: id ?? sys.env.RPAI_CLIENT_ID,
    secretFile: file ? absolutePath(file, sys) : undefined,
  };
}

function profileModel(
  profile: { name: string; model?: string } | undefined,
): ModelChoice | undefined {
  return profile?.model === undefined
    ? undefined
    : { id: profile.model, from: `profile ${profile.name}` };
}

function settingsSource(value: string, sys: Sys): string {
  return value.trimStart().startsWith("{") ? value : absolutePath(value, sys);
}
