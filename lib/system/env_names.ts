/**
 * Names of environment variables, which Windows compares without case.
 *
 * @module
 */

import type { Platform } from "./sys.ts";

/** How a variable's name is compared: on Windows, without case. */
export function canonical(name: string, platform: Platform): string {
  return platform === "windows" ? name.toUpperCase() : name;
}

/** An environment by canonical names. */
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
