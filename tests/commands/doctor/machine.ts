/**
 * A machine for the tests of the doctor, and a gateway for it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Check } from "../../../lib/commands/doctor/check.ts";
import { doctor } from "../../../lib/commands/doctor/doctor.ts";
import type { Flags } from "../../../lib/profile/flags.ts";
import {
  type FakeMachine,
  type FakeSys,
  fakeSys,
} from "../../support/fake_sys.ts";
import { startLimitedGateway } from "../../support/limited_gateway.ts";

/** The home of the machine. */
export const HOME = "/home/me";
/** Its Claude Code. */
export const CLAUDE = "/opt/bin/claude";
/** The token that the gateway takes. */
export const TOKEN = "gateway-token-2f9e51c0aa";
/** What `claude auth status` prints of a login and of a helper. */
const LOGGED_IN = JSON.stringify({
  ...{ loggedIn: true, authMethod: "api_key_helper" },
  subscriptionType: "max",
});

/** A gateway with a provider of each kind. */
export function startGateway(
  metadata?: "permission_denied",
): ReturnType<typeof startLimitedGateway> {
  return startLimitedGateway({
    accepts: (token) => token === TOKEN,
    metadata,
    providers: [
      { name: "main", type: "anthropic", models: ["claude-sonnet-4-6"] },
      { name: "own-login", type: "anthropic", passthrough: true },
      { name: "bedrock", type: "bedrock", region: "eu-west-1" },
      { name: "off", type: "anthropic", enabled: false },
      { name: "other", type: "openai" },
    ],
  });
}

/** A machine on which all is well, but for what is given. */
export function machine(url: string, more: FakeMachine = {}): FakeSys {
  const { files, env, ...rest } = more;
  const sys = fakeSys({
    env: {
      HOME,
      PATH: "/opt/bin",
      // No registry is asked for a newer release.
      DENO_NO_UPDATE_CHECK: "1",
      RPAI_TOKEN: TOKEN,
      TERM: "xterm-256color",
      ...env,
    },
    files: {
      [`${HOME}/.rpai/config`]:
        `current_profile: prod\nprofiles:\n  prod:\n    ai_gateway_url: ${url}\n` +
        "    llm_provider: main\n",
      ...files,
    },
    executables: [CLAUDE],
    terminals: ["stdin", "stdout"],
    fetch: (url, init) => fetch(url, init),
    capture: ({ args }) => ({
      code: 0,
      stdout: args.includes("auth") ? LOGGED_IN : "2.1.330 (Claude Code)\n",
      stderr: "",
    }),
    ...rest,
  });
  return Object.assign(sys, {
    sleep: () => new Promise<void>(() => {}),
    makeTempDir: () => Promise.resolve("/tmp/x"),
    removeDir: () => Promise.resolve(),
    writeTextFile: () => Promise.resolve(),
  });
}

/** What the doctor finds. */
export async function examine(
  sys: FakeSys,
  flags: Flags = {},
): Promise<{ code: number; checks: Check[] }> {
  sys.stdout = "";
  const code = await doctor({ ...flags, format: "json" }, sys);
  assertEquals(sys.stderr, "");
  const report = JSON.parse(sys.stdout);
  assertEquals(Object.keys(report), ["ok", "checks", "settings"]);
  assertEquals(report.ok, code === 0);
  return { code, checks: report.checks };
}

/** The checks that did not end well, `name status message -> remedy`. */
export function findings(checks: Check[]): string[] {
  return checks.filter(({ status }) => status !== "ok").map((
    { name, status, message, remedy },
  ) =>
    `${name} ${status} ${message}${remedy === undefined ? "" : ` -> ${remedy}`}`
  );
}

/** The findings of one check. */
export const only = (checks: Check[], name: string): Check[] =>
  checks.filter((check) => check.name === name);
