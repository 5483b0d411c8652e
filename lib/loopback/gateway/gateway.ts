/**
 * The embedded gateway: a real HTTP server on the loopback interface that
 * behaves towards its clients as the Redpanda AI gateway does. The demo, the
 * doctor's probe and the tests run against it.
 *
 * @module
 */

import { anthropicError } from "./anthropic_error.ts";
import { answerConnect } from "./connect.ts";
import {
  type LoopbackGatewayOptions,
  loopbackRules,
} from "./gateway_options.ts";
import { answerProxy } from "./proxy.ts";
import { type RecordedRequest, recordRequest } from "./recorded_request.ts";

export type {
  LoopbackGatewayOptions,
  LoopbackProvider,
  LoopbackProviderType,
} from "./gateway_options.ts";
export type { RecordedRequest } from "./recorded_request.ts";

/** A running embedded gateway. */
export interface LoopbackGateway extends AsyncDisposable {
  /** Base URL without a trailing slash, for example `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Every request answered so far, oldest first. */
  readonly requests: RecordedRequest[];
  /** Stops the server and cuts off answers still being sent. */
  close(): Promise<void>;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Starts an embedded gateway.
 *
 * @throws {RangeError} when the hostname is not a loopback one.
 */
export function startLoopbackGateway(
  options: LoopbackGatewayOptions,
): LoopbackGateway {
  const rules = loopbackRules(options);
  const { hostname = "127.0.0.1", port = 0 } = options;
  const authority = hostname.includes(":") ? `[${hostname}]` : hostname;
  if (!LOOPBACK.test(authority)) {
    throw new RangeError(`Cannot listen on "${hostname}": not loopback`);
  }
  const requests: RecordedRequest[] = [];
  const aborter = new AbortController();
  const server = Deno.serve({
    hostname,
    port,
    signal: aborter.signal,
    onListen() {},
    // A request that could not be read to its end; the default would print it.
    onError: () => anthropicError("api_error", "the request broke off"),
  }, async (request) => {
    const record = await recordRequest(request);
    const response = answer(record);
    record.status = response.status;
    requests.push(record);
    return response;
  });
  const url = `http://${authority}:${server.addr.port}`;

  function answer(record: RecordedRequest): Response {
    // A web page whose name was rebound to 127.0.0.1 still sends its own name.
    if (!LOOPBACK.test(record.headers.host ?? "")) {
      return anthropicError("permission_error", "not a loopback Host");
    }
    try {
      return answerConnect(record, rules, url) ??
        answerProxy(record, rules) ??
        anthropicError("not_found_error", "not a path of the gateway");
    } catch (error) {
      // Only the caller's own `accepts` or `reply` can throw.
      return anthropicError("api_error", String(error));
    }
  }

  async function close(): Promise<void> {
    // Not `shutdown()`: it waits for clients that do not read their answers, and
    // aborting after it throws (Deno 2.9.6).
    aborter.abort();
    await server.finished;
  }

  return {
    url,
    requests,
    close,
    [Symbol.asyncDispose]: close,
  };
}
