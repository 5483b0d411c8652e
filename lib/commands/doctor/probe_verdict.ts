/**
 * Judging a probe's session.
 *
 * @module
 */

import type { Mode } from "../../gateway/mode.ts";
import { fail, type Finding, ok } from "./check.ts";

/** How a session went. */
export interface Probed {
  mode: Mode;
  relay: boolean;
  /** One line each. */
  problems: readonly string[];
  /** Credentials that arrived where they should. */
  arrived: readonly string[];
  /** Requests to other hosts. */
  strays: readonly string[];
  /** How many model requests the gateway received. */
  calls: number;
}

/**
 * Judges a session.
 *
 * @example
 * ```ts
 * import { probeVerdict } from "./probe_verdict.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const findings = probeVerdict({
 *   mode: "managed",
 *   relay: false,
 *   problems: [],
 *   arrived: [],
 *   strays: ["CONNECT evil.example:443"],
 *   calls: 0,
 * });
 * assertEquals(findings.map(({ status }) => status), ["fail", "fail"]);
 * ```
 */
export function probeVerdict(
  { mode, relay, problems, arrived, strays, calls }: Probed,
): Finding[] {
  const wrong = [
    ...(calls === 0 ? ["no model request reached the gateway"] : []),
    ...[...new Set(strays)].map((what) => `went elsewhere: ${what}`),
    ...problems,
  ];
  if (wrong.length > 0) {
    const remedy = calls === 0 && strays.length === 0
      ? "see that `claude` starts by itself, fix what is named above, and " +
        "probe again"
      : "compare with `ai-claude doctor -o wide`, and report it: a " +
        "launch should have prevented this";
    return wrong.map((message, index) =>
      fail(message, index === wrong.length - 1 ? remedy : undefined)
    );
  }
  const requests = calls === 1 ? "1 request" : `${calls} requests`;
  return [
    ok(
      `${mode} mode${relay ? " through the relay" : ""}, with your settings ` +
        `and environment, and made-up credentials: ${requests} reached the ` +
        `embedded gateway with ${arrived.join(" and ")}; nothing went ` +
        "anywhere else",
    ),
  ];
}
