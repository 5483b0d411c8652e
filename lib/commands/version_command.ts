/**
 * `ai-claude version`
 *
 * @module
 */

import { render } from "../base/render.ts";
import { VERSION } from "../base/version.ts";
import type { Flags } from "../profile/flags.ts";
import { resolveOptions } from "../profile/options.ts";
import type { Sys } from "../system/sys.ts";

/** Prints the version. */
export function version(flags: Flags, sys: Sys): number {
  const { format } = resolveOptions(flags, sys);
  const document = { version: VERSION };
  sys.out(render(format, document, () => `ai-claude ${VERSION}\n`));
  return 0;
}
