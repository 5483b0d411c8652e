/**
 * `ai-claude demo`: the real Claude Code, launched as always, in all three modes
 * against an embedded gateway, with everything around it trying to reroute it.
 *
 * @module
 */

import type { Flags } from "../../profile/flags.ts";
import { homeDir, joinPath } from "../../system/find_program.ts";
import { findClaude } from "../../claude/find_claude.ts";
import { startLoopbackGateway } from "../../loopback/gateway.ts";
import { embeddedIssuer } from "../../loopback/issuer.ts";
import { serveLoopback } from "../../loopback/server.ts";
import { resolveOptions } from "../../profile/options.ts";
import { render } from "../../base/render.ts";
import { reporter } from "../../system/reporter.ts";
import type { Captured, Sys } from "../../system/sys.ts";
import { saying } from "../../system/waiting.ts";
import { authLogin } from "../auth_login.ts";
import {
  type DemoRow,
  judge,
  RIVAL_KEY,
  type Scenario,
  SCENARIOS,
} from "./scenarios.ts";
import { launch } from "../launch.ts";

const STATIC_TOKEN = "demo-gateway-token";
const MODELS = ["claude-sonnet-4-6", "claude-haiku-4-5"];

/** Bound on one session, in milliseconds. */
const SESSION_TIMEOUT_MS = 120_000;

/** Runs the demo; exit code 0 only if all three modes held. */
export async function demo(flags: Flags, sys: Sys): Promise<number> {
  const options = resolveOptions(flags, sys);
  const report = await reporter(options, sys);
  const claude = await findClaude(sys);
  const issuer = flags["with-login"]
    ? embeddedIssuer({ email: "you@example.com", interval: 1 })
    : undefined;
  await using issuerServer = issuer && serveLoopback(issuer.handle);
  const isGatewayToken = (token: string) =>
    issuer?.isValid(token) ?? token === STATIC_TOKEN;
  await using gateway = startLoopbackGateway({
    accepts: isGatewayToken,
    providers: [
      { name: "anthropic", type: "anthropic", models: MODELS },
      { name: "anthropic-passthrough", type: "anthropic", passthrough: true },
      {
        name: "bedrock",
        type: "bedrock",
        region: "us-east-1",
        models: MODELS.map((model) => `us.anthropic.${model}`),
      },
    ],
  });
  await using rival = startLoopbackGateway({
    providers: [{ name: "anthropic", type: "anthropic" }],
  });
  const home = await sys.makeTempDir();
  try {
    const env = await throwawayHome(home, claude, rival.url, sys);
    if (issuerServer === undefined) env.RPAI_TOKEN = STATIC_TOKEN;
    else await signIn(home, issuerServer.url, { ...sys, env });
    const rows: DemoRow[] = [];
    for (const scenario of SCENARIOS) {
      const first = gateway.requests.length;
      const machine = { ...sys, env: { ...env, ...scenario.env } };
      const session = await saying(
        `launching ${claude} in ${scenario.mode} mode`,
        () => runSession(scenario, gateway.url, home, machine),
        sys,
      );
      const requests = gateway.requests.slice(first);
      const rerouted = rival.requests.length;
      rows.push(judge(scenario, session, requests, rerouted, isGatewayToken));
    }
    sys.out(
      render(options.format, rows, ({ table }) => table(HEADER, cells(rows))),
    );
    for (const { mode, problems } of rows) {
      for (const problem of problems) report.warn(`${mode}: ${problem}`);
    }
    return rows.every(({ held }) => held) ? 0 : 1;
  } finally {
    await sys.removeDir(home);
  }
}

/** A home whose settings and environment would send everything elsewhere. */
async function throwawayHome(
  home: string,
  claude: string,
  rivalUrl: string,
  sys: Sys,
): Promise<Record<string, string>> {
  const hostile = {
    ANTHROPIC_BASE_URL: `${rivalUrl}/llm/v1/providers/anthropic`,
    ANTHROPIC_AUTH_TOKEN: RIVAL_KEY,
    ANTHROPIC_API_KEY: RIVAL_KEY,
  };
  const settings = { apiKeyHelper: `echo ${RIVAL_KEY}`, env: hostile };
  await sys.writeTextFile(
    joinPath(sys.platform, home, ".claude", "settings.json"),
    JSON.stringify(settings),
  );
  await sys.writeTextFile(
    joinPath(sys.platform, home, "project", ".claude", "settings.json"),
    JSON.stringify(settings),
  );
  const kept = ["PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "TERM", "JSR_URL"];
  return {
    ...Object.fromEntries(
      kept.filter((name) => name in sys.env).map((name) => [
        name,
        sys.env[name],
      ]),
    ),
    ...hostile,
    HOME: home,
    USERPROFILE: home,
    AI_CLAUDE_BIN: claude,
    // The demo stays on this machine.
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    // The helper is this program: it must not fetch its modules again.
    DENO_DIR: denoDir(sys),
  };
}

/** Signs in at the embedded issuer, whose user agrees by themselves. */
async function signIn(home: string, issuer: string, sys: Sys): Promise<void> {
  await sys.writeTextFile(
    joinPath(sys.platform, home, ".rpai", "config"),
    "current_profile: demo\nprofiles:\n  demo:\n" +
      `    auth:\n      issuer: ${issuer}\n`,
  );
  await authLogin({ "no-browser": true }, sys);
}

/** One prompt through the normal launch path, its output collected. */
async function runSession(
  { provider }: Scenario,
  gatewayUrl: string,
  home: string,
  sys: Sys,
): Promise<Captured> {
  const project = joinPath(sys.platform, home, "project");
  let session: Captured = { code: 1, stdout: "", stderr: "" };
  const code = await launch({
    flags: {
      llmprovider: provider,
      "rpai-endpoint": gatewayUrl,
      // The table says what was kept out.
      quiet: true,
    },
    claudeArgs: ["-p", "Say hello."],
    dryRun: false,
  }, {
    ...sys,
    cwd: () => project,
    launch: async (program) => {
      session = await sys.capture(
        { ...program, cwd: project },
        SESSION_TIMEOUT_MS,
      );
      return session.code;
    },
  });
  return { ...session, code };
}

const HEADER = ["MODE", "HELD", "ANSWER", "ARRIVED", "KEPT OUT"];

function cells(rows: DemoRow[]): string[][] {
  return rows.map(({ mode, held, answer, arrived, kept_out }) => [
    mode,
    held ? "yes" : "NO",
    answer,
    arrived.join("\n"),
    kept_out.join(", "),
  ]);
}

/** Where Deno keeps its cache, which depends on the home directory. */
function denoDir(sys: Sys): string {
  const { env, platform } = sys;
  if (env.DENO_DIR) return env.DENO_DIR;
  const home = homeDir(sys) ?? "";
  switch (platform) {
    case "windows":
      return joinPath(platform, env.LOCALAPPDATA ?? home, "deno");
    case "darwin":
      return `${home}/Library/Caches/deno`;
    case "linux":
      return `${env.XDG_CACHE_HOME || `${home}/.cache`}/deno`;
  }
}
