/**
 * The embedded gateway with limits that only tests need.
 *
 * @module
 */

import {
  gatewayHandler,
  type LoopbackGateway,
} from "../../lib/loopback/gateway.ts";
import type { LoopbackGatewayOptions } from "../../lib/loopback/gateway_options.ts";
import { serveLoopback } from "../../lib/loopback/server.ts";

/** What {@linkcode startLimitedGateway} is given. */
export interface LimitedGatewayOptions extends LoopbackGatewayOptions {
  /** `permission_denied` answers as to a caller who may only invoke. */
  metadata?: "permission_denied";
  /** How many providers are in one page of a listing, whatever is asked for. */
  pageSize?: number;
}

/** Starts an embedded gateway with limits. */
export function startLimitedGateway(
  { metadata, pageSize, ...options }: LimitedGatewayOptions,
): LoopbackGateway {
  const { requests, handle } = gatewayHandler(options);
  const server = serveLoopback(async (request) => {
    if (!request.url.includes("LLMProviderService/")) {
      return await handle(request);
    }
    const { url, method, headers } = request;
    const body = { ...await request.json(), ...(pageSize && { pageSize }) };
    const response = await handle(
      new Request(url, { method, headers, body: JSON.stringify(body) }),
    );
    if (metadata === undefined || response.status === 401) return response;
    return Response.json({
      code: metadata,
      message: "missing permission dataplane_adp_llmprovider_get",
    }, { status: 403 });
  });
  return { ...server, requests };
}
