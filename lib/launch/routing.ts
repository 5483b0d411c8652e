/**
 * Which environment variables decide where Claude Code sends its requests and
 * with which credential, and what a launch does about each: one table, read by
 * the plan, the conflict check and the tests.
 *
 * A settings file's `env` replaces the process environment in Claude Code, and
 * `--settings` beats every settings file but managed policy; so each variable is
 * fixed in both places. Measured on Claude Code 2.1.330.
 *
 * @module
 */

import { carrierOf } from "./carrier.ts";
import type { Route } from "./facts.ts";
import { canonical } from "../system/env_names.ts";
import type { Mode } from "../gateway/mode.ts";
import type { Platform } from "../system/sys.ts";

/**
 * What happens to a variable:
 * - `set`: given the launch's own value
 * - `scrub`: removed from the environment, blank in the overlay
 * - `personal`: the user's own value counts, a project's does not
 * - `keep`: left alone
 */
export type Action = "set" | "scrub" | "personal" | "keep";

/** A row of the table. */
export interface RoutingRule {
  /** The variables, by name or by pattern. */
  match: readonly string[] | RegExp;
  /** What happens in each mode. */
  action: Readonly<Record<Mode, Action>>;
  /** What happens instead when the relay carries the credential. */
  withRelay?: Action;
  /** What would go wrong otherwise. */
  why: string;
}

function inEveryMode(action: Action): Record<Mode, Action> {
  return { managed: action, passthrough: action, bedrock: action };
}

const SCRUB = inEveryMode("scrub");
const KEEP = inEveryMode("keep");
const PERSONAL = inEveryMode("personal");
const SET = inEveryMode("set");

