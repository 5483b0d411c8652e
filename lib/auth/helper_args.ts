/**
 * The arguments that a launch gives its helper, read without the parser of the
 * command line: loading that takes longer than all else the helper does.
 *
 * @module
 */

import type { Flags } from "../profile/flags.ts";

/** The flags that `helperCommand` writes, each as `--flag=value`. */
const HELPER_FLAGS = [
  "rpai-config",
  "rpai-profile",
  "rpai-endpoint",
  "client-id",
  "client-secret-file",
] as const;

/**
 * The flags of an `auth token` as a launch writes it; `undefined` for whatever
 * else, which is the parser's to understand or to refuse.
 *
 * @example
 * ```ts
 * import { readHelperArgs } from "./helper_args.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(readHelperArgs(["auth", "token", "--rpai-profile=prod"]), {
 *   "rpai-profile": "prod",
 * });
 * assertEquals(readHelperArgs(["auth", "token", "-p", "prod"]), undefined);
 * ```
 */
export function readHelperArgs(argv: readonly string[]): Flags | undefined {
  const [group, command, ...args] = argv;
  if (group !== "auth" || command !== "token") return undefined;
  const flags: Flags = {};
  for (const arg of args) {
    const end = arg.indexOf("=");
    const flag = HELPER_FLAGS.find((name) => arg.slice(0, end) === `--${name}`);
    const value = arg.slice(end + 1);
    if (flag === undefined || value === "" || flags[flag] !== undefined) {
      return undefined;
    }
    flags[flag] = value;
  }
  return flags;
}
