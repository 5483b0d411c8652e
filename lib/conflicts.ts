/**
 * What the launch's overlay cannot override: found before Claude Code starts, so
 * that a reroute is an error and not a surprise.
 *
 * @module
 */

import { findSwitch, firstWord } from "./claude_args.ts";
import { settingsEnv, type SettingsFile } from "./claude_settings.ts";
import {
  CUSTOM_HEADERS,
  headerNames,
  isReservedHeader,
} from "./custom_headers.ts";
import { CliError } from "./errors.ts";
import type { Mode } from "./mode.ts";
import { ruleFor } from "./routing.ts";
import type { Platform } from "./sys.ts";

/** What the check looks at. */
export interface ConflictInput {
  /** The mode of the launch. */
  mode: Mode;
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
  /** The operating system. */
  platform: Platform;
}

const BACKGROUND_SWITCHES = ["--bg", "--background"];
const BACKGROUND_COMMANDS = ["agents", "daemon"];

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
      ...checkToken(file, input),
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

/** Managed policy beats `--settings`. */
function checkPolicy(file: SettingsFile, input: ConflictInput): string[] {
  const { mode, values, platform } = input;
  for (const [name, value] of Object.entries(settingsEnv(file.values))) {
    const action = ruleFor(name, platform)?.action[mode] ?? "keep";
    const wanted = action === "set"
      ? values[name]
      : action === "scrub"
      ? ""
      : value;
    if (value !== wanted) {
      throw refuse(file, `env.${name}`, `would override this launch's routing`);
    }
  }
  const { apiKeyHelper, forceLoginMethod, forceLoginOrgUUID } = file.values;
  if (apiKeyHelper) {
    throw refuse(
      file,
      "apiKeyHelper",
      "would replace this launch's credential",
    );
  }
  if (mode === "passthrough") {
    if (forceLoginMethod && forceLoginMethod !== "claudeai") {
      throw refuse(
        file,
        "forceLoginMethod",
        "forbids the subscription login that passthrough needs",
      );
    }
  } else if (forceLoginMethod) {
    throw refuse(
      file,
      "forceLoginMethod",
      "forbids a launch with an apiKeyHelper",
    );
  } else if (forceLoginOrgUUID) {
    throw refuse(
      file,
      "forceLoginOrgUUID",
      "forbids a launch with an apiKeyHelper",
    );
  }
  return [];
}

/** A file's custom headers replace the environment's, the gateway's among them. */
function checkHeaders(file: SettingsFile, { mode }: ConflictInput): string[] {
  const text = settingsEnv(file.values)[CUSTOM_HEADERS];
  if (text === undefined) return [];
  if (mode === "passthrough") {
    throw refuse(
      file,
      `env.${CUSTOM_HEADERS}`,
      "would replace the header that authenticates passthrough",
    );
  }
  const reserved = headerNames(text).filter(isReservedHeader);
  return reserved.length === 0 ? [] : [
    `"env.${CUSTOM_HEADERS}" in ${file.path} sends ${reserved.join(", ")} ` +
    "of its own beside the gateway's credential",
  ];
}

/** A file's `RPAI_TOKEN` would replace the one the helper is given. */
function checkToken(
  file: SettingsFile,
  { mode, staticToken }: ConflictInput,
): string[] {
  const rival = settingsEnv(file.values).RPAI_TOKEN;
  if (
    rival && (file.scope === "policy" || staticToken) && mode !== "passthrough"
  ) {
    throw refuse(file, "env.RPAI_TOKEN", "would replace this launch's token");
  }
  return [];
}

function checkArguments(input: ConflictInput): string[] {
  const { mode, claudeArgs, env, staticToken } = input;
  const word = firstWord(claudeArgs);
  const background = findSwitch(claudeArgs, BACKGROUND_SWITCHES) ??
    BACKGROUND_COMMANDS.find((command) => command === word);
  if (mode !== "passthrough") {
    return background === undefined || !staticToken ? [] : [
      `${background}: the session outlives this token, which is only in ` +
      "this launch's environment",
    ];
  }
  if (background !== undefined) {
    throw new CliError(
      "refused",
      `${background} does not work in passthrough: a background session ` +
        "does not carry the gateway header",
      { hint: "run it in the foreground, or through a managed provider" },
    );
  }
  const bare = findSwitch(claudeArgs, ["--bare"]) ??
    (env.CLAUDE_CODE_SIMPLE ? "CLAUDE_CODE_SIMPLE" : undefined);
  if (bare !== undefined) {
    throw new CliError(
      "refused",
      `${bare} does not work in passthrough: it never reads the subscription login`,
      { hint: `leave out ${bare}, or use a managed provider` },
    );
  }
  return [];
}
