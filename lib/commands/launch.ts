/**
 * `ai-claude [flags] [-- CLAUDE_ARGS...]`
 *
 * @module
 */

import { cannotStart, findClaude } from "../claude/find_claude.ts";
import { resolveOptions } from "../profile/options.ts";
import { type LaunchRequest, prepareLaunch } from "../launch/prepare.ts";
import type { LaunchPlan } from "../launch/plan.ts";
import { reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";
import { NotSignedInError } from "../auth/token.ts";

/** Launches Claude Code, or prints how it would; resolves to the exit code. */
export async function launch(
  request: LaunchRequest,
  sys: Sys,
): Promise<number> {
  const options = resolveOptions(request.flags, sys);
  const report = await reporter(options, sys);
  const printOnly = request.flags["print-settings"] === true;
  const claude = printOnly ? undefined : await findClaude(sys);

  const prepare = () => prepareLaunch(request, claude, options, sys, report);
  const { plan, relay, secrets, secretNames } = await prepare().catch(
    async (error) => {
      if (!(error instanceof NotSignedInError)) throw error;
      const { offerSignIn } = await import("../auth/offer_sign_in.ts");
      if (!await offerSignIn(options, sys, report)) throw error;
      return await prepare();
    },
  );
  for (const warning of plan.warnings) report.warn(warning);
  if (claude === undefined) {
    const { renderPlan } = await import("../launch/print_plan.ts");
    const context = { env: sys.env, secrets, secretNames };
    sys.out(renderPlan(plan, context, options.format));
    return 0;
  }
  report.debug(`starting ${claude} in ${plan.mode} mode`);
  const start = ({ args, env }: LaunchPlan) =>
    sys.launch({ path: claude, args, env }).catch((error) => {
      throw cannotStart(claude, error);
    });
  if (relay === undefined) return await start(plan);
  const { withRelay } = await import("../relay/node_session.ts");
  return await withRelay(relay, start, sys);
}
