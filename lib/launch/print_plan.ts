/**
 * `--print-settings`: a launch plan as a document, secrets redacted.
 *
 * @module
 */

import type { KeyFinding } from "./inspect_settings.ts";
import type { JsonObject } from "../base/json_object.ts";
import type { Format } from "../base/format.ts";
import { type Page, render } from "../base/render.ts";
import type { LaunchPlan } from "./plan.ts";
import { oneLine } from "../base/printable.ts";
import { redactText } from "../base/redact.ts";
import { redactEnv } from "./redact_env.ts";

/** What the plan is compared with, and what must not be shown. */
export interface PlanContext {
  env: Readonly<Record<string, string>>;
  /** Values that must not be shown. */
  secrets: readonly string[];
  /** Variables whose values must not be shown. */
  secretNames: readonly string[];
}

/** The document of `-o json` and `-o yaml`: exactly these keys. */
export interface PlanDocument {
  mode: string;
  provider: string;
  /** Model asked for; `null` leaves it to Claude Code. */
  model: string | null;
  /** The very object that Claude Code gets. */
  settings: JsonObject;
  /** Variables that the launch adds or changes. */
  env: Record<string, string>;
  unset: string[];
  argv: string[];
  warnings: string[];
}

export function planDocument(
  plan: LaunchPlan,
  context: PlanContext,
): PlanDocument {
  const added = Object.entries(plan.env).filter(([name, value]) =>
    context.env[name] !== value
  );
  return {
    mode: plan.mode,
    provider: plan.provider,
    model: plan.model,
    settings: plan.settings,
    env: redactEnv(Object.fromEntries(added.sort()), context.secretNames),
    unset: plan.removed.map(({ name }) => name).sort(),
    argv: ["claude", ...plan.args].map((arg) =>
      redactText(arg, context.secrets)
    ),
    warnings: plan.warnings,
  };
}

/** Columns of {@linkcode findingRows}. */
export const FINDINGS_HEADER = ["KEY", "OUTCOME", "WINNER", "BEATEN"];

/** Findings as rows of a table. */
export function findingRows(findings: readonly KeyFinding[]): string[][] {
  return findings.map(({ key, outcome, winner, losers }) => [
    key,
    outcome,
    oneLine(winner.path),
    losers.map(({ path }) => oneLine(path)).join("\n"),
  ]);
}

/** Renders a plan in one of the formats. */
export function renderPlan(
  plan: LaunchPlan,
  context: PlanContext,
  format: Format,
): string {
  const document = planDocument(plan, context);
  return render(format, document, (page) => write(document, plan, page));
}

function write(
  document: PlanDocument,
  plan: LaunchPlan,
  { wide, table, heading, block }: Page,
): string {
  const settings = JSON.stringify(document.settings);
  const shownArgv = document.argv.map((arg) =>
    arg === settings ? "<the settings above>" : arg
  );

  let text = table(["MODE", "PROVIDER", "MODEL"], [[
    document.mode,
    document.provider,
    document.model ?? "(Claude Code's choice)",
  ]]);
  const all = Object.entries(document.settings.env ?? {});
  const listed = wide ? all : all.filter(([, value]) => value !== "");
  const shown = { ...document.settings, env: Object.fromEntries(listed) };
  const blanked = all.length - listed.length;
  text += heading("Settings overlay (--settings)");
  text += block(JSON.stringify(shown, null, 2));
  if (blanked > 0) {
    text += `variables blanked in "env": ${blanked} (-o wide lists them)\n`;
  }
  text += heading("Environment set");
  text += table(["NAME", "VALUE"], Object.entries(document.env));
  text += heading("Environment removed");
  text += plan.removed.length === 0 ? "(nothing)\n" : table(
    wide ? ["NAME", "WHY"] : ["NAME"],
    plan.removed.map(({ name, why }) => wide ? [name, why] : [name]),
  );
  if (wide && plan.findings.length > 0) {
    text += heading("Settings inspection");
    text += table(FINDINGS_HEADER, findingRows(plan.findings));
  }
  text += heading("Command line");
  text += block(shownArgv.map((arg) => JSON.stringify(arg)).join(" "));
  if (document.warnings.length > 0) {
    text += heading("Warnings");
    text += document.warnings.map((line) => `- ${line}\n`).join("");
  }
  return text;
}
