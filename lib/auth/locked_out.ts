/**
 * What a command does while another process holds the credentials file.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";

/** How long a command waits for the other process, in milliseconds. */
export const LOCK_WAIT_MS = 30_000;

/** The error when it has waited that long. */
export function lockedOut(): CliError {
  return new CliError("failure", "another process holds the credentials file", {
    hint: "try again",
  });
}
