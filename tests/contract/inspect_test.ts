/**
 * Contract with the real Claude Code: for each scope and key of the routing
 * table, who the settings inspection says wins is who did. A hook writes down
 * the environment of the session, in which every place has a value of its own.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  type SettingsFile,
  settingsFile,
} from "../../lib/claude/claude_settings.ts";
import type { Facts } from "../../lib/launch/facts.ts";
import { inquire } from "../../lib/launch/inquire.ts";
import { denoSys } from "../../lib/system/deno_sys.ts";
import { CUSTOM_HEADERS } from "../../lib/launch/custom_headers.ts";
import type { Flags } from "../../lib/profile/flags.ts";
import type { KeyFinding } from "../../lib/launch/inspect_settings.ts";
import { isObject } from "../../lib/base/json_object.ts";
import type { Mode } from "../../lib/gateway/mode.ts";
import { resolveOptions } from "../../lib/profile/options.ts";
import {
  inspectLaunch,
  type LaunchPlan,
  planLaunch,
} from "../../lib/launch/plan.ts";
import { ROUTING_RULES } from "../../lib/launch/routing.ts";
import type { Sys } from "../../lib/system/sys.ts";
import {
  type Arena,
  GATEWAY_TOKEN,
  inParallel,
  makeArena,
  MODES,
} from "./arena.ts";
import { canUnshare, runUnderPolicy } from "./policy.ts";
import { sessionEnv, SHOW_ENV, UNSEEN } from "./session_env.ts";
import { SCOPES } from "./settings.ts";
import { MAIN } from "../support/program.ts";

const POLICY = "/etc/claude-code/managed-settings.json";

/** Every variable of the table, and some that only a pattern knows. */
const VARIABLES = [
  ...ROUTING_RULES.flatMap(({ match }) =>
    match instanceof RegExp ? [] : [...match]
  ),
  "CLAUDE_CODE_USE_SOMETHING_NEW",
  "CLAUDE_CODE_SKIP_SOMETHING_NEW_AUTH",
  "ANTHROPIC_SOMETHING_NEW_BASE_URL",
  "DENO_SOMETHING_NEW",
  "LD_SOMETHING_NEW",
  "npm_config_something_new",
  CUSTOM_HEADERS,
];

/** Where a value may be, highest precedence first. */
const PLACES = {
  local: SCOPES.local,
  project: SCOPES.project,
  user: SCOPES.user,
  global: ".claude.json",
  caller: undefined,
  environment: undefined,
} as const;

type PlaceName = keyof typeof PLACES;

function valueOf(origin: string, name: string): string {
  if (name === CUSTOM_HEADERS) return `X-Origin: ${origin}`;
  // A login without this scope is none.
  if (/SCOPES$/.test(name)) return `user:inference ${origin}`;
  // Claude Code does not start with a proxy that is no URL.
  const isUrl = /URL$|_proxy$/i.test(name) && !/^no_/i.test(name);
  return isUrl ? `http://127.0.0.1:9/${origin}` : origin;
}

function hostile(mode: Mode, origin: string): Record<string, string> {
  // Refused, or with a line of the launch's own: nothing to compare with.
  const left = mode !== "passthrough" || origin === "policy"
    ? []
    : origin === "environment"
    ? [CUSTOM_HEADERS, "CLAUDE_CODE_SIMPLE"]
    : [CUSTOM_HEADERS];
  return Object.fromEntries(
    VARIABLES.filter((name) => !left.includes(name))
      .map((name) => [name, valueOf(origin, name)]),
  );
}

/** The launch's facts, as the program would gather them. */
async function gather(
  arena: Arena,
  mode: Mode,
  sys: Sys,
  claudeArgs: string[] = ["-p", "hi"],
): Promise<Facts> {
  const flags: Flags = {
    llmprovider: mode,
    "rpai-endpoint": arena.gateway.url,
  };
  const request = { flags, claudeArgs, dryRun: false };
  const silent = { warn: () => {}, debug: () => {} };
  return await inquire(request, resolveOptions(flags, sys), sys, silent);
}

/** The value that counts by a finding. */
function predicted(
  { winner, key }: KeyFinding,
  plan: LaunchPlan,
  machine: Sys,
): string | undefined {
  const name = key.replace(/^env\./, "");
  if (winner.origin === "environment") return machine.env[name];
  if (winner.origin !== "launch") return valueOf(winner.origin, name);
  const { env } = plan.settings;
  return isObject(env) ? String(env[name]) : undefined;
}

/** What differs between the findings and the session. */
function mistaken(
  findings: readonly KeyFinding[],
  plan: LaunchPlan,
  session: Map<string, string>,
  machine: Sys,
): string[] {
  return findings.filter(({ key }) => key.startsWith("env."))
    .flatMap((finding) => {
      const name = finding.key.slice("env.".length);
      const expected = predicted(finding, plan, machine) ?? "(nothing)";
      const actual = session.get(name) ?? "";
      const unseen = UNSEEN.includes(name) && actual === "";
      return unseen || actual === expected ? [] : [
        `${finding.key}: ${finding.winner.origin} should win with ` +
        `"${expected}", but it was "${actual}"`,
      ];
    });
}

