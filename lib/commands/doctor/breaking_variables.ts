/**
 * Variables with which Claude Code ends a session, or does not begin one, though
 * its requests would go where they should. A launch leaves them alone.
 *
 * @module
 */

import type { Scope } from "../../claude/claude_settings.ts";
import type { Mode } from "../../gateway/mode.ts";
import type { Facts } from "../../launch/facts.ts";
import { findOnPath } from "../../system/find_program.ts";
import type { Sys } from "../../system/sys.ts";
import { type Finding, warn } from "./check.ts";

/** What decides whether a value does harm. */
interface Circumstances {
  mode: Mode;
  /** Whether subprocesses can be isolated. */
  canIsolate: boolean;
}

/** A variable and its harm. Measured on Claude Code 2.1.332. */
interface BreakingVariable {
  name: string;
  /** Whether a project's settings can set it. */
  fromProjects: boolean;
  effect: string;
  breaks(value: string, circumstances: Circumstances): boolean;
}

/** The variables. */
export const BREAKING_VARIABLES: readonly BreakingVariable[] = [
  {
    name: "CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE",
    fromProjects: true,
    effect: 'Claude Code answers "Prompt is too long" beyond that many tokens',
    breaks: (value) => Number(value) > 0,
  },
  {
    name: "CLAUDE_CODE_CLIENT_DATA_URL",
    fromProjects: false,
    effect: "Claude Code starts only with an address that the vendor gave you",
    breaks: () => true,
  },
  {
    name: "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB",
    fromProjects: false,
    effect: "Claude Code does not start without bubblewrap, which is not on " +
      "PATH",
    breaks: (value, { canIsolate }) =>
      !canIsolate && !["0", "false"].includes(value),
  },
  {
    name: "CLAUDE_CODE_OAUTH_SCOPES",
    fromProjects: false,
    effect: "without user:inference in it Claude Code takes no login from " +
      "CLAUDE_CODE_OAUTH_TOKEN",
    breaks: (value, { mode }) =>
      mode === "passthrough" && !value.split(/\s+/).includes("user:inference"),
  },
];

const PROJECT_SCOPES: readonly Scope[] = ["project", "local"];

/** One warning for each variable that would end the session. */
export async function breakingVariables(
  { route, user, machine }: Pick<Facts, "route" | "user" | "machine">,
  sys: Pick<Sys, "env" | "platform" | "isExecutable">,
): Promise<Finding[]> {
  const canIsolate = sys.platform !== "linux" ||
    await findOnPath("bwrap", sys) !== undefined;
  // In the order of precedence: the environment comes last.
  const places = [...user.files, {
    scope: "environment",
    path: "the environment",
    env: machine.env,
  }];
  return BREAKING_VARIABLES.flatMap(
    ({ name, fromProjects, effect, breaks }) => {
      const place = places.find(({ scope, env }) =>
        env[name] !== undefined &&
        (fromProjects || !PROJECT_SCOPES.some((each) => each === scope))
      );
      const value = place?.env[name];
      if (!value || !breaks(value, { mode: route.mode, canIsolate })) return [];
      return [warn(
        `${name} is set in ${place?.path}: ${effect}`,
        `unset ${name}, or remove it from that file`,
      )];
    },
  );
}
