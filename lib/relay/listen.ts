/**
 * The relay's server: it admits the requests of its own session, and of nobody
 * else.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { type RelayPlace, socketUrl } from "../launch/carrier.ts";
import type { RelayAddress } from "../launch/facts.ts";
import type { RequestHandler, Server, Sys } from "../system/sys.ts";
import { errorAnswer } from "./error_answer.ts";
import { type Destination, forward } from "./forward.ts";
import { admittedPath, type Gate } from "./gate.ts";
import { type OwnerCheck, ownerCheck } from "./socket_owner.ts";

export interface Listener extends AsyncDisposable {
  /** Where Claude Code finds it; the URL of a port holds the secret. */
  readonly address: RelayAddress;
  /** Says where requests go; those that came before have waited for it. */
  start(destination: Destination): void;
}

const HOST = "127.0.0.1";

/**
 * Listens on a socket or a port; on a port too where no socket can be made, such
 * as in a folder with too long a name.
 *
 * @throws {CliError} `failure` when that is not possible
 */
export async function listen(
  place: RelayPlace,
  sys: Pick<Sys, "serve" | "readDir" | "readTextFile">,
): Promise<Listener> {
  const started = Promise.withResolvers<Destination>();
  const door = Promise.withResolvers<{ gate: Gate; isOwn: OwnerCheck }>();

  async function answer(request: Request, port?: number): Promise<Response> {
    const { gate, isOwn } = await door.promise;
    const destination = await started.promise;
    const { method, url, headers } = request;
    const path = headers.has("upgrade")
      ? undefined
      : admittedPath({ method, url, host: headers.get("host") }, gate);
    return path === undefined || port !== undefined && !await isOwn(port)
      ? errorAnswer({ kind: "not_found" }, destination.mode)
      : await forward(request, path, destination);
  }

  await using stack = new AsyncDisposableStack();
  const onPort = async (handler: RequestHandler) => {
    const server = await sys.serve("port", handler).catch((cause) => {
      throw new CliError(
        "failure",
        `cannot listen on ${HOST}: ${cause.message}`,
        { hint: "launch with --no-relay", cause },
      );
    });
    return stack.use(server);
  };
  const server = place === "port" ? await onPort(answer) : await sys
    .serve("socket", answer)
    .then((server) => stack.use(server), () => onPort(answer));
  const beside = place === "socket beside a port"
    ? portOf(await onPort(nothingThere))
    : undefined;
  const port = portOf(server);
  const address = "socket" in server.address
    ? { url: socketUrl(beside), socket: server.address.socket }
    : { url: `http://${HOST}:${port}/${newSecret()}` };
  const { host, pathname } = new URL(address.url);
  door.resolve({
    gate: { authority: host, secret: pathname.slice(1) },
    isOwn: port === undefined
      ? () => Promise.resolve(true)
      : await ownerCheck(port, sys),
  });
  const listening = stack.move();
  return {
    address,
    start: started.resolve,
    [Symbol.asyncDispose]: () => listening.disposeAsync(),
  };
}

function portOf({ address }: Server): number | undefined {
  return "port" in address ? address.port : undefined;
}

function nothingThere(): Promise<Response> {
  return Promise.resolve(errorAnswer({ kind: "not_found" }, "bedrock"));
}

/** 128 random bits, in hexadecimal. */
function newSecret(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}