for (const mode of MODES) {
  Deno.test(`${mode}: who wins for each key, from each scope down`, async () => {
    const names = Object.keys(PLACES) as PlaceName[];
    await inParallel(names, async (first) => {
      await using arena = await makeArena();
      const { world, gateway } = arena;
      const claimants = names.slice(names.indexOf(first));
      for (const name of names) {
        const path = PLACES[name];
        if (path === undefined) continue;
        await world.write(path, {
          ...(claimants.includes(name)
            ? { env: hostile(mode, name), apiKeyHelper: `echo ${name}` }
            : {}),
          ...(name === "user" ? SHOW_ENV : {}),
        });
      }
      const env = hostile(mode, "environment");
      const machine: Sys = {
        ...denoSys(new URL(`file://${MAIN}`).href),
        env: { ...world.env, ...env },
        cwd: () => world.project,
      };
      const caller = JSON.stringify({ env: hostile(mode, "caller") });
      const claudeArgs = [
        ...["-p", "hi"],
        ...(claimants.includes("caller") ? ["--settings", caller] : []),
      ];
      const facts = await gather(arena, mode, machine, claudeArgs);
      const plan = planLaunch(facts);
      const session = await arena.prompt(mode, { env, claudeArgs });
      assertEquals(session.code, 0, `${first}: ${session.stdout}`);
      assertEquals(gateway.requests.length > 0, true);

      const keys = plan.findings.map(({ key }) => key);
      const missing = VARIABLES.filter((name) =>
        name in env && !keys.includes(`env.${name}`)
      );
      // Preferences, and what the environment alone says as the launch does.
      assertEquals(
        missing.filter((name) => !/NATIVE_FILE|POWERSHELL|COWORK/.test(name)),
        [],
      );
      assertEquals(
        mistaken(plan.findings, plan, await sessionEnv(world), machine),
        [],
        `from ${first} down`,
      );
      const helper = plan.findings.find(({ key }) => key === "apiKeyHelper");
      const ofFiles = claimants.filter((name) =>
        name === "local" || name === "project" || name === "user"
      );
      assertEquals(helper?.losers.map(({ origin }) => origin) ?? [], ofFiles);
      for (const { headers } of session.calls) {
        const login = plan.findings.find(({ key }) =>
          key === "env.CLAUDE_CODE_OAUTH_TOKEN"
        );
        assertEquals(
          headers.authorization,
          mode === "passthrough"
            ? `Bearer ${login?.winner.origin}`
            : `Bearer ${GATEWAY_TOKEN}`,
        );
      }
      for (const note of plan.warnings) {
        assertStringIncludes(session.stderr, `warning: ${note}`);
      }
    });
  });

  Deno.test({
    name: `${mode}: a policy wins for each key (needs root on Linux)`,
    ignore: !await canUnshare(),
    fn: async () => {
      await using arena = await makeArena();
      const { world } = arena;
      await world.write(PLACES.user, {
        ...SHOW_ENV,
        env: hostile("managed", "user"),
      });
      const policy = { env: hostile(mode, "policy") };
      const machine: Sys = {
        ...denoSys(new URL(`file://${MAIN}`).href),
        env: world.env,
        cwd: () => world.project,
      };
      const without = await gather(arena, mode, machine);
      // In passthrough the user's custom headers alone are refused.
      const withFiles = (files: SettingsFile[]): Facts => ({
        ...without,
        user: { ...without.user, files },
      });
      const plan = planLaunch(withFiles([]));
      const place = { scope: "policy", path: POLICY } as const;
      const { findings } = inspectLaunch(withFiles([
        settingsFile(place, policy, "linux"),
        ...without.user.files,
      ]));
      // As the launch would have been, had it not been refused.
      await runUnderPolicy(world, { "managed-settings.json": policy }, [
        world.env.AI_CLAUDE_BIN,
        ...plan.args,
      ], { ...plan.env, CLAUDE_CODE_MAX_RETRIES: "0" });
      assertEquals(
        mistaken(findings, plan, await sessionEnv(world), machine),
        [],
      );
      const defended = ROUTING_RULES.filter(({ action }) =>
        ["set", "scrub"].includes(action[mode])
      ).flatMap(({ match }) => match instanceof RegExp ? [] : [...match]);
      for (const name of defended) {
        // Any value of this one is as good as the launch's own.
        if (name === "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC") continue;
        const finding = findings.find(({ key }) => key === `env.${name}`);
        assertEquals(
          [name, finding?.outcome, finding?.winner.origin],
          [name, "refused", "policy"],
        );
      }
    },
  });
}
