/**
 * Model ids: the provider's allow-list, Claude Code's family aliases, and the
 * allowed ids those are pinned to. Claude Code retries a refused model in
 * silence for minutes, so a model outside the list must not be requested.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import type { JsonObject } from "../base/json_object.ts";
import { nameList } from "../base/printable.ts";

/**
 * Families of models, and where to look when the list holds none of one: the
 * nearest in capability first.
 */
const NEAREST = {
  fable: ["opus", "sonnet", "haiku"],
  opus: ["fable", "sonnet", "haiku"],
  sonnet: ["opus", "haiku", "fable"],
  haiku: ["sonnet", "opus", "fable"],
} as const;

type Family = keyof typeof NEAREST;

const FAMILIES = Object.keys(NEAREST) as Family[];

/**
 * The variable that pins a family's alias, `ANTHROPIC_DEFAULT_OPUS_MODEL` and so
 * on. In a client that does not know {@linkcode DEFAULT_PIN}, the opus or the
 * sonnet pin decides the default, by the kind of login. The haiku pin is the
 * model of background work. Measured on Claude Code 2.1.330.
 */
function pinOf(family: Family): string {
  return `ANTHROPIC_DEFAULT_${family.toUpperCase()}_MODEL`;
}

/** What a session asks for when nobody chose; newer clients only. */
const DEFAULT_PIN = "ANTHROPIC_DEFAULT_MODEL";

/** Deprecated name of the haiku pin, which it beats. */
const SMALL_FAST = "ANTHROPIC_SMALL_FAST_MODEL";

/** The model of subagents; when blank, they use the session's. */
const SUBAGENT = "CLAUDE_CODE_SUBAGENT_MODEL";

/**
 * Most models that `/model` lists. A longer list is of no use there, and an
 * argument that holds it might be too long for the system.
 */
const PICKER_ROWS = 100;

/**
 * What Claude Code takes for a model besides an id, and the families that it
 * means: the pins decide what it gets.
 */
const ALIASES: Readonly<Record<string, readonly Family[]>> = {
  default: [],
  best: [],
  opusplan: ["opus", "sonnet"],
  opus: ["opus"],
  sonnet: ["sonnet"],
  haiku: ["haiku"],
  fable: ["fable"],
};

/** A chosen model, and where it was chosen. */
export interface ModelChoice {
  id: string;
  /** Where it was said: a flag, a variable, a file and key. */
  from: string;
}

/** What the models are planned from. */
export interface ModelInput {
  /** `-m`, or the profile's model. */
  requested?: ModelChoice;
  /** What the caller's own arguments ask of Claude Code; these win. */
  claudeArg?: ModelChoice;
  /** Claude Code's `--fallback-model`. */
  fallbacks: ModelChoice[];
  /** What the user's variables and settings files ask for, the winner first. */
  configured: ModelChoice[];
  /** Pins that the user's variables and settings files set, by variable name. */
  userPins: Record<string, ModelChoice>;
  /** The provider's allow-list; empty allows all. */
  allowed: string[];
  /** Name of the provider, for messages. */
  provider: string;
  /** AWS region in Bedrock mode; chooses among inference profiles. */
  region?: string;
}

export interface ModelPlan {
  /** The value of Claude Code's `--model`. */
  model?: string;
  /** Variables to set, in the environment and the overlay. */
  pins: Record<string, string>;
  settings: JsonObject;
  warnings: string[];
}

/**
 * Plans which models a session can ask for.
 *
 * @example
 * ```ts
 * import { planModels } from "./models.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const plan = planModels({
 *   fallbacks: [],
 *   configured: [],
 *   userPins: {},
 *   allowed: ["claude-sonnet-4-6"],
 *   provider: "anthropic",
 * });
 * assertEquals(plan.pins.ANTHROPIC_DEFAULT_HAIKU_MODEL, "claude-sonnet-4-6");
 * ```
 *
 * @throws {CliError} `usage` for a requested model outside the allow-list
 */
export function planModels(input: ModelInput): ModelPlan {
  const { requested, claudeArg, configured, userPins, allowed, region } = input;
  const plan: ModelPlan = { pins: {}, settings: {}, warnings: [] };
  if (requested !== undefined) plan.model = requested.id;
  if (allowed.length === 0) return plan;

  const chosen = claudeArg ?? requested;
  for (const choice of [...(chosen ? [chosen] : []), ...input.fallbacks]) {
    if (!isAllowed(choice.id, input)) throw notAllowed(choice, input);
  }
  plan.pins[DEFAULT_PIN] = pickModel("opus", allowed, region);
  for (const family of FAMILIES) {
    plan.pins[pinOf(family)] = pickModel(family, allowed, region);
  }
  // Else a project's settings could turn these ids into others (2.1.332).
  plan.settings = {
    enforceAvailableModels: false,
    modelOverrides: Object.fromEntries(allowed.map((id) => [id, id])),
    ...allowed.length > PICKER_ROWS ? {} : {
      // Else `/model` has a row for each pin: some models several times, and no
      // older model of a family (2.1.332).
      modelPicker: {
        options: allowed.map((model) => ({ model })),
        replaceBuiltInOptions: true,
      },
    },
  };
  for (const [name, own] of Object.entries(userPins)) {
    if (isAllowed(own.id, input)) {
      delete plan.pins[name];
      continue;
    }
    plan.pins[name] ??= name === SUBAGENT ? "" : plan.pins[pinOf("haiku")];
    plan.warnings.push(
      `model "${own.id}" (${own.from}) is not allowed by provider ` +
        `"${input.provider}": using ${
          plan.pins[name] || "the session's model"
        }`,
    );
  }
  const [winner] = configured;
  if (
    chosen === undefined && winner !== undefined &&
    !isAllowed(winner.id, input)
  ) {
    const instead = pickModel("opus", allowed, region);
    // The argument beats even what a project's agent asks for.
    plan.model = instead;
    plan.pins.ANTHROPIC_MODEL = instead;
    plan.warnings.push(
      `model "${winner.id}" (${winner.from}) is not allowed by provider ` +
        `"${input.provider}": using ${instead}; choose another with --model`,
    );
  }
  return plan;
}

