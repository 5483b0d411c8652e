/**
 * Names of environment variables, which Windows compares without case.
 *
 * @module
 */

import type { Platform } from "./sys.ts";

/** A name in the form that is compared: upper case on Windows. */
export function canonical(name: string, platform: Platform): string {
  return platform === "windows" ? name.toUpperCase() : name;
}

/** An environment with canonical names. */
export function canonicalEnv(
  env: Readonly<Record<string, string>>,
  platform: Platform,
): Record<string, string> {
  if (platform !== "windows") return { ...env };
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      canonical(name, platform),
      value,
    ]),
  );
}
