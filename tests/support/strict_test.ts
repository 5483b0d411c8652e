/**
 * Tests that leave nothing running behind.
 *
 * @module
 */

/** Registers a test that fails when it leaves an operation or a resource open. */
export function strictTest(
  name: string,
  fn: () => Promise<void>,
  ignore = false,
): void {
  Deno.test({ name, fn, ignore, sanitizeOps: true, sanitizeResources: true });
}

/** A strict test of what needs a POSIX shell. */
export function posixTest(
  name: string,
  fn: () => Promise<void>,
  ignore = false,
): void {
  strictTest(name, fn, ignore || Deno.build.os === "windows");
}
