/**
 * `ai-claude version`
 *
 * @module
 */

import { isDocument } from "../base/format.ts";
import { render } from "../base/render.ts";
import { VERSION } from "../base/version.ts";
import type { Command } from "../cli/command.ts";
import { resolveOptions } from "../profile/options.ts";
import { newerRelease } from "../system/newer_release.ts";
import { reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";

/**
 * Prints the version, and whether the registry has a newer one. That is left out
 * for `--version`, which programs run and nobody waits for.
 */
export async function version(
  { flags, asFlag }: Command & { kind: "version" },
  sys: Sys,
): Promise<number> {
  const options = resolveOptions(flags, sys);
  const newer = asFlag ? undefined : await newerRelease(sys);
  const document = newer === undefined
    ? { version: VERSION }
    : { version: VERSION, newer: newer.version };
  sys.out(render(options.format, document, () => `ai-claude ${VERSION}\n`));
  if (newer !== undefined && !isDocument(options.format)) {
    const { warn } = await reporter(options, sys);
    warn(`ai-claude ${newer.version} is there: ${newer.remedy}`);
  }
  return 0;
}
