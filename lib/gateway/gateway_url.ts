/**
 * The AI gateway's URL: what is accepted, and where a token may go.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { nameList } from "../base/printable.ts";
import { checkAddress, plainHref } from "../base/server_address.ts";
import type { Options } from "../profile/options.ts";
import type { Target } from "../profile/active_profile.ts";

/** What the URL of a gateway looks like. */
export const URL_PATTERN = "https://aigw.<cluster-id>.clusters.rdpa.co";

/** There is no profile: a person at a terminal can be asked for the gateway. */
export class NoGatewayError extends CliError {
  /** Names the commands that a first run stands for. */
  constructor() {
    super(
      "usage",
      "no AI gateway: there is no profile and no --rpai-endpoint",
      {
        hint: `ai-claude profile add NAME --ai-gateway-url ${URL_PATTERN}; ` +
          "ai-claude auth login; ai-claude",
      },
    );
  }
}

/**
 * Checks a gateway URL and returns it without a trailing slash.
 *
 * @example
 * ```ts
 * import { parseGatewayUrl } from "./gateway_url.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const source = { from: "--rpai-endpoint", sendsCredential: true };
 * assertEquals(
 *   parseGatewayUrl("https://gw.example.com/", source),
 *   "https://gw.example.com",
 * );
 * ```
 *
 * @throws {CliError} `usage` for an address that no token may go to, and for the
 * URL of something below the gateway; the hint has the right one
 */
export function parseGatewayUrl(
  text: string,
  source: { from: string; sendsCredential: boolean },
): string {
  checkAddress(text, {
    what: "gateway URL",
    from: source.from,
    // Where a gateway's API begins: what is before that is its URL.
    below: /\/(?:llm|v1|redpanda\.api\.[^/]*)(?:\/.*)?$/,
    hint: "use https://HOST, or http://127.0.0.1:PORT for a local gateway",
    clearText: !source.sendsCredential,
  });
  return plainHref(new URL(text));
}

/**
 * The proxy URL of a provider. The record's own `url` counts only when it has
 * the gateway's origin: a token never goes to a host that an answer names.
 *
 * @returns the URL and whether the record's own was ignored
 */
export function providerUrl(
  gatewayUrl: string,
  name: string,
  recordUrl?: string,
): { url: string; ignored: boolean } {
  const own = `${gatewayUrl}/llm/v1/providers/${name}`;
  if (recordUrl === undefined) return { url: own, ignored: false };
  if (!URL.canParse(recordUrl)) return { url: own, ignored: true };
  const record = new URL(recordUrl);
  const plain = record.username === "" && record.password === "" &&
    record.search === "" && record.hash === "";
  if (!plain || record.origin !== new URL(gatewayUrl).origin) {
    return { url: own, ignored: true };
  }
  return { url: plainHref(record), ignored: false };
}

/**
 * The gateway's URL: `--rpai-endpoint`, else the profile's.
 *
 * @throws {CliError} `usage`
 */
export function gatewayUrl(options: Options, target: Target): string {
  const { profile, unchosen, foreign } = target;
  const [url, from] = options.endpoint === undefined
    ? [profile?.gatewayUrl, `profile ${profile?.name}`]
    : [options.endpoint, "--rpai-endpoint"];
  if (url !== undefined) {
    const sendsCredential = options.token !== undefined ||
      target.authMode !== "none";
    return parseGatewayUrl(url, { from, sendsCredential });
  }
  const missing = (why: string, hint: string) =>
    new CliError("usage", `no AI gateway: ${why}`, { hint });
  if (profile !== undefined) {
    throw missing(
      `profile "${profile.name}" has no ai_gateway_url`,
      `ai-claude profile set ${profile.name} ai_gateway_url=${URL_PATTERN}`,
    );
  }
  if (unchosen !== undefined) {
    throw missing(
      "no profile is the current one",
      `ai-claude profile use NAME; profiles: ${nameList(unchosen)}`,
    );
  }
  if (foreign) {
    throw missing(
      `${options.configPath} is another program's, and there is no ` +
        "--rpai-endpoint",
      "name a file of its own: set RPAI_CONFIG, then ai-claude profile add " +
        `NAME --ai-gateway-url ${URL_PATTERN}`,
    );
  }
  throw new NoGatewayError();
}
