/**
 * `ai-claude [flags] [-- CLAUDE_ARGS...]`
 *
 * @module
 */

import { NotSignedInError } from "../auth/token.ts";
import { carryOut } from "../launch/carry_out.ts";
import type { Facts, LaunchRequest, RelayAddress } from "../launch/facts.ts";
import { inquire } from "../launch/inquire.ts";
import { planLaunch } from "../launch/plan.ts";
import { type Options, resolveOptions } from "../profile/options.ts";
import { type Reporter, reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";

/** Launches Claude Code, or prints how it would; resolves to the exit code. */
export async function launch(
  request: LaunchRequest,
  sys: Sys,
): Promise<number> {
  const options = resolveOptions(request.flags, sys);
  const report = await reporter(options, sys);
  const facts = await inquireOrSignIn(request, options, sys, report);
  if (request.dryRun) return await show(facts, options, report, sys);
  const start = async (relay?: RelayAddress) => {
    const plan = planLaunch(facts, relay);
    for (const warning of plan.warnings) report.warn(warning);
    report.debug(`starting ${facts.claude} in ${plan.mode} mode`);
    return await carryOut(plan, facts.claude!, sys);
  };
  if (!facts.relay) return await start();
  const { withRelay } = await import("../relay/session.ts");
  return await withRelay(facts, start, sys);
}

async function inquireOrSignIn(
  request: LaunchRequest,
  options: Options,
  sys: Sys,
  report: Reporter,
): Promise<Facts & { claude?: string }> {
  try {
    return await inquire(request, options, sys, report);
  } catch (error) {
    if (!(error instanceof NotSignedInError)) throw error;
    const { offerSignIn } = await import("../auth/sign_in.ts");
    if (!await offerSignIn(options, sys, report)) throw error;
    return await inquire(request, options, sys, report);
  }
}

/** Prints the plan. */
async function show(
  facts: Facts,
  { format }: Options,
  report: Reporter,
  sys: Sys,
): Promise<number> {
  const plan = planLaunch(facts);
  for (const warning of plan.warnings) report.warn(warning);
  const { renderPlan } = await import("../launch/print_plan.ts");
  const { first } = facts.token;
  const context = {
    env: sys.env,
    secrets: first?.value === undefined ? [] : [first.value],
    secretNames: Object.keys(facts.user.callerSettings.env),
  };
  sys.out(renderPlan(plan, context, format));
  return 0;
}
