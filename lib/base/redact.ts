/**
 * Taking secrets out of a text before it is shown.
 *
 * @module
 */

/** What is shown instead of a secret. */
export const REDACTED = "<redacted>";

/** Replaces each secret in a text; shorter ones than 6 characters stay. */
export function redactText(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length >= 6)
    .reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
}
