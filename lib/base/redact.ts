/**
 * Taking secrets out of what is shown, before it is rendered.
 *
 * @module
 */

/** What stands for a secret. */
export const REDACTED = "<redacted>";

/** Replaces every occurrence of a secret in a text. */
export function redactText(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length >= 6)
    .reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
}
