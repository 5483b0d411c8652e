/**
 * Taking secrets out of what is shown, before it is rendered.
 *
 * @module
 */

import { CUSTOM_HEADERS } from "../launch/custom_headers.ts";

/** What stands for a secret. */
export const REDACTED = "<redacted>";

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
 * import { redactEnv } from "./redact.ts";
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

/** Replaces every occurrence of a secret in a text. */
export function redactText(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length >= 6)
    .reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
}

function redactHeader(_line: string, name: string | undefined): string {
  return name === undefined ? REDACTED : `${name} ${REDACTED}`;
}
