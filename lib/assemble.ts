/**
 * The second half of a launch: the gateway's answer, the settings files and the
 * caller's arguments go to the pure planner.
 *
 * @module
 */

import { clientFlags, type Flags } from "./flags.ts";
import { type CallerSettings, readCallerSettings } from "./caller_settings.ts";
import { takeSettings } from "./claude_args.ts";
import {
  claudeConfigHome,
  readSettings,
  type SettingsFile,
} from "./claude_settings.ts";
import type { AuthMode } from "./config.ts";
import { listProviders } from "./gateway.ts";
import { parseGatewayUrl, providerUrl } from "./gateway_url.ts";
import { helperCommand } from "./helper_command.ts";
import {
  decideMode,
  type Mode,
  type ModeInput,
  wantsAlternatives,
} from "./mode.ts";
import type { ModelChoice } from "./models.ts";
import { absolutePath } from "./find_program.ts";
import { type LaunchInput, planLaunch } from "./plan.ts";
import type { Inquiry, LaunchRequest, Prepared } from "./prepare.ts";
import type { Provider } from "./provider.ts";
import type { Reporter } from "./report.ts";
import type { Sys } from "./sys.ts";
import { resolveToken, type Token } from "./token.ts";

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
  const { client, name } = inquiry;
  const settings = await userSettings(request, sys);
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
    parseGatewayUrl(client.gatewayUrl, {
      from: "passthrough",
      sendsCredential: true,
    });
  }
  const token = mode === "passthrough"
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
  const plan = planLaunch(
    launchInput(chosen, { ...inquiry, token, mode, provider }, settings, sys),
  );
  plan.warnings.unshift(...warnings);
  const { callerSettings } = settings;
  if (claude !== undefined && settings.given) {
    const { validateSettings } = await import("./validate_settings.ts");
    await validateSettings(claude, callerSettings.values, sys);
  }
  return {
    plan,
    secrets: token?.value === undefined ? [] : [token.value],
    secretNames: Object.keys(callerSettings.env),
  };
}

/** What the user's own arguments and settings files say. */
export interface UserSettings {
  /** The caller's arguments for Claude Code, without `--settings`. */
  claudeArgs: string[];
  /** The caller's own `--settings`. */
  callerSettings: CallerSettings;
  /** Whether there is one. */
  given: boolean;
  /** `--claude-config-dir`, absolute. */
  claudeConfigDir?: string;
  /** Settings files on disk, highest precedence first. */
  files: SettingsFile[];
}

/**
 * Reads the caller's `--settings` and the settings files.
 *
 * @throws {CliError} `usage` for a `--settings` that cannot be used, `failure`
 * when the working directory was deleted
 */
export async function userSettings(
  { flags, claudeArgs }: LaunchRequest,
  sys: Sys,
): Promise<UserSettings> {
  const { values, rest } = takeSettings(claudeArgs);
  const callerSettings = await readCallerSettings(
    values.map((value) => settingsSource(value, sys)),
    sys,
  );
  const claudeConfigDir = flags["claude-config-dir"] === undefined
    ? undefined
    : absolutePath(flags["claude-config-dir"], sys);
  return {
    claudeArgs: rest,
    callerSettings,
    given: values.length > 0,
    claudeConfigDir,
    files: await readSettings(sys, claudeConfigDir),
  };
}

/** What was found out about a launch. */
export interface Answered
  extends Pick<Inquiry, "options" | "target" | "client" | "name" | "token"> {
  /** The mode. */
  mode: Mode;
  /** The provider's record, when it could be read. */
  provider?: Provider;
}

/** Everything that a launch is planned from. */
export function launchInput(
  flags: Flags,
  { options, target: { profile }, client, name, token, ...answer }: Answered,
  settings: UserSettings,
  sys: Pick<Sys, "env" | "platform" | "runtime" | "cwd">,
): LaunchInput {
  const { gatewayUrl: endpoint } = client;
  const { claudeArgs, callerSettings, claudeConfigDir, files } = settings;
  return {
    mode: answer.mode,
    providerName: name,
    provider: answer.provider,
    providerUrl: providerUrl(endpoint, name, answer.provider?.url).url,
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
    claudeArgs,
    callerSettings,
    files,
    env: sys.env,
    quiet: flags.quiet === true || profile?.quiet === true,
    platform: sys.platform,
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
  sys: Pick<Sys, "env" | "platform" | "cwd">,
): { id?: string; secretFile?: string } | undefined {
  if (authMode !== "client_credentials") return undefined;
  const { id, secretFile } = clientFlags(flags);
  const file = secretFile ?? sys.env.RPAI_CLIENT_SECRET_FILE;
  return {
    id: id ?? sys.env.RPAI_CLIENT_ID,
    secretFile: file ? absolutePath(file, sys) : undefined,
  };
}

/** The value of `--model`; `?` lets the user choose. */
async function flagModel(
  { model }: Flags,
  { name, lookup, options }: Inquiry,
  sys: Sys,
): Promise<string | undefined> {
  if (model !== "?") return model;
  const { chooseModel } = await import("./choose.ts");
  return await chooseModel(name, await lookup, options.color, sys);
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
