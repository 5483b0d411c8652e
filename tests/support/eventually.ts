/**
 * Waiting for something that another process does.
 *
 * @module
 */

/** Only a failing test gets there, however busy the machine is. */
const GIVE_UP_MS = 5 * 60_000;
const RETRY_MS = 20;

/**
 * Looks again and again until there is something to see.
 *
 * @throws when that does not happen within minutes
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = performance.now() + GIVE_UP_MS;
  while (performance.now() < end) {
    const value = await look();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  throw new Error(`never happened: ${what}`);
}
