/**
 * `fetch`, made safe with proxies.
 *
 * @module
 */

import { DENO_LOOPBACK_HOSTS } from "../base/loopback_host.ts";
import { proxyFailure, proxyOf } from "./proxy.ts";
import type { BoundedRequest } from "./sys.ts";

/**
 * Keeps requests to this machine off the proxies: Deno would send even those
 * through `HTTP_PROXY`, a bearer in clear text with them. It reads the variables
 * once, at its first request, wherever that one goes.
 */
export function avoidProxy(): void {
  const others = Deno.env.get("NO_PROXY") || Deno.env.get("no_proxy");
  if (others?.endsWith(DENO_LOOPBACK_HOSTS)) return;
  Deno.env.set(
    "NO_PROXY",
    others ? `${others},${DENO_LOOPBACK_HOSTS}` : DENO_LOOPBACK_HOSTS,
  );
}

/** `fetch`, direct to this machine; an error names the proxy it failed at. */
export async function fetchDirectly(
  url: string,
  { timeoutMs, ...request }: BoundedRequest = {},
): Promise<Response> {
  const init = timeoutMs === undefined
    ? request
    : { ...request, signal: AbortSignal.timeout(timeoutMs) };
  avoidProxy();
  const proxy = proxyOf(url, Deno.env.toObject());
  if (proxy === undefined) return await fetch(url, init);
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw naming(proxy, error);
  }
  // Only a proxy asks for this.
  if (response.status !== 407) return response;
  await response.body?.cancel();
  throw naming(proxy, new TypeError("proxy authentication required"));
}

/** The error with the proxy in it, in the shape that `fetch` gives its own. */
function naming(proxy: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, cause } = error;
  if (name === "TimeoutError") {
    const via = new Error(`, through the proxy ${proxy}`);
    return Object.assign(new Error(message, { cause: via }), { name });
  }
  if (!(error instanceof TypeError)) return error;
  const said = cause instanceof Error ? cause.message : message;
  const detail = new Error(proxyFailure(said, proxy), { cause });
  return new TypeError(message, { cause: detail });
}
