/**
 * The address of a server that somebody typed: what is wrong with it, and what
 * was meant.
 *
 * @module
 */

import { isLoopback } from "./loopback_host.ts";

/** Why an address cannot be used. */
export interface AddressFault {
  /** What is wrong, in a few words. */
  reason: string;
  /** The address as it may be shown: without what could be a password. */
  shown: string;
  /** The address that was probably meant. */
  meant?: string;
}

/**
 * Looks for what is wrong with an address; `undefined` when nothing is.
 *
 * @param clearText whether http is fine for other machines too
 *
 * @example
 * ```ts
 * import { addressFault } from "./server_address.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(addressFault("https://gw.example.com"), undefined);
 * assertEquals(addressFault("localhost:8080"), {
 *   reason: "http:// is missing",
 *   shown: "localhost:8080",
 *   meant: "http://localhost:8080",
 * });
 * ```
 */
export function addressFault(
  text: string,
  clearText = false,
): AddressFault | undefined {
  // What precedes an @ may be a password.
  const shown = text.replace(/^.*@/s, "...@");
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(text)) {
    const meant = withScheme(text);
    if (meant === undefined) return { reason: "not a URL", shown };
    return { reason: `${new URL(meant).protocol}// is missing`, shown, meant };
  }
  if (!URL.canParse(text)) return { reason: "not a URL", shown };
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return { reason: `"${url.protocol}" is not https`, shown };
  }
  const plain = plainHref(url);
  if (url.username !== "" || url.password !== "") {
    const reason = "it must not hold a user name or password";
    return { reason, shown: url.host, meant: plain };
  }
  if (url.search !== "" || url.hash !== "") {
    const reason = "it must not hold a query or fragment";
    return { reason, shown: url.origin, meant: plain };
  }
  if (url.protocol === "http:" && !clearText && !isLoopback(url)) {
    return { reason: "a token would travel in clear text", shown };
  }
  return undefined;
}

/** The URL without a query, a fragment and a trailing slash. */
export function plainHref(url: URL): string {
  return (url.origin + url.pathname).replace(/\/+$/, "");
}

/** The address with the scheme that it lacks, when it begins with a host. */
function withScheme(text: string): string | undefined {
  const rest = text.replace(/^(?:https?:)?\/*/i, "");
  const host =
    /^(?:localhost|\[[\da-f:]+\]|[\w-]+(?:\.[\w-]+)+)(?::\d+)?(?=\/|$)/i;
  if (!host.test(rest) || !URL.canParse(`https://${rest}`)) return undefined;
  const url = new URL(`http://${rest}`);
  return plainHref(isLoopback(url) ? url : new URL(`https://${rest}`));
}
