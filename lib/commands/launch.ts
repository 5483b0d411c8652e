/**
 * `ai-claude [flags] [-- CLAUDE_ARGS...]`
 *
 * @module
 */

import { isInteractive } from "../claude/claude_args.ts";
import { carryOut } from "../launch/carry_out.ts";
import type { Facts, LaunchRequest, RelayAddress } from "../launch/facts.ts";
import { inquire } from "../launch/inquire.ts";
import { planLaunch } from "../launch/plan.ts";
import { type Options, resolveOptions } from "../profile/options.ts";
import { type Reporter, reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";
import { sayingWaits } from "../system/waiting.ts";
import { startSession } from "./start_session.ts";

/** Launches Claude Code, or prints how it would; resolves to the exit code. */
export async function launch(
  request: LaunchRequest,
  sys: Sys,
): Promise<number> {
  const options = resolveOptions(request.flags, sys);
  const report = await reporter(options, sys);
  const facts = await inquireOrOffer(request, options, sys, report);
  if (request.dryRun) return await show(facts, options, report, sys);
  const start = async (relay?: RelayAddress) => {
    const plan = planLaunch(facts, relay);
    for (const warning of plan.warnings) report.warn(warning);
    report.debug(`starting ${facts.claude} in ${plan.mode} mode`);
    return await carryOut(plan, facts.claude!, sys);
  };
  const code = await startSession(facts, start, sys);
  if (canResume(code, request, facts, sys)) {
    const { resumeLine } = await import("./resume_line.ts");
    // The model that was chosen at the terminal, not the question again.
    const model = request.flags.model && facts.user.model?.id;
    const flags = { ...request.flags, model };
    sys.err(`${resumeLine(flags, sys.platform)}\n`);
  }
  return code;
}

/** Whether an interactive session has ended, and not by a signal. */
function canResume(
  code: number,
  { claudeArgs }: LaunchRequest,
  { user }: Facts,
  sys: Sys,
): boolean {
  return code < 128 && !user.quiet && isInteractive(claudeArgs) &&
    sys.isTerminal("stdin") && sys.isTerminal("stdout");
}

/** Finds everything out; at a terminal, what is missing is offered. */
async function inquireOrOffer(
  request: LaunchRequest,
  options: Options,
  sys: Sys,
  report: Reporter,
): Promise<Facts & { claude?: string }> {
  const ask = () => inquire(request, options, sayingWaits(sys), report);
  try {
    return await ask();
  } catch (error) {
    const atTerminal = sys.isTerminal("stdin") && sys.isTerminal("stderr");
    if (request.dryRun || !atTerminal) throw error;
    const { offerAndRetry } = await import("./first_run.ts");
    return await offerAndRetry(error, ask, options, sys, report);
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
