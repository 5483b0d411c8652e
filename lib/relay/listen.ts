/**
 * The relay's server on the loopback interface: it admits the requests of its
 * own session, and of nobody else.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import type { Sys } from "../system/sys.ts";
import { errorAnswer } from "./error_answer.ts";
import { type Destination, forward } from "./forward.ts";
import { admittedPath, type Gate } from "./gate.ts";
import { type OwnerCheck, ownerCheck } from "./socket_owner.ts";

/** A server that listens. */
export interface Listener extends AsyncDisposable {
  /** What is Claude Code's base URL, with the secret. */
  readonly url: string;
  /** Says where requests go; those that came before have waited for it. */
  start(destination: Destination): void;
}

const HOST = "127.0.0.1";

/**
 * Listens on a free port.
 *
 * @throws {CliError} `failure` when that is not possible
 */
export async function listen(
  sys: Pick<Sys, "serve" | "readDir" | "readTextFile">,
): Promise<Listener> {
  const started = Promise.withResolvers<Destination>();
  const door = Promise.withResolvers<{ gate: Gate; isOwn: OwnerCheck }>();

  async function answer(request: Request, port: number): Promise<Response> {
    const { gate, isOwn } = await door.promise;
    const destination = await started.promise;
    const { method, url, headers } = request;
    const path = headers.has("upgrade")
      ? undefined
      : admittedPath({ method, url, host: headers.get("host") }, gate);
    return path === undefined || !await isOwn(port)
      ? errorAnswer({ kind: "not_found" }, destination.mode)
      : await forward(request, path, destination);
  }

  const server = await sys.serve({ hostname: HOST }, answer).catch((cause) => {
    throw new CliError(
      "failure",
      `cannot listen on ${HOST}: ${cause.message}`,
      {
        hint: "launch with --no-relay",
        cause,
      },
    );
  });
  const gate = { authority: `${HOST}:${server.port}`, secret: newSecret() };
  door.resolve({ gate, isOwn: await ownerCheck(server.port, sys) });
  return {
    url: `http://${gate.authority}/${gate.secret}`,
    start: started.resolve,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** 128 random bits, in hexadecimal. */
function newSecret(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}
