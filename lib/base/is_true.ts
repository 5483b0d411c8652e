/**
 * Switches that are given as text.
 *
 * @module
 */

/** Whether a variable switches something on: anything but `0`, `false`, `no`. */
export function isTrue(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false", "no"].includes(
    value.toLowerCase(),
  );
}
