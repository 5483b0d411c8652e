/**
 * Whether this program is the latest there is.
 *
 * @module
 */

import { VERSION } from "../../base/version.ts";
import { newerRelease } from "../../system/newer_release.ts";
import { type Finding, warn } from "./check.ts";
import type { Examination } from "./examination.ts";

/** Nothing to say when it is, or when the registry does not tell. */
export async function checkRelease({ sys }: Examination): Promise<Finding[]> {
  const newer = await newerRelease(sys);
  return newer === undefined
    ? []
    : [warn(`${VERSION}; there is ${newer.version}`, newer.remedy)];
}
