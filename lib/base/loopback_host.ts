/**
 * Addresses of this machine itself.
 *
 * @module
 */

/** The value of `NO_PROXY` that keeps a loopback server off the proxies. */
export const LOOPBACK_HOSTS = "127.0.0.1,localhost,[::1]";

/** Whether a URL's host is this machine. */
export function isLoopback(url: URL): boolean {
  const host = url.hostname;
  return host === "localhost" || host === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(host);
}
