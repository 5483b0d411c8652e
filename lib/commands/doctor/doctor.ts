/**
 * `ai-claude doctor [--probe]`: what keeps this machine from a launch, and what
 * to do about it. Exit code 1 when something failed.
 *
 * @module
 */

import { runChecks } from "./check.ts";
import { CHECKS } from "./checks.ts";
import { examine } from "./examination.ts";
import { renderReport } from "./render_report.ts";
import type { Flags } from "../../profile/flags.ts";
import { resolveOptions } from "../../profile/options.ts";
import type { Sys } from "../../system/sys.ts";

/** Examines the machine; resolves to the exit code. */
export async function doctor(flags: Flags, sys: Sys): Promise<number> {
  const options = resolveOptions(flags, sys);
  const examination = examine(flags, options, sys);
  const checks = await runChecks(CHECKS, examination, sys);
  if (flags.probe) {
    const { PROBE } = await import("./probe.ts");
    checks.push(...await runChecks([PROBE], examination, sys));
  }
  const { value: inspection } = await examination.inspection;
  const ok = checks.every(({ status }) => status !== "fail");
  const settings = inspection?.findings ?? [];
  const color = options.color && sys.isTerminal("stdout");
  sys.out(
    renderReport(
      { ok, checks, settings },
      options.format,
      sys.columns(),
      color,
    ),
  );
  return ok ? 0 : 1;
}
