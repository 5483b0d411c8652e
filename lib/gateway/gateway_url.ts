/**
 * The AI gateway's URL: what is accepted, and where a token may go.
 *
 * @module
 */

import { isLoopback } from "../base/loopback_host.ts";
import { CliError } from "../base/errors.ts";
import type { Options } from "../profile/options.ts";
import type { Target } from "../profile/active_profile.ts";

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
 * @throws {CliError} `usage` when it is no URL, has a user name, a query or a
 * fragment, or would send a token in clear text.
 */
export function parseGatewayUrl(
  text: string,
  source: { from: string; sendsCredential: boolean },
): string {
  // What precedes an @ may be a password.
  const bad = (what: string, shown = text.replace(/^.*@/s, "...@")) =>
    new CliError(
      "usage",
      `bad gateway URL "${shown}" (${source.from}): ${what}`,
      {
        hint: "use https://HOST, or http://127.0.0.1:PORT for a local gateway",
      },
    );
  if (!URL.canParse(text)) throw bad("not a URL");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    throw bad("it must not hold a user name or password", url.host);
  }
  if (url.search !== "" || url.hash !== "") {
    throw bad("it must not hold a query or fragment", url.origin);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw bad(`"${url.protocol}" is not https`);
  }
  if (url.protocol === "http:" && !isLoopback(url) && source.sendsCredential) {
    throw bad("a token would travel in clear text");
  }
  return plainHref(url);
}

/** The URL without an empty query or fragment and without a trailing slash. */
function plainHref(url: URL): string {
  return (url.origin + url.pathname).replace(/\/+$/, "");
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
  const sendsCredential = options.token !== undefined ||
    target.authMode !== "none";
  if (options.endpoint !== undefined) {
    return parseGatewayUrl(options.endpoint, {
      from: "--rpai-endpoint",
      sendsCredential,
    });
  }
  const { profile } = target;
  if (profile?.gatewayUrl !== undefined) {
    return parseGatewayUrl(profile.gatewayUrl, {
      from: `profile ${profile.name}`,
      sendsCredential,
    });
  }
  throw new CliError(
    "usage",
    profile === undefined
      ? "no AI gateway: there is no profile and no --rpai-endpoint"
      : `no AI gateway: profile "${profile.name}" has no ai_gateway_url`,
    {
      hint: "try --rpai-endpoint https://aigw.<cluster-id>.clusters.rdpa.co, " +
        `or set ai_gateway_url in ${options.configPath ?? "~/.rpai/config"}`,
    },
  );
}
