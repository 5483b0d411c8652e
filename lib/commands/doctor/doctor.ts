/**
 * `ai-claude doctor [--probe]`: what keeps this machine from a launch, and what
 * to do about it. Exit code 1 when something failed.
 *
 * @module
 */

import { runChecks } from "./check.ts";
import { CHECKS } from "./checks.ts";
import { findFacts } from "./facts.ts";
import { renderReport } from "./render_report.ts";
import type { Flags } from "../../profile/flags.ts";
import { resolveOptions } from "../../profile/options.ts";
import { inspectLaunch } from "../../launch/plan.ts";
import type { Sys } from "../../system/sys.ts";

/** Examines the machine; resolves to the exit code. */
export async function doctor(flags: Flags, sys: Sys): Promise<number> {
  const options = resolveOptions(flags, sys);
  const facts = findFacts(flags, options, sys);
  const checks = await runChecks(CHECKS, facts, sys);
  if (flags.probe) {
    const { PROBE } = await import("./probe.ts");
    checks.push(...await runChecks([PROBE], facts, sys));
  }
  const { value: input } = await facts.input;
  const ok = checks.every(({ status }) => status !== "fail");
  const settings = input === undefined ? [] : inspectLaunch(input).findings;
  sys.out(
    renderReport({ ok, checks, settings }, options.format, sys.columns()),
  );
  return ok ? 0 : 1;
}
