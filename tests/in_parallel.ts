/**
 * Whole-program runs side by side: a process start costs more than the check.
 *
 * @module
 */

/**
 * Runs all cases at once and waits for every one of them, so that a failing one
 * leaves nothing behind for the next test.
 */
export async function inParallel<T>(
  cases: readonly T[],
  run: (each: T) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(cases.map(run));
  const failures = results.filter((result) => result.status === "rejected")
    .map((result) => result.reason);
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) {
    throw new Error(failures.map(String).join("\n\n"));
  }
}
