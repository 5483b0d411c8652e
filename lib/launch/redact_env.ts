/**
 * An environment as it may be shown.
 *
 * @module
 */

import { REDACTED } from "../base/redact.ts";
import { CUSTOM_HEADERS } from "./custom_headers.ts";

/** Variables whose names sound like a secret, and are not. */
const HARMLESS = /^(?:CLAUDE_CODE_SKIP_|CLAUDE_CODE_USE_|ANTHROPIC_DEFAULT_)/;

const SECRET_NAME = /TOKEN|SECRET|PASSW|CREDENTIAL|API_?KEY|PRIVATE|AUTH/i;

/**
 * Variables as they may be shown.
 *
 * @param secretNames names whose values are secret whatever they sound like
 *
 * @example
 * ```ts
 * import { redactEnv } from "./redact_env.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   redactEnv({ RPAI_TOKEN: "t", ANTHROPIC_CUSTOM_HEADERS: "X-A: b" }, []),
 *   {
 *     RPAI_TOKEN: "<redacted>",
 *     ANTHROPIC_CUSTOM_HEADERS: "X-A: <redacted>",
 *   },
 * );
 * ```
 */
export function redactEnv(
  env: Readonly<Record<string, string>>,
  secretNames: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      if (name === CUSTOM_HEADERS) {
        return [name, value.replace(/^([^:\n]*:)?.*$/gm, redactHeader)];
      }
      const secret = secretNames.includes(name) ||
        SECRET_NAME.test(name) && !HARMLESS.test(name);
      return [name, secret && value !== "" ? REDACTED : value];
    }),
  );
}

function redactHeader(_line: string, name: string | undefined): string {
  return name === undefined ? REDACTED : `${name} ${REDACTED}`;
}
