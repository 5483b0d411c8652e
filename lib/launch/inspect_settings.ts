/**
 * Who wins for each key that routes Claude Code or gives it a credential, and
 * what a launch does about it: one pure function, which the launch,
 * `--print-settings -o wide` and the doctor share.
 *
 * @module
 */

import type { Scope } from "../claude/claude_settings.ts";
import { POLICY_KEYS } from "./conflicts.ts";
import type { Conflict } from "./conflict.ts";
import type { Facts } from "./facts.ts";
import { CUSTOM_HEADERS } from "./custom_headers.ts";
import { isObject, type JsonObject } from "../base/json_object.ts";
import { nameList } from "../base/printable.ts";
import { actionFor, ruleFor } from "./routing.ts";

export interface Place {
  /** A settings file's scope, or what else there is. */
  origin: Scope | "launch" | "caller" | "environment";
  /** What it is called in messages: a file's path. */
  path: string;
}

/**
 * What a launch does about a key:
 * - `refused`: it would defeat the launch, which does not start
 * - `overridden`: the launch's value counts, not the one that somebody set
 * - `odd`: it works, but perhaps not as its user thinks
 * - `kept`: the launch leaves it alone
 */
export type Outcome = "refused" | "overridden" | "odd" | "kept";

/** A key that is set outside the launch. Holds no value. */
export interface KeyFinding {
  /** `env.ANTHROPIC_BASE_URL`, `apiKeyHelper`, ... */
  key: string;
  outcome: Outcome;
  /** Whose value counts in Claude Code. */
  winner: Place;
  /** Who else sets it, to another value, in order of precedence. */
  losers: Place[];
  /** What the key decides. */
  why: string;
}

export interface InspectInput extends Facts {
  /** What the launch passes in `--settings`, as far as it routes. */
  overlay: { apiKeyHelper: string; env: Readonly<Record<string, string>> };
  /** What the launch sets in the environment alone. */
  exported: Readonly<Record<string, string>>;
  /** What was found against the launch. */
  conflicts: readonly Conflict[];
}

/** Keys that matter besides the variables of the routing table. */
const OTHER_KEYS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    POLICY_KEYS.map(({ key }) => [key, "how Claude Code may sign in"]),
  ),
  apiKeyHelper: "the program that prints the credential",
  [`env.${CUSTOM_HEADERS}`]: "headers of every request",
  "env.CLAUDE_CONFIG_DIR": "where further settings are",
};

/**
 * Variables that Claude Code ignores in a repository's settings (2.1.330).
 */
const NOT_FROM_PROJECTS = [
  "CLAUDE_CODE_OAUTH_TOKEN",
  "CLAUDE_CODE_OAUTH_REFRESH_TOKEN",
  "CLAUDE_CODE_OAUTH_SCOPES",
  "CLAUDE_CODE_SIMPLE",
];

/** A place and the keys it sets. */
interface Level {
  place: Place;
  values: ReadonlyMap<string, unknown>;
}

/** Inspects the keys that are set outside the launch. */
export function inspectSettings(input: InspectInput): KeyFinding[] {
  const levels = precedence(input);
  const keys = new Set(
    levels.filter(({ place }) => place.origin !== "launch")
      .flatMap(({ values }) => [...values.keys()]),
  );
  return [...keys].sort().flatMap((key) => {
    const why = whyItMatters(key, input);
    if (why === undefined) return [];
    const [winner, ...others] = levels.filter((level) => counts(level, key));
    if (winner === undefined) return [];
    const losers = others
      .filter(({ values }) => values.get(key) !== winner.values.get(key))
      .map(({ place }) => place);
    if (winner.place.origin === "launch" && losers.length === 0) return [];
    const beaten = losers.filter((place) => isBeaten(key, place, input));
    const outcome = judge(key, winner.place, beaten, input);
    return [{
      ...{ key, outcome, winner: winner.place, why },
      losers: outcome === "overridden" ? beaten : losers,
    }];
  });
}

