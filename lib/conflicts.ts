/**
 * What the launch's overlay cannot override: found before Claude Code starts, so
 * that a reroute is an error and not a surprise.
 *
 * @module
 */

import { carrierOf, type Route } from "./carrier.ts";
import { findSwitch, firstWord } from "./claude_args.ts";
import { settingsEnv, type SettingsFile } from "./claude_settings.ts";
import {
  CUSTOM_HEADERS,
  headerNames,
  isReservedHeader,
  passesRelay,
} from "./custom_headers.ts";
import { CliError } from "./errors.ts";
import type { Mode } from "./mode.ts";
import { type Action, actionFor } from "./routing.ts";
import type { Platform } from "./sys.ts";

/** What the check looks at. */
export interface ConflictInput extends Route {
  /** Settings files, highest precedence first. */
  files: readonly SettingsFile[];
  /** Values of the variables that the launch sets. */
  values: Readonly<Record<string, string>>;
  /** The caller's arguments for Claude Code. */
  claudeArgs: readonly string[];
  /** The environment as found. */
  env: Readonly<Record<string, string>>;
  /** Whether the token lives only in this process's environment. */
  staticToken: boolean;
  /** Whether the helper finds a client's secret in the environment. */
  secretInEnv: boolean;
  /** The operating system. */
  platform: Platform;
}

const BACKGROUND_SWITCHES = ["--bg", "--background"];
const BACKGROUND_COMMANDS = ["agents", "daemon"];

/** What runs the session in the vendor's cloud, off the gateway. */
const CLOUD_SWITCHES = ["--cloud", "--teleport", "--environment"];
const CLOUD_COMMANDS = ["ultrareview"];

/**
 * Checks a launch.
 *
 * @returns warnings, one line each
 * @throws {CliError} `refused`, naming the file and the key
 */
export function checkConflicts(input: ConflictInput): string[] {
  return [
    ...input.files.flatMap((file) => [
      ...(file.scope === "policy" ? checkPolicy(file, input) : []),
      ...checkHeaders(file, input),
      ...checkHelperVariables(file, input),
    ]),
    ...checkArguments(input),
  ];
}

function refuse(file: SettingsFile, key: string, effect: string): CliError {
  const policy = file.scope === "policy";
  return new CliError("refused", `"${key}" in ${file.path} ${effect}`, {
    hint: policy
      ? "managed policy beats every launcher: ask its owner to remove the key"
      : `remove "${key}" from that file`,
  });
}

/**
 * Policy keys that end or reroute a launch, by mode. Measured on Claude Code
 * 2.1.330; `forceLoginOrgUUID` can hold for a subscription login.
 */
const POLICY_KEYS: readonly {
  key: string;
  modes: readonly Mode[];
  effect: string;
  /** A value that does no harm. */
  harmless?: (value: unknown, mode: Mode) => boolean;
}[] = [
  {
    key: "apiKeyHelper",
    modes: ["managed", "passthrough", "bedrock"],
    effect: "would replace this launch's credential",
    harmless: (value, mode) => mode === "passthrough" && value === "",
  },
  {
    key: "forceLoginMethod",
    modes: ["managed", "passthrough", "bedrock"],
    effect: "forbids this launch's way of signing in",
    harmless: (value, mode) => mode === "passthrough" && value !== "gateway",
  },
  {
    key: "forceLoginOrgUUID",
    modes: ["managed", "bedrock"],
    effect: "forbids a launch with an apiKeyHelper",
  },
  {
    key: "forceLoginGatewayUrl",
    modes: ["managed", "passthrough"],
    effect: "sends the login to another gateway",
  },
  {
    key: "allowedProviders",
    modes: ["managed", "passthrough", "bedrock"],
    effect: "forbids this launch's provider, or sends it elsewhere",
  },
];

/** Managed policy beats `--settings`. */
function checkPolicy(file: SettingsFile, input: ConflictInput): string[] {
  const { mode, values, platform } = input;
  if (file.broken) {
    throw new CliError(
      "refused",
      `managed policy ${file.path} is not one JSON object: Claude Code would ` +
        "not start",
      { hint: "ask its owner to mend the file" },
    );
  }
  for (
    const [name, value] of Object.entries(settingsEnv(file.values, platform))
  ) {
    if (defeats(name, value, actionFor(name, input), values)) {
      throw refuse(
        file,
        `env.${name}`,
        "would override this launch's routing",
      );
    }
  }
  for (const { key, modes, effect, harmless } of POLICY_KEYS) {
    if (!modes.includes(mode) || !(key in file.values)) continue;
    if (!harmless?.(file.values[key], mode)) throw refuse(file, key, effect);
  }
  return [];
}

