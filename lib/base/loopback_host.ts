/**
 * Addresses of this machine itself.
 *
 * @module
 */

/**
 * The value of `NO_PROXY` that keeps a loopback server off the proxies in Claude
 * Code.
 */
export const LOOPBACK_HOSTS = "127.0.0.1,localhost,[::1]";

/** The same in Deno, which knows ranges, and `::1` only without brackets. */
export const DENO_LOOPBACK_HOSTS = "127.0.0.0/8,localhost,::1";

/** Whether a URL's host is this machine. */
export function isLoopback(url: URL): boolean {
  const host = url.hostname;
  return host === "localhost" || host === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(host);
}
