/**
 * On and off in environment variables.
 *
 * @module
 */

/** Whether a value means on: anything but empty, `0`, `false` or `no`. */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false", "no"].includes(
    value.toLowerCase(),
  );
}
