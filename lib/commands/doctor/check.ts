/**
 * The doctor's checks: each has a time limit, and an error in one is its result.
 *
 * @module
 */

import { CliError } from "../../base/errors.ts";
import { oneLine } from "../../base/printable.ts";
import { fullHint } from "../../system/reporter.ts";
import type { Sys } from "../../system/sys.ts";

/** `skip`: the check lacks something that another check reports. */
export type Status = "ok" | "warn" | "fail" | "skip";

/** What a check found. */
export interface Finding {
  status: Status;
  /** One line. */
  message: string;
  /** A command or an action. */
  remedy?: string;
}

/** A finding and the name of its check. */
export interface Check extends Finding {
  name: string;
}

/** A check of some facts. */
export interface CheckSpec<Facts> {
  name: string;
  /** Milliseconds; 25 s by default. */
  timeoutMs?: number;
  /** A thrown error is a failed check. */
  run(facts: Facts): Promise<Finding | Finding[]>;
}

/** `rpk` may take 20 s to refresh a token. */
const TIMEOUT_MS = 25_000;

/** Runs checks in parallel; the results are in the order of the table. */
export async function runChecks<Facts>(
  specs: readonly CheckSpec<Facts>[],
  facts: Facts,
  sys: Pick<Sys, "sleep">,
): Promise<Check[]> {
  const results = await Promise.all(specs.map(async (spec) => {
    const { name, timeoutMs = TIMEOUT_MS } = spec;
    const found = await bounded(() => spec.run(facts), timeoutMs, sys);
    return [found].flat().map((finding) => asCheck(name, finding));
  }));
  return results.flat();
}

async function bounded(
  work: () => Promise<Finding | Finding[]>,
  timeoutMs: number,
  sys: Pick<Sys, "sleep">,
): Promise<Finding | Finding[]> {
  const done = new AbortController();
  const late = sys.sleep(timeoutMs, done.signal).then(
    () => fail(`no answer within ${timeoutMs / 1000} s`),
    () => fail("interrupted"),
  );
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    return await failure(error);
  } finally {
    done.abort();
  }
}

/** Text from files and the gateway must not reach the terminal raw. */
function asCheck(name: string, { status, message, remedy }: Finding): Check {
  const check: Check = { name, status, message: oneLine(message) };
  if (remedy) check.remedy = oneLine(remedy);
  return check;
}

export function ok(message: string): Finding {
  return { status: "ok", message };
}

/** Works, but perhaps not as the user expects. */
export function warn(message: string, remedy?: string): Finding {
  return { status: "warn", message, remedy };
}

export function fail(message: string, remedy?: string): Finding {
  return { status: "fail", message, remedy };
}

export function skip(message: string): Finding {
  return { status: "skip", message };
}

/**
 * The finding for an error.
 *
 * @example
 * ```ts
 * import { failure } from "./check.ts";
 * import { CliError } from "../../base/errors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new CliError("usage", "no provider", { hint: "give one" });
 * assertEquals(await failure(error), {
 *   status: "fail",
 *   message: "no provider",
 *   remedy: "give one",
 * });
 * ```
 */
export async function failure(error: unknown): Promise<Finding> {
  if (error instanceof CliError) {
    return fail(error.message, await fullHint(error));
  }
  const message = error instanceof Error ? error.message : String(error);
  return fail(
    `this is a bug in ai-claude: ${message}`,
    "run it again with --verbose and report what it prints",
  );
}