/** Variables that count as soon as they are there, whatever their value. */
const PRESENCE_ONLY = ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"];

/** Whether a value that nothing beats is another than the launch needs. */
function defeats(
  name: string,
  value: string,
  action: Action,
  values: Readonly<Record<string, string>>,
): boolean {
  switch (action) {
    case "set":
      return PRESENCE_ONLY.includes(name)
        ? value === ""
        : value !== values[name];
    case "scrub":
      return /_USE_|_SKIP_/.test(name)
        ? !["", "0", "false"].includes(value)
        : value !== "";
    case "personal":
    case "keep":
      return false;
  }
}

/** A file's custom headers replace the environment's, the gateway's among them. */
function checkHeaders(file: SettingsFile, input: ConflictInput): string[] {
  const { mode, platform } = input;
  const text = settingsEnv(file.values, platform)[CUSTOM_HEADERS];
  if (text === undefined) return [];
  const carrier = carrierOf(input);
  if (carrier === "header") {
    throw refuse(
      file,
      `env.${CUSTOM_HEADERS}`,
      "would replace the header that authenticates passthrough",
    );
  }
  const reserved = headerNames(text).filter(isReservedHeader).filter((name) =>
    carrier === "helper" || passesRelay(name, mode)
  );
  return reserved.length === 0 ? [] : [
    `"env.${CUSTOM_HEADERS}" in ${file.path} sends ${reserved.join(", ")} ` +
    "of its own beside the gateway's credential",
  ];
}

/** What a file would tell the helper, where a blank in the overlay cannot help. */
function checkHelperVariables(
  file: SettingsFile,
  input: ConflictInput,
): string[] {
  if (carrierOf(input) !== "helper") return [];
  const { staticToken, secretInEnv, platform } = input;
  const env = settingsEnv(file.values, platform);
  const policy = file.scope === "policy";
  // A blank in a file erases the variable as well.
  const rivals: [string, boolean][] = [
    ["RPAI_TOKEN", staticToken || policy && env.RPAI_TOKEN !== ""],
    ["RPAI_CLIENT_SECRET", secretInEnv],
    ["RPAI_CLIENT_SECRET_FILE", secretInEnv],
  ];
  for (const [name, matters] of rivals) {
    if (matters && env[name] !== undefined) {
      throw refuse(file, `env.${name}`, "would replace this launch's token");
    }
  }
  return [];
}

function checkArguments(input: ConflictInput): string[] {
  const { mode, claudeArgs, env, staticToken } = input;
  const word = firstWord(claudeArgs) ?? "";
  const given = (switches: string[], commands: string[]) =>
    findSwitch(claudeArgs, switches) ??
      commands.find((command) => command === word);
  const background = given(BACKGROUND_SWITCHES, BACKGROUND_COMMANDS);
  if (carrierOf(input) === "relay" && background !== undefined) {
    throw new CliError(
      "refused",
      `${background} does not work with the relay: the session outlives this ` +
        "launch, and the relay ends with it",
      { hint: `leave out ${background}, or launch with --no-relay` },
    );
  }
  if (mode !== "passthrough") {
    return background === undefined || !staticToken ? [] : [
      `${background}: the session outlives this token, which is only in ` +
      "this launch's environment",
    ];
  }
  const cloud = given(CLOUD_SWITCHES, CLOUD_COMMANDS);
  const bare = findSwitch(claudeArgs, ["--bare"]) ??
    (env.CLAUDE_CODE_SIMPLE ? "CLAUDE_CODE_SIMPLE" : undefined);
  const reasons: [string | undefined, string][] = [
    [background, "a background session does not carry the gateway header"],
    [cloud, "the session would run in the vendor's cloud, off the gateway"],
    [bare, "it never reads the subscription login"],
  ];
  for (const [what, reason] of reasons) {
    if (what === undefined) continue;
    throw new CliError(
      "refused",
      `${what} does not work in passthrough: ${reason}`,
      { hint: `leave out ${what}, or use a managed provider` },
    );
  }
  return [];
}