/** Variables that pin a model when the user set them. */
export const PIN_VARIABLES: readonly string[] = [
  DEFAULT_PIN,
  ...FAMILIES.map(pinOf),
  SMALL_FAST,
  SUBAGENT,
];

/** Whether a model may be asked for: `[1m]` only selects a larger context. */
function isAllowed(id: string, input: ModelInput): boolean {
  const plain = id.replace(/\[1m\]$/i, "");
  if (input.allowed.includes(plain)) return true;
  const families = familiesOf(plain);
  return families !== undefined &&
    families.every((family) => hasFamily(family, input));
}

/** The families that an alias means; `undefined` when it is no alias. */
function familiesOf(alias: string): readonly Family[] | undefined {
  const name = alias.toLowerCase();
  return Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined;
}

/** Whether a family has a model that is allowed, or the user gave it one. */
function hasFamily(
  family: Family,
  { allowed, userPins }: ModelInput,
): boolean {
  const own = userPins[pinOf(family)]?.id.replace(/\[1m\]$/i, "");
  return own !== undefined && allowed.includes(own) ||
    allowed.some((id) => parseModelId(id)?.family === family);
}

function notAllowed(choice: ModelChoice, input: ModelInput): CliError {
  const { allowed, provider } = input;
  const families = familiesOf(choice.id.replace(/\[1m\]$/i, ""));
  if (families !== undefined) {
    const missing = families.filter((family) => !hasFamily(family, input));
    return new CliError(
      "usage",
      `model "${choice.id}" (${choice.from}): provider "${provider}" allows ` +
        `no ${missing.join(" and no ")} model`,
      { hint: `allowed: ${nameList(allowed)}` },
    );
  }
  return new CliError(
    "usage",
    `model "${choice.id}" (${choice.from}) is not in the allow-list of ` +
      `provider "${provider}"`,
    {
      hint: `allowed: ${nameList(allowed)}`,
      suggest: { word: choice.id, among: allowed, show: "closest" },
    },
  );
}

/** The newest allowed id of a family, or of the nearest family there is. */
export function pickModel(
  family: Family,
  allowed: readonly string[],
  region?: string,
): string {
  for (const name of [family, ...NEAREST[family]]) {
    const [best] = allowed
      .map((id) => ({ id, parsed: parseModelId(id) }))
      .filter(({ parsed }) => parsed?.family === name)
      .sort((a, b) =>
        compareVersions(b.parsed!.version, a.parsed!.version) ||
        regionRank(a.parsed!.prefix, region) -
          regionRank(b.parsed!.prefix, region)
      );
    if (best !== undefined) return best.id;
  }
  return allowed[0];
}

/** `claude-sonnet-4-6`, `us.anthropic.claude-opus-4-1-20250805-v1:0`, `claude-3-5-haiku-20241022`. */
const MODEL_ID =
  /^(?:(?<prefix>[a-z]+)\.(?=anthropic\.))?(?:anthropic\.)?claude-(?:(?<oldMajor>\d{1,2})-(?:(?<oldMinor>\d{1,2})-)?)?(?<family>fable|opus|sonnet|haiku)(?:-(?<major>\d{1,2})(?!\d))?(?:-(?<minor>\d{1,2})(?!\d))?(?:-(?<date>\d{8}))?/;

function parseModelId(id: string) {
  const groups = MODEL_ID.exec(id)?.groups;
  if (groups === undefined) return undefined;
  const { prefix, family, oldMajor, oldMinor, major, minor, date } = groups;
  return {
    prefix,
    family,
    version: [major ?? oldMajor, minor ?? oldMinor, date].map((part) =>
      Number(part ?? 0)
    ),
  };
}

function compareVersions(a: number[], b: number[]): number {
  const index = a.findIndex((part, i) => part !== b[i]);
  return index === -1 ? 0 : a[index] - b[index];
}

/** Inference profiles of the region first, then global ones, then the rest. */
function regionRank(prefix: string | undefined, region = ""): number {
  const area = region.startsWith("ap-") ? "apac" : region.split("-")[0];
  if (prefix === area) return 0;
  return prefix === "global" ? 1 : prefix === undefined ? 2 : 3;
}