/** The rules; the first that matches a name decides. */
export const ROUTING_RULES: readonly RoutingRule[] = [
  {
    match: ["ANTHROPIC_BASE_URL"],
    // In Bedrock mode nothing uses it. Should Bedrock be switched off all the
    // same, the helper's token still goes to the gateway and not to the vendor.
    action: SET,
    why: "where requests go",
  },
  {
    match: [
      "ANTHROPIC_BEDROCK_BASE_URL",
      "CLAUDE_CODE_USE_BEDROCK",
      "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    ],
    action: { managed: "scrub", passthrough: "scrub", bedrock: "set" },
    why: "selects Bedrock, and where its requests go",
  },
  {
    match: ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"],
    action: SCRUB,
    why: "a key of the user's own would replace the gateway credential",
  },
  {
    match: [
      "CLAUDE_CODE_OAUTH_TOKEN",
      "CLAUDE_CODE_OAUTH_REFRESH_TOKEN",
      "CLAUDE_CODE_OAUTH_SCOPES",
    ],
    action: { managed: "scrub", passthrough: "keep", bedrock: "scrub" },
    why: "the subscription login, which only passthrough uses",
  },
  {
    match: [
      "CLAUDE_CODE_USE_VERTEX",
      "CLAUDE_CODE_USE_FOUNDRY",
      "CLAUDE_CODE_USE_MANTLE",
      "CLAUDE_CODE_USE_ANTHROPIC_AWS",
      "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
      "CLAUDE_CODE_USE_GATEWAY",
    ],
    action: SCRUB,
    why: "selects another cloud provider",
  },
  {
    match: [
      "ANTHROPIC_VERTEX_BASE_URL",
      "ANTHROPIC_FOUNDRY_BASE_URL",
      "ANTHROPIC_FOUNDRY_RESOURCE",
      "ANTHROPIC_FOUNDRY_API_KEY",
      "ANTHROPIC_FOUNDRY_AUTH_TOKEN",
      "ANTHROPIC_AWS_BASE_URL",
      "ANTHROPIC_AWS_API_KEY",
      "ANTHROPIC_AWS_WORKSPACE_ID",
      "ANTHROPIC_GOOGLE_CLOUD_BASE_URL",
      "ANTHROPIC_BEDROCK_MANTLE_BASE_URL",
    ],
    action: SCRUB,
    why: "address or key of another cloud provider",
  },
  {
    match: [
      "CLAUDE_CODE_SKIP_VERTEX_AUTH",
      "CLAUDE_CODE_SKIP_FOUNDRY_AUTH",
      "CLAUDE_CODE_SKIP_MANTLE_AUTH",
      "CLAUDE_CODE_SKIP_ANTHROPIC_AWS_AUTH",
      "CLAUDE_CODE_SKIP_ANTHROPIC_GOOGLE_CLOUD_AUTH",
    ],
    action: SCRUB,
    why: "changes the authentication of another cloud provider",
  },
  {
    match: [
      "ANTHROPIC_PROFILE",
      "ANTHROPIC_FEDERATION_RULE_ID",
      "ANTHROPIC_ORGANIZATION_ID",
      "ANTHROPIC_SERVICE_ACCOUNT_ID",
      "ANTHROPIC_IDENTITY_TOKEN",
      "ANTHROPIC_IDENTITY_TOKEN_FILE",
      "ANTHROPIC_CONFIG_DIR",
    ],
    action: SCRUB,
    why: "federated login to the vendor; half-set, it is a fatal error",
  },
  {
    match: ["AWS_BEARER_TOKEN_BEDROCK"],
    action: { managed: "keep", passthrough: "keep", bedrock: "scrub" },
    why: "would be sent to the gateway as the bearer",
  },
  {
    match: [
      "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST",
      "CLAUDE_CODE_HOST_AUTH_ENV_VAR",
      "CLAUDE_CODE_HOST_CREDS_FILE",
      "CLAUDE_CODE_API_BASE_URL",
      "CLAUDE_CODE_CUSTOM_OAUTH_URL",
      "ANTHROPIC_UNIX_SOCKET",
      "CLAUDE_CODE_GATEWAY_TOKEN",
      "CLAUDE_CODE_GATEWAY_TOKEN_FILE_DESCRIPTOR",
      "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
      "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
    ],
    action: SCRUB,
    why: "lets a host application replace the helper, the login or the address",
  },
  {
    match: ["CLAUDE_CODE_SIMPLE"],
    action: { managed: "keep", passthrough: "scrub", bedrock: "keep" },
    why: "never reads the subscription login",
  },
  {
    match: [
      "HTTP_PROXY",
      "HTTPS_PROXY",
      "ALL_PROXY",
      "NO_PROXY",
      "http_proxy",
      "https_proxy",
      "all_proxy",
      "no_proxy",
      "NODE_TLS_REJECT_UNAUTHORIZED",
      "NODE_EXTRA_CA_CERTS",
    ],
    action: PERSONAL,
    why: "a proxy with a certificate authority to match reads every credential",
  },
  {
    match:
      /^(?:NODE_OPTIONS|DENO_\w+|BUN_\w+|JSR_URL|NPM_CONFIG_\w+|npm_config_\w+|LD_\w+|DYLD_\w+|SSL_CERT_(?:FILE|DIR)|XDG_CACHE_HOME|BASH_ENV|ENV)$/,
    action: PERSONAL,
    why: "loads code into the helper, or a certificate authority, or prints " +
      "every request with its credential",
  },
  {
    match: ["ANTHROPIC_LOG"],
    action: PERSONAL,
    why: "prints passthrough's header and the login to the session's output",
  },
  {
    match: ["CLAUDE_CODE_EXTRA_BODY"],
    action: PERSONAL,
    why: "can ask for another model than was allowed",
  },
  {
    match: ["CLAUDE_SECURESTORAGE_CONFIG_DIR"],
    action: PERSONAL,
    why: "would swap the stored login",
  },
  {
    match: ["CLAUDE_CODE_SKIP_FAST_MODE_ORG_CHECK"],
    action: SET,
    why: "the check would send the helper's token to the vendor",
  },
  {
    match: ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"],
    action: { managed: "keep", passthrough: "set", bedrock: "keep" },
    withRelay: "keep",
    why:
      "the vendor's start-up call would carry the gateway header; this also " +
      "turns off auto-update, telemetry and release notes",
  },
  {
    match: [
      "CLAUDE_CODE_USE_NATIVE_FILE_SEARCH",
      "CLAUDE_CODE_USE_POWERSHELL_TOOL",
      "CLAUDE_CODE_USE_COWORK_PLUGINS",
    ],
    action: KEEP,
    why: "a preference that has nothing to do with routing",
  },
  {
    match:
      /^(?:CLAUDE_CODE_USE_\w+|CLAUDE_CODE_SKIP_\w+_AUTH|ANTHROPIC_\w+_BASE_URL|ANTHROPIC_FOUNDRY_\w+)$/,
    action: SCRUB,
    why: "named like a provider switch that this version does not know yet",
  },
];

/** The rule for a variable; names are compared without case on Windows. */
export function ruleFor(
  name: string,
  platform: Platform,
): RoutingRule | undefined {
  const wanted = canonical(name, platform);
  return ROUTING_RULES.find(({ match }) =>
    match instanceof RegExp ? match.test(wanted) : match.includes(wanted)
  );
}

/**
 * What happens to a variable in a launch.
 *
 * @example
 * ```ts
 * import { actionFor } from "./routing.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const name = "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC";
 * const route = { mode: "passthrough" } as const;
 * assertEquals(actionFor(name, route, "linux"), "set");
 * const relayed = { ...route, relay: { url: "http://..." } };
 * assertEquals(actionFor(name, relayed, "linux"), "keep");
 * ```
 */
export function actionFor(
  name: string,
  route: Pick<Route, "mode" | "relay">,
  platform: Platform,
): Action {
  const rule = ruleFor(name, platform);
  const special = carrierOf(route) === "relay" ? rule?.withRelay : undefined;
  return special ?? rule?.action[route.mode] ?? "keep";
}

/** What the environment is planned from. */
export interface RoutingInput {
  /** Where requests go. */
  route: Pick<Route, "mode" | "relay">;
  /** The environment as found, with whatever the caller's settings add. */
  env: Readonly<Record<string, string>>;
  /** Names that settings files put into the environment. */
  settingsNames: readonly string[];
  /** Values of the variables that are `set` in this mode. */
  values: Readonly<Record<string, string>>;
  platform: Platform;
}

/** A variable that was taken out of the environment. */
export interface Removed {
  /** Its name as found. */
  name: string;
  why: string;
}

/** The planned environment, before anything that is not in the table. */
export interface RoutedEnvironment {
  env: Record<string, string>;
  removed: Removed[];
  /** `env` of the overlay: the set values and a blank for each scrubbed one. */
  overlay: Record<string, string>;
}

/**
 * Applies the table.
 *
 * @example
 * ```ts
 * import { routeEnvironment } from "./routing.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { env, removed } = routeEnvironment({
 *   route: { mode: "bedrock" },
 *   env: { PATH: "/bin", ANTHROPIC_API_KEY: "sk" },
 *   settingsNames: [],
 *   values: { CLAUDE_CODE_USE_BEDROCK: "1" },
 *   platform: "linux",
 * });
 * assertEquals(env, { PATH: "/bin", CLAUDE_CODE_USE_BEDROCK: "1" });
 * assertEquals(removed.map(({ name }) => name), ["ANTHROPIC_API_KEY"]);
 * ```
 */
export function routeEnvironment(input: RoutingInput): RoutedEnvironment {
  const { route, platform, values } = input;
  const env: Record<string, string> = {};
  const removed: Removed[] = [];
  for (const [name, value] of Object.entries(input.env)) {
    const action = actionFor(name, route, platform);
    if (action === "keep" || action === "personal") env[name] = value;
    else if (action === "scrub") {
      removed.push({ name, why: ruleFor(name, platform)!.why });
    }
  }
  const overlay: Record<string, string> = {};
  const known = ROUTING_RULES.flatMap(({ match }) =>
    match instanceof RegExp ? [] : match
  );
  const found = [...Object.keys(input.env), ...input.settingsNames]
    .map((name) => canonical(name, platform));
  for (const name of new Set([...known, ...found])) {
    if (actionFor(name, route, platform) === "scrub") overlay[name] = "";
  }
  return {
    env: { ...env, ...values },
    removed,
    overlay: { ...overlay, ...values },
  };
}
