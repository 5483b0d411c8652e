/**
 * Who may use the relay and for what: the session that knows the secret, below
 * the provider's prefix. Pure; reads a request as it came over the wire.
 *
 * @module
 */

/** The head of a request, as far as it decides who passes. */
export interface RequestHead {
  method: string;
  /**
   * Scheme, authority and target as received, never normalised: `http:`, or
   * `http+unix:` over a socket.
   */
  url: string;
  host: string | null;
}

/** What a request must match. */
export interface Gate {
  /** `127.0.0.1:<port>`, or the made-up one of a socket. */
  authority: string;
  /** The first segment of the path. */
  secret: string;
}

/** All but CONNECT and TRACE, which no API uses. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/**
 * What comes behind the provider's prefix, with the query; `undefined` for a
 * request that must not be forwarded.
 *
 * @example
 * ```ts
 * import { admittedPath } from "./gate.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const gate = { authority: "127.0.0.1:4000", secret: "s3cret" };
 * const ask = (target: string) =>
 *   admittedPath({
 *     method: "POST",
 *     url: "http://127.0.0.1:4000" + target,
 *     host: "127.0.0.1:4000",
 *   }, gate);
 * assertEquals(ask("/s3cret/v1/messages?beta=true"), "/v1/messages?beta=true");
 * assertEquals(ask("/v1/messages"), undefined);
 * assertEquals(ask("/s3cret/%2e%2e/other"), undefined);
 * ```
 */
export function admittedPath(
  { method, url, host }: RequestHead,
  { authority, secret }: Gate,
): string | undefined {
  // A web page whose name was rebound to 127.0.0.1 still sends its own name.
  const root = `//${authority}/`;
  const [, rooted = ""] = /^http(?:\+unix)?:(.*)$/s.exec(url) ?? [];
  if (host !== authority || !rooted.startsWith(root)) return undefined;
  if (!METHODS.includes(method)) return undefined;
  const target = rooted.slice(root.length);
  if (!sameText(target.slice(0, secret.length), secret)) return undefined;
  const rest = target.slice(secret.length);
  const [path] = rest.split("?", 1);
  if (rest !== "" && !/^[/?][\x21-\x7e]*$/.test(rest)) return undefined;
  return rest.includes("#") || leaves(path) ? undefined : rest;
}

/** Takes as long for a text that is nearly right as for one that is not. */
function sameText(given: string, wanted: string): boolean {
  let difference = given.length ^ wanted.length;
  for (let at = 0; at < wanted.length; at++) {
    difference |= given.charCodeAt(at) ^ wanted.charCodeAt(at);
  }
  return difference === 0;
}

/**
 * Whether any server between here and the provider could take the path for one
 * outside the prefix. An encoded slash alone is no harm: ids of Bedrock have it.
 */
function leaves(path: string): boolean {
  if (/%(?![\da-f]{2})/i.test(path)) return true;
  let decoded = path;
  for (let round = 0; /%[\da-f]{2}/i.test(decoded); round++) {
    // Nothing that is meant for a server is encoded more often than that.
    if (round === 3) return true;
    try {
      decoded = decoded.replace(/(?:%[\da-f]{2})+/gi, decodeURIComponent);
    } catch {
      // Not UTF-8, such as an overlong form of a dot or a slash.
      return true;
    }
  }
  // deno-lint-ignore no-control-regex -- they are what is looked for
  return /[\\\x00-\x1f\x7f]|\/\/|(?:^|\/)\.{1,2}(?:;[^/]*)?(?:\/|$)/.test(
    decoded,
  );
}
