/**
 * The relay: a server on the loopback interface that forwards one session's
 * requests to the gateway and adds the credential, so that Claude Code never has
 * it.
 *
 * @module
 */

import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { CliError } from "../base/errors.ts";
import type { Mode } from "../gateway/mode.ts";
import type { Sys } from "../system/sys.ts";
import { admittedPath, type Gate } from "./gate.ts";
import { headerValues } from "./header_rules.ts";
import { bufferCollector } from "./node_collect.ts";
import { forward, refuse } from "./node_forward.ts";
import {
  connectUpstream,
  UPSTREAM_BOUNDS,
  type UpstreamBounds,
} from "./node_upstream.ts";
import { type OwnerCheck, ownerCheck } from "./socket_owner.ts";
import type { TokenSupply } from "./token_supply.ts";

/** What a relay is told. */
export interface RelayOptions {
  /** The mode of the launch. */
  mode: Mode;
  /** The provider's proxy URL: requests go below it and nowhere else. */
  providerUrl: string;
  /** The token. */
  tokens: TokenSupply;
  /** How long the gateway is waited for. */
  bounds?: Partial<UpstreamBounds & ClientBounds>;
}

/** How long a client is waited for, in milliseconds. */
export interface ClientBounds {
  /** For the head of a request. */
  headMs: number;
}

/** A running relay. */
export interface Relay extends Disposable {
  /** What is Claude Code's base URL, with the secret. */
  readonly url: string;
  /** Stops it at once and cuts off what is under way. */
  close(): void;
}

const HOST = "127.0.0.1";

/** Largest head of a request, in bytes. */
const MAX_HEAD = 32 * 1024;

/** How long an idle connection is kept for the next request, in milliseconds. */
const IDLE_MS = 120_000;

/** Starts a relay on a free port. */
export async function startRelay(
  options: RelayOptions,
  sys: Pick<Sys, "env" | "readTextFile">,
): Promise<Relay> {
  const { mode, providerUrl, tokens } = options;
  const { headMs = 10_000, ...bounds } = options.bounds ?? {};
  const provider = new URL(providerUrl);
  const prefix = provider.pathname.replace(/\/+$/, "");
  const upstream = connectUpstream(provider, sys.env, {
    ...UPSTREAM_BOUNDS,
    ...bounds,
  });
  const route = { mode, upstream, tokens, count: bufferCollector() };
  const sockets = new Map<Socket, Promise<boolean>>();

  const server = createServer({
    maxHeaderSize: MAX_HEAD,
    headersTimeout: headMs,
    // A body may take as long as the gateway takes to read it.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(1_000, headMs),
    keepAliveTimeout: IDLE_MS,
  });
  // Whoever connects before all is known waits for it.
  const ready = Promise.withResolvers<{ gate: Gate; isOwn: OwnerCheck }>();
  server.on("connection", (socket: Socket) => {
    const port = socket.remotePort ?? 0;
    sockets.set(socket, ready.promise.then(({ isOwn }) => isOwn(port)));
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    request.on("error", () => {});
    response.on("error", () => {});
    answer(request, response).catch(() => request.socket.destroy());
  });
  const hangUp = (_request: IncomingMessage, socket: Socket) =>
    socket.end(
      "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    );
  server.on("connect", hangUp);
  server.on("upgrade", hangUp);
  server.on(
    "clientError",
    (error: Error & { code?: string }, socket: Socket) => {
      const status = error.code === "HPE_HEADER_OVERFLOW"
        ? "431 Request Header Fields Too Large"
        : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
      if (socket.writable) {
        socket.end(
          `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        );
      }
      socket.destroySoon?.();
    },
  );

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { gate } = await ready.promise;
    const path = admittedPath({
      method: request.method ?? "",
      target: request.url ?? "",
      hosts: headerValues(request.rawHeaders, "host"),
    }, gate);
    const own = await sockets.get(request.socket);
    if (path === undefined || !own) {
      // Nor is its body read.
      response.shouldKeepAlive = false;
      return refuse(response, { kind: "not_found" }, mode);
    }
    await forward(request, response, prefix + path, route);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new CliError("failure", `cannot listen on ${HOST}: ${cause.message}`, {
          hint: "launch with --no-relay",
          cause,
        }),
      ));
    server.listen(0, HOST, resolve);
  });
  // Too many open files, say: those that are there go on.
  server.on("error", () => {});
  const { port } = server.address() as AddressInfo;
  const gate = { authority: `${HOST}:${port}`, secret: newSecret() };
  ready.resolve({ gate, isOwn: await ownerCheck(port, sys) });

  const close = () => {
    server.close();
    for (const socket of sockets.keys()) socket.destroy();
    upstream.destroy();
  };
  return {
    url: `http://${gate.authority}/${gate.secret}`,
    close,
    [Symbol.dispose]: close,
  };
}

/** 128 random bits, in hexadecimal. */
function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return bytes.toHex();
}