/**
 * One line for each file with values that the launch overrides.
 *
 * @example
 * ```ts
 * import { overrideNotes } from "./inspect_settings.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const notes = overrideNotes([{
 *   key: "apiKeyHelper",
 *   outcome: "overridden",
 *   winner: { origin: "launch", path: "this launch" },
 *   losers: [{ origin: "user", path: "~/.claude/settings.json" }],
 *   why: "the program that prints the credential",
 * }]);
 * assertEquals(notes, [
 *   "~/.claude/settings.json: apiKeyHelper ignored: the launch decides routing",
 * ]);
 * ```
 */
export function overrideNotes(findings: readonly KeyFinding[]): string[] {
  const byPath = new Map<string, string[]>();
  for (const { key, outcome, losers } of findings) {
    if (outcome !== "overridden") continue;
    for (const { origin, path } of losers) {
      // What the environment loses is listed as removed.
      if (origin === "environment") continue;
      byPath.set(path, [...byPath.get(path) ?? [], key]);
    }
  }
  return [...byPath].map(([path, keys]) =>
    `${path}: ${nameList(keys, MAX_NAMED)} ignored: the launch decides routing`
  );
}

const MAX_NAMED = 5;

/** Everything that sets a key, in Claude Code's order of precedence. */
function precedence(input: InspectInput): Level[] {
  const { user, overlay, exported, machine } = input;
  const { files, callerSettings } = user;
  const onDisk = files.map(({ scope, path, values, env }) => ({
    place: { origin: scope, path },
    values: settingsKeys(values, env),
  }));
  const isPolicy = ({ place }: Level) => place.origin === "policy";
  const caller: Place = { origin: "caller", path: "--settings" };
  const launch: Place = { origin: "launch", path: "this launch" };
  return [
    ...onDisk.filter(isPolicy),
    {
      place: launch,
      values: new Map<string, unknown>([
        ["apiKeyHelper", overlay.apiKeyHelper],
        ...variables(overlay.env),
      ]),
    },
    { place: caller, values: settingsKeys(callerSettings.values, {}) },
    ...onDisk.filter((level) => !isPolicy(level)),
    { place: launch, values: new Map(variables(exported)) },
    { place: caller, values: new Map(variables(callerSettings.env)) },
    {
      place: { origin: "environment", path: "the environment" },
      values: new Map(variables(machine.env)),
    },
  ];
}

function settingsKeys(
  values: JsonObject,
  env: Readonly<Record<string, string>>,
): Map<string, unknown> {
  return new Map<string, unknown>([
    ...Object.entries(values).filter(([, value]) => !isObject(value)),
    ...variables(env),
  ]);
}

function variables(
  env: Readonly<Record<string, string>>,
): [string, string][] {
  return Object.entries(env).map(([name, value]) => [`env.${name}`, value]);
}

function counts({ place, values }: Level, key: string): boolean {
  if (!values.has(key)) return false;
  switch (place.origin) {
    case "project":
    case "local":
      return !NOT_FROM_PROJECTS.includes(key.replace(/^env\./, ""));
    case "environment":
      // This program reads these itself, and tells the helper in its arguments.
      return !key.startsWith("env.RPAI_");
    default:
      return true;
  }
}

/** Whether the launch overrides a place, rather than restore its value. */
function isBeaten(
  key: string,
  { origin }: Place,
  { route, machine }: InspectInput,
): boolean {
  const name = key.replace(/^env\./, "");
  return actionFor(name, route, machine.platform) !== "personal" ||
    origin === "project" || origin === "local";
}

/** What a key decides; `undefined` for neither route nor credential. */
function whyItMatters(
  key: string,
  { machine }: InspectInput,
): string | undefined {
  const name = /^env\.(.*)$/s.exec(key)?.[1];
  const rule = name === undefined ? undefined : ruleFor(name, machine.platform);
  if (rule === undefined) {
    return Object.hasOwn(OTHER_KEYS, key) ? OTHER_KEYS[key] : undefined;
  }
  const actions = Object.values(rule.action);
  return actions.every((action) => action === "keep") ? undefined : rule.why;
}

function judge(
  key: string,
  winner: Place,
  beaten: readonly Place[],
  { conflicts }: InspectInput,
): Outcome {
  const about = conflicts.filter(({ keys }) => keys?.includes(key));
  if (about.some(({ refused }) => refused)) return "refused";
  if (about.length > 0) return "odd";
  return winner.origin === "launch" && beaten.length > 0
    ? "overridden"
    : "kept";
}
