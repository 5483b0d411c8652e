/** @module */
import type { Flags } from "../args.ts";
import type { Sys } from "../sys.ts";
/** x */
export function demo(_flags: Flags, _sys: Sys): Promise<number> {
  return Promise.resolve(0);
}
