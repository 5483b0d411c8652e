/**
 * A relay in this process, in front of a gateway that answers as a test says,
 * and clients that speak plain bytes.
 *
 * @module
 */

import type { Destination } from "../../lib/relay/forward.ts";
import { listen } from "../../lib/relay/listen.ts";
import type { TokenSupply } from "../../lib/relay/token_supply.ts";
import { denoSys } from "../../lib/system/deno_sys.ts";

/** The provider's path at the gateway. */
export const PREFIX = "/llm/v1/providers/main";

/** The token that the relay adds. */
export const TOKEN = "gateway-token-under-test";

/** A token supply that always has the same. */
export const STEADY: TokenSupply = {
  current: () => Promise.resolve(TOKEN),
  replace: () => Promise.resolve(undefined),
};

/** A request as the gateway saw it. */
export interface Seen {
  method: string;
  /** Path with the query. */
  path: string;
  headers: Headers;
  /** Port of the connection. */
  connection: number;
}

/** A relay and its gateway. */
export interface Rig extends AsyncDisposable {
  relay: ListeningRelay;
  /** Port of the relay. */
  port: number;
  /** `/<secret>` */
  secretPath: string;
  /** What the gateway saw, oldest first. */
  seen: Seen[];
}

/** Makes a rig; dispose of it with `await using`. */
export async function makeRig(
  answer: (request: Request) => Response | Promise<Response>,
  options: Partial<Destination> = {},
): Promise<Rig> {
  const seen: Seen[] = [];
  const aborter = new AbortController();
  const gateway = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: aborter.signal,
    onListen() {},
    onError: () => new Response(null, { status: 500 }),
  }, (request, { remoteAddr }) => {
    const { pathname, search } = new URL(request.url);
    seen.push({
      method: request.method,
      path: pathname + search,
      headers: request.headers,
      connection: (remoteAddr as Deno.NetAddr).port,
    });
    return answer(request);
  });
  const relay = await relayTo(
    `http://127.0.0.1:${gateway.addr.port}${PREFIX}`,
    options,
  );
  return {
    relay,
    seen,
    ...parts(relay),
    [Symbol.asyncDispose]: async () => {
      await relay[Symbol.asyncDispose]();
      aborter.abort();
      await gateway.finished;
    },
  };
}

/** A relay that listens on a port. */
export interface ListeningRelay extends AsyncDisposable {
  /** Its URL, with the secret. */
  url: string;
}

/** A relay to any address. */
export async function relayTo(
  providerUrl: string,
  options: Partial<Destination> = {},
): Promise<ListeningRelay> {
  const sys = denoSys("");
  const stack = new AsyncDisposableStack();
  const connections = stack.use(await sys.connect());
  const { address: { url }, start } = stack.use(await listen("port", sys));
  start({
    ...{ mode: "passthrough", tokens: STEADY, connections, providerUrl },
    ...options,
  });
  return { url, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Port and path of a relay's URL. */
export function parts(
  { url }: Pick<ListeningRelay, "url">,
): { port: number; secretPath: string } {
  const { port, pathname } = new URL(url);
  return { port: Number(port), secretPath: pathname };
}

/** An error of the relay's own, by its body. */
export async function errorOf(
  response: Response,
): Promise<{ status: number; type: string; message: string }> {
  const { type, error } = await response.json();
  if (type !== "error") throw new Error(`no error: ${type}`);
  return { status: response.status, ...error };
}

/** Text with a character for each byte. */
export function binaryText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** A connection that speaks bytes. */
export class RawClient implements Disposable {
  readonly #connection: Deno.TcpConn;
  #closed = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Connects to a port of this machine. */
  static async connect(port: number): Promise<RawClient> {
    return new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Sends text, each character a byte; a server that hung up is no error. */
  async send(text: string): Promise<void> {
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    try {
      for (let at = 0; at < bytes.length;) {
        at += await this.#connection.write(bytes.subarray(at));
      }
    } catch {
      // What it has answered is what counts.
    }
  }

  /** What comes until the text is complete, or until the other side hangs up. */
  async read(
    isComplete: (text: string) => boolean = () => false,
  ): Promise<string> {
    const buffer = new Uint8Array(65536);
    let text = "";
    try {
      while (!isComplete(text)) {
        const count = await this.#connection.read(buffer);
        if (count === null) break;
        text += binaryText(buffer.subarray(0, count));
      }
    } catch {
      // Reset: the same as hanging up.
    }
    return text;
  }

  /** What comes until an answer is whole, or until the other side hangs up. */
  async readAnswer(): Promise<string> {
    return await this.read((text) => {
      const [head, body] = text.split("\r\n\r\n");
      const length = /^content-length: (\d+)/im.exec(head);
      return body !== undefined && body.length === Number(length?.[1]);
    });
  }

  /** Hangs up. */
  [Symbol.dispose](): void {
    if (!this.#closed) this.#connection.close();
    this.#closed = true;
  }
}

/** A server that hands each connection to a test. */
export function serveConnections(
  work: (connection: Deno.TcpConn) => Promise<void>,
): Disposable & { url: string } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  (async () => {
    for await (const connection of listener) {
      open.add(connection);
      work(connection).catch(() => {});
    }
  })().catch(() => {});
  return {
    url: `http://127.0.0.1:${listener.addr.port}${PREFIX}`,
    [Symbol.dispose]: () => {
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          // The test did.
        }
      }
    },
  };
}
