/**
 * What the launch's overlay cannot override: found before Claude Code starts, so
 * that a reroute is an error and not a surprise. Findings are data: the launch
 * stops at the first refused one, the doctor shows them all.
 *
 * @module
 */

import { argumentConflicts } from "./argument_conflicts.ts";
import { carrierOf } from "./carrier.ts";
import type { SettingsFile } from "../claude/claude_settings.ts";
import {
  CUSTOM_HEADERS,
  headerNames,
  isReservedHeader,
} from "./custom_headers.ts";
import type { Conflict } from "./conflict.ts";
import type { Facts } from "./facts.ts";
import { CliError } from "../base/errors.ts";
import { oneLine } from "../base/printable.ts";
import type { Mode } from "../gateway/mode.ts";
import { type Action, actionFor } from "./routing.ts";

/**
 * Stops a launch at its first refused conflict.
 *
 * @returns warnings of the others, one line each
 * @throws {CliError} `refused`
 */
export function refuseConflicts(conflicts: readonly Conflict[]): string[] {
  const [first] = conflicts.filter(({ refused }) => refused);
  if (first !== undefined) {
    throw new CliError("refused", first.message, { hint: first.hint });
  }
  return conflicts.map(({ message }) => message);
}

/**
 * Finds the conflicts of a launch, in the order of precedence of the files.
 *
 * @param values the variables that the launch sets
 */
export function findConflicts(
  facts: Facts,
  values: Readonly<Record<string, string>>,
): Conflict[] {
  return [
    ...facts.user.files.flatMap((file) => [
      ...(file.scope === "policy" ? checkPolicy(file, facts, values) : []),
      ...checkHeaders(file, facts),
    ]),
    ...argumentConflicts(facts),
  ];
}

/**
 * Policy keys that end or reroute a launch, by mode. Measured on Claude Code
 * 2.1.330; `forceLoginOrgUUID` can hold for a subscription login.
 */
export const POLICY_KEYS: readonly {
  key: string;
  modes: readonly Mode[];
  effect: string;
  /**
   * A value that does no harm.
   *
   * @param pinsOurs whether the policy's own address is the launch's
   */
  harmless?: (value: unknown, mode: Mode, pinsOurs: boolean) => boolean;
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
    harmless: (value, mode, pinsOurs) =>
      mode !== "bedrock" && pinsOurs && Array.isArray(value) &&
      value.includes("customEndpoint"),
  },
];

/** Managed policy beats `--settings`. */
function checkPolicy(
  file: SettingsFile,
  { route, machine, user }: Facts,
  values: Readonly<Record<string, string>>,
): Conflict[] {
  const { mode } = route;
  const address = user.files.find(({ scope, env }) =>
    scope === "policy" && env.ANTHROPIC_BASE_URL !== undefined
  )?.env.ANTHROPIC_BASE_URL;
  const pinsOurs = address === values.ANTHROPIC_BASE_URL;
  if (file.broken) {
    return [{
      refused: true,
      message:
        `managed policy ${file.path} is not one JSON object: Claude Code would ` +
        "not start",
      hint: "ask its owner to fix the file",
      path: file.path,
    }];
  }
  const variables = Object.entries(file.env).filter(([name, value]) =>
    defeats(name, value, actionFor(name, route, machine.platform), values)
  );
  const keys = POLICY_KEYS.filter(({ key, modes, harmless }) =>
    modes.includes(mode) && key in file.values &&
    !harmless?.(file.values[key], mode, pinsOurs)
  );
  return [
    ...variables.map(([name]) =>
      refusal(file, `env.${name}`, "would override this launch's routing")
    ),
    ...keys.map(({ key, effect }) => refusal(file, key, effect)),
  ];
}

/** Variables that count with any value. */
const PRESENCE_ONLY = ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"];

/** Whether a policy's value, which nothing beats, defeats the launch. */
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
function checkHeaders(file: SettingsFile, { route }: Facts): Conflict[] {
  const text = file.env[CUSTOM_HEADERS];
  if (text === undefined) return [];
  const key = `env.${CUSTOM_HEADERS}`;
  if (carrierOf(route) === "header") {
    const effect = "would replace the header that authenticates passthrough";
    return [refusal(file, key, effect)];
  }
  const reserved = headerNames(text).filter(isReservedHeader).map(oneLine);
  return reserved.length === 0
    ? []
    : [refusal(file, key, `would set the header ${reserved.join(", ")}`)];
}

/** A key of a settings file that stops a launch. */
export function refusal(
  { scope, path }: SettingsFile,
  key: string,
  effect: string,
): Conflict {
  return {
    refused: true,
    message: `"${key}" in ${path} ${effect}`,
    hint: scope === "policy"
      ? "managed policy beats every launcher: ask its owner to remove the key"
      : `remove "${key}" from that file`,
    path,
    keys: [key],
  };
}
