/**
 * `ai-claude doctor --probe`: the real Claude Code, launched as always in this
 * directory, with the user's own settings and environment, against the embedded
 * gateway: what arrives there, and what would have gone anywhere else.
 *
 * @module
 */

import type { UserSettings } from "../../claude/user_settings.ts";
import { MAX_SETTINGS_BYTES } from "../../claude/claude_settings.ts";
import { judge, type Scenario, SCENARIOS } from "../demo/scenarios.ts";
import { type CheckSpec, failure, type Finding, skip } from "./check.ts";
import type { Examination } from "./examination.ts";
import { PROXY_VARIABLES } from "./gateway_checks.ts";
import { containPlan } from "./probe_plan.ts";
import { probeVerdict } from "./probe_verdict.ts";
import { joinPath } from "../../system/find_program.ts";
import type { Flags } from "../../profile/flags.ts";
import {
  type LoopbackGateway,
  startLoopbackGateway,
} from "../../loopback/gateway.ts";
import { startStrayRecorder } from "../../loopback/stray_recorder.ts";
import { forcedMode } from "../../gateway/mode.ts";
import { resolveOptions } from "../../profile/options.ts";
import { type LaunchPlan, planLaunch } from "../../launch/plan.ts";
import type { Facts, RelayAddress } from "../../launch/facts.ts";
import { inquire } from "../../launch/inquire.ts";
import { printable } from "../../base/printable.ts";
import type { Reporter } from "../../system/reporter.ts";
import type { Captured, Sys } from "../../system/sys.ts";

const TOKEN = "probe-gateway-token";

/** Bound on the session, in milliseconds. */
const SESSION_TIMEOUT_MS = 90_000;

/**
 * A session that runs nothing of the user's own (hooks, plugins, servers) and
 * keeps no record of itself. Settings files count as always.
 */
const PROBE_ARGS = [
  "-p",
  "Say hello.",
  "--safe-mode",
  "--no-session-persistence",
  "--strict-mcp-config",
];

/** The check, which outlasts its session. */
export const PROBE: CheckSpec<Examination> = {
  name: "probe",
  timeoutMs: SESSION_TIMEOUT_MS + 30_000,
  run: checkProbe,
};

/** Launches, and judges by what arrived. */
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
  return await withCopy(settings.value, sys, async (configDir) => {
    const facts = await probeFacts(scenario, gateway.url, examination);
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
    const session = facts.relay
      ? await throughRelay(facts, start, sys)
      : await start();
    if (session.code !== 0 && /unknown option/i.test(session.stderr)) {
      return [skip(
        `this Claude Code is too old to be probed: ${
          printable(session.stderr)
        }`,
      )];
    }
    // What went elsewhere is told below, by name.
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
      ),
      token: TOKEN,
    });
  });
}

/** Works with a copy of the user's settings, which no signal leaves behind. */
async function withCopy(
  settings: UserSettings,
  sys: Sys,
  work: (dir: string) => Promise<Finding[]>,
): Promise<Finding[]> {
  return await sys.uninterrupted(async () => {
    const dir = await sys.makeTempDir();
    try {
      await copySettings(settings, dir, sys);
      return await work(dir);
    } catch (error) {
      return [await failure(error)];
    } finally {
      await sys.removeDir(dir);
    }
  });
}

/** The gateway; which models there are is another check's to say. */
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

async function throughRelay(
  facts: Facts,
  start: (relay: RelayAddress) => Promise<Captured>,
  sys: Sys,
): Promise<Captured> {
  const { withRelay } = await import("../../relay/session.ts");
  return await withRelay(facts, start, sys);
}

/** Where the launch sends Claude Code: with the relay, that. */
function baseUrl({ env }: LaunchPlan): string[] {
  return env.ANTHROPIC_BASE_URL === undefined ? [] : [env.ANTHROPIC_BASE_URL];
}

/** A launch to that gateway, in the user's own circumstances. */
async function probeFacts(
  { provider }: Scenario,
  gatewayUrl: string,
  { request, sys, target }: Examination,
): Promise<Facts> {
  const { flags } = request;
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
  const env = { ...sys.env, RPAI_TOKEN: TOKEN, RPAI_CLIENT_SECRET: "" };
  const probeSys: Sys = { ...sys, env };
  const options = resolveOptions(probeFlags, probeSys);
  if ((await target).value === undefined) {
    // That is another check's to say.
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

/** The user's own files, where the session may write beside them. */
async function copySettings(
  { files }: UserSettings,
  dir: string,
  sys: Pick<Sys, "platform" | "readTextFile" | "writeTextFile">,
): Promise<void> {
  for (const { scope, path, values } of files) {
    if (scope !== "user" && scope !== "global") continue;
    const name = path.replace(/^.*[\\/]/, "");
    const text = scope === "global"
      ? JSON.stringify(values)
      // A file that is not read here is not read by Claude Code.
      : await sys.readTextFile(path, MAX_SETTINGS_BYTES).catch(() => undefined);
    if (text === undefined) continue;
    await sys.writeTextFile(joinPath(sys.platform, dir, name), text);
  }
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
