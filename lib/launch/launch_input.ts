/**
 * What a launch is planned from, put together from the flags, the profile, the
 * gateway's answer and the user's settings. The doctor plans with it too.
 *
 * @module
 */

import { RELAY_PLACEHOLDER } from "./carrier.ts";
import { claudeConfigHome } from "../claude/claude_settings.ts";
import type { AuthMode, Profile } from "../profile/config.ts";
import { absolutePath } from "../system/find_program.ts";
import type { Flags } from "../profile/flags.ts";
import { clientFlags } from "../profile/options.ts";
import { providerUrl } from "../gateway/gateway_url.ts";
import { helperCommand } from "./helper_command.ts";
import type { Mode } from "../gateway/mode.ts";
import type { ModelChoice } from "./models.ts";
import type { LaunchInput } from "./plan.ts";
import type { Inquiry } from "./prepare.ts";
import type { Provider } from "../gateway/provider.ts";
import type { Sys } from "../system/sys.ts";
import type { UserSettings } from "../claude/user_settings.ts";

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
    ...(usesRelay(flags, profile) ? { relayUrl: RELAY_PLACEHOLDER } : {}),
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

/** Whether a launch goes through the relay. */
export function usesRelay(
  flags: Flags,
  profile: Pick<Profile, "relay"> | undefined,
): boolean {
  return !flags["no-relay"] && (flags.relay ?? profile?.relay ?? false);
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

function profileModel(
  profile: { name: string; model?: string } | undefined,
): ModelChoice | undefined {
  return profile?.model === undefined
    ? undefined
    : { id: profile.model, from: `profile ${profile.name}` };
}
