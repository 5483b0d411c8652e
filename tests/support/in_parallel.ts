/**
 * Runs side by side: a process start costs more than the check.
 *
 * @module
 */

/**
 * Runs cases, at most `width` at once, and waits for every one of them, so that a
 * failing one leaves nothing behind for the next test.
 */
export async function inParallel<T>(
  cases: readonly T[],
  run: (each: T) => Promise<void>,
  width: number = cases.length,
): Promise<void> {
  const results: PromiseSettledResult<void>[] = [];
  const queue = [...cases];
  await Promise.all(Array.from({ length: width }, async () => {
    for (let each = queue.shift(); each !== undefined; each = queue.shift()) {
      results.push(...await Promise.allSettled([run(each)]));
    }
  }));
  const failures = results.filter((result) => result.status === "rejected")
    .map((result) => result.reason);
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) {
    throw new Error(failures.map(String).join("\n\n"));
  }
}
