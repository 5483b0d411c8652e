/**
 * `ai-claude doctor [--probe]`: what would stop a launch on this machine, and what
 * to do about it; `ai-claude doctor SHIM`: where a shim leads. Exit code 1 when
 * something failed.
 *
 * @module
 */

import type { KeyFinding } from "../../launch/inspect_settings.ts";
import { type Check, runChecks } from "./check.ts";
import { CHECKS } from "./checks.ts";
import { examine } from "./examination.ts";
import { renderReport } from "./render_report.ts";
import type { Flags } from "../../profile/flags.ts";
import { type Options, resolveOptions } from "../../profile/options.ts";
import type { Sys } from "../../system/sys.ts";

/**
 * Examines the machine, or one shim; resolves to the exit code.
 *
 * @param shim path of a shim
 */
export async function doctor(
  flags: Flags,
  sys: Sys,
  shim?: string,
): Promise<number> {
  const options = resolveOptions(flags, sys);
  const { checks, settings = [] } = shim === undefined
    ? await examineMachine(flags, options, sys)
    : { checks: await checkShim(shim, flags, sys) };
  const ok = checks.every(({ status }) => status !== "fail");
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

async function examineMachine(
  flags: Flags,
  options: Options,
  sys: Sys,
): Promise<{ checks: Check[]; settings?: KeyFinding[] }> {
  const examination = examine(flags, options, sys);
  const checks = await runChecks(CHECKS, examination, sys);
  if (flags.probe) {
    const { PROBE } = await import("./probe.ts");
    checks.push(...await runChecks([PROBE], examination, sys));
  }
  const { value: inspection } = await examination.inspection;
  return { checks, settings: inspection?.findings };
}

async function checkShim(
  path: string,
  flags: Flags,
  sys: Sys,
): Promise<Check[]> {
  const { examineShim, SHIM_CHECKS } = await import("./shim_check.ts");
  return await runChecks(
    SHIM_CHECKS,
    await examineShim(path, flags, sys),
    sys,
  );
}
