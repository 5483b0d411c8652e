/**
 * `ai-claude doctor --probe`: launches the real Claude Code in this directory,
 * with the user's settings and environment and made-up credentials, against the
 * embedded gateway, and sees what arrives there and what would go elsewhere.
 *
 * @module
 */

import { authServer } from "../../auth/auth_server.ts";
import { withLogin } from "../../auth/credentials.ts";
import type { UserSettings } from "../../claude/user_settings.ts";
import { startSession } from "../start_session.ts";
import { judge, type Scenario, SCENARIOS } from "../demo/scenarios.ts";
import { type CheckSpec, failure, type Finding, skip } from "./check.ts";
import type { Examination } from "./examination.ts";
import { PROXY_VARIABLES } from "./gateway_checks.ts";
import { containPlan } from "./probe_plan.ts";
import { probeVerdict } from "./probe_verdict.ts";
import { withSettingsCopy } from "./settings_copy.ts";
import type { Flags } from "../../profile/flags.ts";
import {
  type LoopbackGateway,
  startLoopbackGateway,
} from "../../loopback/gateway.ts";
import { startStrayRecorder } from "../../loopback/stray_recorder.ts";
import { forcedMode } from "../../gateway/mode.ts";
import type { Profile } from "../../profile/config.ts";
import { resolveOptions } from "../../profile/options.ts";
import { type LaunchPlan, planLaunch } from "../../launch/plan.ts";
import type { Facts, RelayAddress } from "../../launch/facts.ts";
import { factsSoFar, inquire } from "../../launch/inquire.ts";
import { printable } from "../../base/printable.ts";
import { joinPath } from "../../system/find_program.ts";
import type { Reporter } from "../../system/reporter.ts";
import type { Sys } from "../../system/sys.ts";

const TOKEN = "probe-gateway-token";

/** Bound on the session, in milliseconds. */
const SESSION_TIMEOUT_MS = 90_000;

/**
 * A session that runs none of the user's programs (hooks, plugins, servers) and
 * keeps no record of itself. Settings files count as always.
 */
const PROBE_ARGS = [
  "-p",
  "Say hello.",
  "--safe-mode",
  "--no-session-persistence",
  "--strict-mcp-config",
];

/** The check; its time limit is longer than the session's. */
export const PROBE: CheckSpec<Examination> = {
  name: "probe",
  timeoutMs: SESSION_TIMEOUT_MS + 30_000,
  run: checkProbe,
};

async function checkProbe(examination: Examination): Promise<Finding[]> {
  const { sys } = examination;
  const claude = (await examination.claude).value;
  if (claude === undefined) return [skip("Claude Code was not found")];
  const settings = await examination.settings;
  if (settings.value === undefined) return [await failure(settings.error)];
  const beyond = policyProxy(settings.value);
  if (beyond !== undefined) {
    return [skip(
      `${beyond} sets a proxy, which nothing beats: the probe could not keep ` +
        "its traffic on this machine",
    )];
  }
  const route = (await examination.route).value;
  const mode = route?.mode ?? forcedMode(examination.request.flags);
  const scenario = SCENARIOS.find((scenario) => scenario.mode === mode)!;
  const region = route?.provider?.region;
  await using gateway = probeGateway(scenario, region);
  await using recorder = startStrayRecorder();
  return await withSettingsCopy(settings.value, sys, async (configDir) => {
    const facts = await probeFacts(
      scenario,
      gateway.url,
      examination,
      configDir,
    );
    const start = (relay?: RelayAddress) => {
      const plan = planLaunch(facts, relay);
      return sys.capture({
        path: claude,
        ...containPlan(plan, {
          reached: [gateway.url, ...baseUrl(plan)],
          recorderUrl: recorder.url,
          configDir,
          logins: scenario.env,
        }),
      }, SESSION_TIMEOUT_MS);
    };
    const session = await startSession(facts, start, sys);
    if (session.code !== 0 && /unknown option/i.test(session.stderr)) {
      return [skip(
        `this Claude Code is too old to be probed: ${
          printable(session.stderr)
        }`,
      )];
    }
    // The verdict names what went elsewhere.
    const { problems, arrived } = judge(
      scenario,
      session,
      gateway.requests,
      0,
      (token) => token === TOKEN,
    );
    return probeVerdict({
      mode,
      relay: facts.relay,
      problems,
      arrived,
      strays: recorder.strays,
      calls: gateway.requests.filter(({ kind }) =>
        kind === "messages" || kind === "bedrock"
      ).length,
    });
  });
}

