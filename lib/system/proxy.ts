/**
 * The proxy that a request goes through, so that an error can name it.
 *
 * @module
 */

import { printable } from "../base/printable.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Variables of a scheme, in the order in which Deno asks them. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  "https:": ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"],
  "http:": ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"],
};

/**
 * The proxy for a URL, without its password, and the variable that names it;
 * `undefined` when there is none.
 *
 * @example
 * ```ts
 * import { proxyOf } from "./proxy.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const env = { HTTPS_PROXY: "http://me:pw@proxy:3128", NO_PROXY: "corp.example" };
 * assertEquals(
 *   proxyOf("https://gw.example.com", env),
 *   "http://proxy:3128 (HTTPS_PROXY)",
 * );
 * assertEquals(proxyOf("https://gw.corp.example", env), undefined);
 * ```
 */
export function proxyOf(url: string, env: Env): string | undefined {
  const { protocol, hostname } = new URL(url);
  const name = VARIABLES[protocol]?.find((name) => env[name]);
  if (name === undefined || isExempt(hostname, env)) return undefined;
  const shown = env[name]?.replace(/^([a-z0-9]+:\/\/)?.*@/is, "$1") ?? "";
  return `${printable(shown)} (${name})`;
}

function isExempt(hostname: string, env: Env): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  const isAddress = /^[\d.]+$/.test(host) || host.includes(":");
  return (env.NO_PROXY ?? env.no_proxy ?? "").split(",").some((entry) => {
    const domain = entry.trim().replace(/^\./, "");
    // Whether an address is in a range is not worked out: then no proxy is named.
    return domain === "*" || domain === host ||
      isAddress && /\//.test(domain) ||
      domain !== "" && host.endsWith(`.${domain}`);
  });
}

/** What Deno says of a proxy, and what is said here. */
const SAID: readonly [RegExp, (proxy: string, detail: string) => string][] = [
  [
    /(?:^|: )proxy authentication required$/,
    (proxy) => `the proxy ${proxy} asks for a user name and password`,
  ],
  [
    /: unsuccessful tunnel$/,
    (proxy) => `the proxy ${proxy} refuses to connect`,
  ],
  [
    /: unexpected eof while tunneling$/,
    (proxy) => `the proxy ${proxy} closed the connection`,
  ],
  [
    /\(Connect\): ((?:tcp connect|dns) error: .*|Proxy server unreachable)$/,
    (proxy, detail) => `the proxy ${proxy} cannot be reached: ${detail}`,
  ],
];

/**
 * Deno's message of a request that failed on its way through a proxy, with the
 * proxy in it: Deno names none.
 */
export function proxyFailure(message: string, proxy: string): string {
  for (const [pattern, say] of SAID) {
    const match = pattern.exec(message);
    if (match !== null) return say(proxy, match[1]);
  }
  return `${message}, through the proxy ${proxy}`;
}
