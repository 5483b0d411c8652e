/**
 * `ai-claude doctor --probe`: the real Claude Code, launched as always in this
 * directory, with the user's own settings and environment, against the embedded
 * gateway: what arrives there, and what would have gone anywhere else.
 *
 * @module
 */

import type { UserSettings } from "../assemble.ts";
import { settingsEnv } from "../claude_settings.ts";
import { GATEWAY_HEADER } from "../custom_headers.ts";
import { judge, type Scenario, SCENARIOS } from "../demo_scenarios.ts";
import {
  fail,
  failure,
  type Finding,
  ok,
  skip,
  warn,
} from "../doctor/check.ts";
import { type Facts, forcedMode } from "../doctor/facts.ts";
import { joinPath } from "../find_program.ts";
import type { Flags } from "../flags.ts";
import { isObject } from "../json_object.ts";
import {
  type LoopbackGateway,
  startLoopbackGateway,
} from "../loopback_gateway/gateway.ts";
import { startStrayRecorder } from "../loopback_gateway/stray_recorder.ts";
import { resolveOptions } from "../options.ts";
import type { LaunchPlan } from "../plan.ts";
import { prepareLaunch } from "../prepare.ts";
import type { Provider } from "../provider.ts";
import type { Reporter } from "../report.ts";
import type { Invocation, Sys } from "../sys.ts";

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

/** Variables by which traffic finds its way past the recorder. */
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];

/** Launches, and judges by what arrived. */
export async function checkProbe(facts: Facts): Promise<Finding[]> {
  const claude = (await facts.claude).value;
  if (claude === undefined) return [skip("Claude Code was not found")];
  const settings = await facts.settings;
  if (settings.value === undefined) return [failure(settings.error)];
  const beyond = policyProxy(settings.value, facts.sys);
  if (beyond !== undefined) {
    return [skip(
      `${beyond} sets a proxy, which nothing beats: the probe could not keep ` +
        "its traffic on this machine",
    )];
  }
  const decided = (await facts.decision).value;
  const mode = decided?.mode ?? forcedMode(facts.flags);
  const scenario = SCENARIOS.find((scenario) => scenario.mode === mode)!;
  await using gateway = probeGateway(scenario, decided?.provider);
  await using recorder = startStrayRecorder();
  const configDir = await facts.sys.makeTempDir();
  try {
    await copySettings(settings.value, configDir, facts.sys);
    const plan = await probePlan(scenario, claude, gateway.url, facts);
    const program = contain(plan, claude, {
      ...scenario.env,
      CLAUDE_CONFIG_DIR: configDir,
      ...containment(gateway.url, recorder.url),
    });
    const session = await facts.sys.capture(program, SESSION_TIMEOUT_MS);
    // What went elsewhere is told below, by name.
    const { problems, arrived } = judge(
      scenario,
      session,
      gateway.requests,
      0,
      (token) => token === TOKEN,
    );
    return verdict(problems, arrived, recorder.strays, gateway, scenario);
  } catch (error) {
    return [failure(error)];
  } finally {
    await facts.sys.removeDir(configDir);
  }
}

/** The gateway, with a provider like the real one. */
function probeGateway(
  { mode, provider: name }: Scenario,
  { models, region }: Partial<Provider> = {},
): LoopbackGateway {
  return startLoopbackGateway({
    accepts: (token) => token === TOKEN,
    providers: [{
      name,
      type: mode === "bedrock" ? "bedrock" : "anthropic",
      passthrough: mode === "passthrough",
      models,
      region: region ?? (mode === "bedrock" ? "us-east-1" : undefined),
    }],
  });
}

/** The plan of a launch to that gateway, in the user's own circumstances. */
async function probePlan(
  { provider }: Scenario,
  claude: string,
  gatewayUrl: string,
  { flags, sys, target }: Facts,
): Promise<LaunchPlan> {
  const probeFlags: Flags = {
    ...flags,
    llmprovider: provider,
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
  const request = { flags: probeFlags, claudeArgs: PROBE_ARGS };
  const silent: Reporter = { warn: () => {}, debug: () => {} };
  return (await prepareLaunch(request, claude, options, probeSys, silent)).plan;
}

/**
 * Variables that keep everything but the gateway's own traffic in the recorder,
 * and every login of the user out of the session.
 */
function containment(
  gatewayUrl: string,
  recorderUrl: string,
): Record<string, string> {
  const values = {
    HTTP_PROXY: recorderUrl,
    HTTPS_PROXY: recorderUrl,
    ALL_PROXY: recorderUrl,
    NO_PROXY: new URL(gatewayUrl).host,
  };
  return {
    ...values,
    ...Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ]),
    ),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    CLAUDE_CODE_ENABLE_TELEMETRY: "0",
    CLAUDE_CODE_MAX_RETRIES: "0",
    CLAUDE_SECURESTORAGE_CONFIG_DIR: "",
  };
}

/**
 * The planned program with some variables more, in the environment and, where
 * the launch does not decide them, in the overlay.
 */
function contain(
  { settings, args, env }: LaunchPlan,
  path: string,
  variables: Record<string, string>,
): Invocation {
  const planned = isObject(settings.env) ? settings.env : {};
  const overlay = JSON.stringify({
    ...settings,
    env: {
      ...variables,
      ...planned,
      ...Object.fromEntries(
        Object.entries(variables).filter(([name]) =>
          // What the launch blanks on its own account stays under test.
          !(name in planned) || CONTAINED.test(name)
        ),
      ),
    },
  });
  return {
    path,
    args: ["--settings", overlay, ...args.slice(2)],
    env: { ...env, ...variables },
  };
}

const CONTAINED = /_PROXY$|^CLAUDE_CONFIG_DIR$|SECURESTORAGE|NONESSENTIAL/i;

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

const MAX_SETTINGS_BYTES = 2 * 1024 * 1024;

/** The policy file that sets a proxy, if there is one. */
function policyProxy(
  { files }: UserSettings,
  { platform }: Sys,
): string | undefined {
  return files.find(({ scope, values }) =>
    scope === "policy" &&
    Object.keys(settingsEnv(values, platform)).some((name) =>
      PROXIES.includes(name.toUpperCase())
    )
  )?.path;
}

function verdict(
  problems: string[],
  arrived: string[],
  strays: readonly string[],
  { requests }: LoopbackGateway,
  { mode }: Scenario,
): Finding[] {
  const calls = requests.filter(({ kind }) =>
    kind === "messages" || kind === "bedrock"
  );
  const elsewhere = [...new Set(strays)];
  const remedy = "compare with `ai-claude doctor -o wide`, and report it: a " +
    "launch should have prevented this";
  const wrong = [
    ...(calls.length === 0
      ? ["no request for an answer reached the gateway"]
      : []),
    ...elsewhere.map((what) => `went elsewhere: ${what}`),
    ...problems,
  ];
  if (wrong.length > 0) {
    return wrong.map((message, index) =>
      fail(message, index === wrong.length - 1 ? remedy : undefined)
    );
  }
  const foreign = calls.some(({ headers }) => {
    const key = headers["x-api-key"];
    return key !== undefined && key !== TOKEN;
  });
  return [
    ok(
      `${mode} mode, with your settings and environment: ${calls.length} ` +
        `${calls.length === 1 ? "request" : "requests"} reached the gateway ` +
        `with ${arrived.join(" and ")}; nothing went anywhere else`,
    ),
    ...(foreign
      ? [warn(
        "X-Api-Key of your own settings travels to the gateway",
        `remove it from ANTHROPIC_CUSTOM_HEADERS; ${GATEWAY_HEADER} is not it`,
      )]
      : []),
  ];
}