/** The gateway allows every model: another check judges those. */
function probeGateway(
  { mode, provider: name }: Scenario,
  region = "us-east-1",
): LoopbackGateway {
  return startLoopbackGateway({
    accepts: (token) => token === TOKEN,
    providers: [{
      name,
      type: mode === "bedrock" ? "bedrock" : "anthropic",
      passthrough: mode === "passthrough",
      region: mode === "bedrock" ? region : undefined,
    }],
  });
}

/** Where the launch sends Claude Code: the relay, if there is one. */
function baseUrl({ env }: LaunchPlan): string[] {
  return env.ANTHROPIC_BASE_URL === undefined ? [] : [env.ANTHROPIC_BASE_URL];
}

/** The facts of a launch to that gateway, on the user's machine. */
async function probeFacts(
  { provider }: Scenario,
  gatewayUrl: string,
  examination: Examination,
  dir: string,
): Promise<Facts> {
  const { request, sys } = examination;
  const { flags } = request;
  const target = (await examination.target).value;
  const probeFlags: Flags = {
    ...flags,
    llmprovider: provider,
    // Nobody is asked here.
    model: flags.model === "?" ? undefined : flags.model,
    "rpai-endpoint": gatewayUrl,
    token: undefined,
    passthrough: undefined,
    bedrock: undefined,
    quiet: true,
  };
  const env: Record<string, string> = { ...sys.env, RPAI_CLIENT_SECRET: "" };
  const { held } = (await factsSoFar(examination, sys)).token;
  // The token takes the way that it would take in a launch.
  if (held) env.RPAI_TOKEN = TOKEN;
  else {
    delete env.RPAI_TOKEN;
    probeFlags["auth-mode"] = "device";
    env.AI_CLAUDE_CREDENTIALS = await storeLogin(target?.profile, dir, sys);
  }
  const probeSys: Sys = { ...sys, env };
  const options = resolveOptions(probeFlags, probeSys);
  if (target === undefined) {
    // Another check reports that.
    delete options.configPath;
    delete options.profile;
    options.configNamed = false;
  }
  const silent: Reporter = { warn: () => {}, debug: () => {} };
  return await inquire(
    { flags: probeFlags, claudeArgs: PROBE_ARGS, dryRun: false },
    options,
    probeSys,
    silent,
  );
}

/** Stores the made-up token as a login of the profile; returns the file's path. */
async function storeLogin(
  profile: Profile | undefined,
  dir: string,
  sys: Pick<Sys, "platform" | "now" | "overwriteTextFile">,
): Promise<string> {
  const { issuer, organization } = authServer(profile);
  const file = withLogin({}, issuer, {
    accessToken: TOKEN,
    organization,
    obtainedAt: sys.now(),
    expiresAt: sys.now() + 3_600_000,
  });
  const path = joinPath(sys.platform, dir, "ai-claude.credentials.json");
  await sys.overwriteTextFile(path, JSON.stringify(file));
  return path;
}

/** The policy file that sets a proxy, if there is one. */
function policyProxy({ files }: UserSettings): string | undefined {
  return files.find(({ scope, env }) =>
    scope === "policy" &&
    Object.keys(env).some((name) =>
      PROXY_VARIABLES.includes(name.toUpperCase())
    )
  )?.path;
}
