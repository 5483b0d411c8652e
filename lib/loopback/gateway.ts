/**
 * The embedded gateway: behaves towards its clients as the Redpanda AI gateway
 * does. The demo, the doctor's probe and the tests run against it.
 *
 * @module
 */

import type {
  GatewayRules,
  LoopbackGatewayOptions,
} from "./gateway_options.ts";
import { anthropicError } from "./messages.ts";
import { answerMetadata } from "./provider_service.ts";
import { answerProxied } from "./provider_proxy.ts";
import { type RecordedRequest, recordRequest } from "./recorded_request.ts";
import { type LoopbackServer, serveLoopback } from "./server.ts";

export type {
  LoopbackGatewayOptions,
  LoopbackProvider,
} from "./gateway_options.ts";
export type { RecordedRequest } from "./recorded_request.ts";

/** An embedded gateway without a server, for callers that bring their own. */
export interface GatewayHandler {
  /** Every request answered so far, oldest first. */
  readonly requests: RecordedRequest[];
  /** Answers a request to the gateway, whose base URL is that of the request. */
  handle(request: Request): Promise<Response>;
}

/** The same with a server. */
export type LoopbackGateway = LoopbackServer & Pick<GatewayHandler, "requests">;

export function startLoopbackGateway(
  options: LoopbackGatewayOptions,
): LoopbackGateway {
  const { requests, handle } = gatewayHandler(options);
  return { ...serveLoopback(handle), requests };
}

/** Makes an embedded gateway without starting a server. */
export function gatewayHandler({
  providers,
  accepts = () => true,
  noAuth = false,
  reply = ({ mode }) => `Hello from the embedded gateway (${mode}).`,
}: LoopbackGatewayOptions): GatewayHandler {
  const rules: GatewayRules = {
    ...{ providers, noAuth, reply },
    // A missing token is refused whatever the caller's function says.
    accepts: (token) => token !== "" && accepts(token),
  };
  const requests: RecordedRequest[] = [];
  return {
    requests,
    handle: async (request) => {
      const record = await recordRequest(request);
      const response =
        answerMetadata(record, rules, new URL(request.url).origin) ??
          await answerProxied(record, rules) ??
          anthropicError("not_found_error", "not a path of the gateway");
      record.status = response.status;
      requests.push(record);
      return response;
    },
  };
}
