/**
 * The address of a server that somebody typed: what is wrong with it, and what
 * was meant.
 *
 * @module
 */

import { CliError } from "./errors.ts";
import { isLoopback } from "./loopback_host.ts";

/** Why an address cannot be used. */
interface AddressFault {
  /** What is wrong, in a few words. */
  reason: string;
  /** The address as it may be shown: without what could be a password. */
  shown: string;
  /** The address that was probably meant. */
  meant?: string;
}

/** How the address of one kind of server is checked. */
export interface AddressRule {
  /** What it is, for messages. */
  what: string;
  /** Where it was said, for messages. */
  from: string;
  /** Where the address of something below the server begins. */
  below: RegExp;
  /** The hint for an address that nothing is close to. */
  hint: string;
  /** Whether http is fine for other machines too. */
  clearText?: boolean;
}

/**
 * Checks the address of a server.
 *
 * @throws {CliError} `usage`; the hint has the right one where that is known
 */
export function checkAddress(
  text: string,
  { what, from, below, hint, clearText = false }: AddressRule,
): void {
  const fault = addressFault(text, clearText) ?? belowFault(text, below);
  if (fault === undefined) return;
  const { reason, shown, meant } = fault;
  throw new CliError("usage", `bad ${what} "${shown}" (${from}): ${reason}`, {
    hint: meant === undefined
      ? hint
      : `did you mean ${meant.replace(below, "")}?`,
  });
}

/** What is wrong with the address of something below the server. */
function belowFault(text: string, below: RegExp): AddressFault | undefined {
  const url = plainHref(new URL(text));
  const [path] = below.exec(url) ?? [];
  return path === undefined
    ? undefined
    : { reason: `it must end before ${path}`, shown: url, meant: url };
}

function addressFault(
  text: string,
  clearText: boolean,
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
