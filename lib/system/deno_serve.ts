/**
 * HTTP as a server and as a client that forwards.
 *
 * @module
 */

import type {
  Connections,
  ListenPlace,
  RequestHandler,
  Server,
} from "./sys.ts";

/** A server that listens. */
interface Listening {
  server: Deno.HttpServer<Deno.Addr>;
  address: Server["address"];
  /** Listens there again. */
  listen(): Deno.HttpServer<Deno.Addr>;
  /** Removes what it leaves behind. */
  remove(): Promise<void>;
}

/** Starts a server; see {@linkcode Sys.serve}. */
export async function serve(
  place: ListenPlace,
  handler: RequestHandler,
): Promise<Server> {
  silenceSignalNotice();
  const stop = new AbortController();
  const options = {
    signal: stop.signal,
    onListen() {},
    // Without it Deno prints the error of every body that breaks off.
    onError: () => new Response(null, { status: 500 }),
  };
  const { server, address, listen, remove } = place === "port"
    ? onPort(options, handler)
    : await onSocket(options, handler);
  const ended = listenOn(server, listen, stop.signal);
  return {
    address,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
      await remove();
    },
  };
}

type ServeOptions = Pick<Deno.ServeOptions, "signal" | "onListen" | "onError">;

function onPort(options: ServeOptions, handler: RequestHandler): Listening {
  const listenAt = (port: number) =>
    Deno.serve(
      { ...options, hostname: "127.0.0.1", port },
      (request, { remoteAddr }) => handler(request, remoteAddr.port),
    );
  const server = listenAt(0);
  const { port } = server.addr;
  return {
    server,
    address: { port },
    listen: () => listenAt(port),
    remove: () => Promise.resolve(),
  };
}

async function onSocket(
  options: ServeOptions,
  handler: RequestHandler,
): Promise<Listening> {
  // Deno makes it for this user alone (0700).
  const folder = await Deno.makeTempDir({ prefix: "ai-claude-" });
  const remove = () => Deno.remove(folder, { recursive: true });
  const socket = `${folder}/socket`;
  const listen = () => {
    // What the last one left behind is in the way.
    try {
      Deno.removeSync(socket);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const server = Deno.serve(
      { ...options, path: socket },
      (request) => handler(request),
    );
    Deno.chmodSync(socket, 0o600);
    return server;
  };
  try {
    return { server: listen(), address: { socket }, listen, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** How soon to listen again where that failed, in milliseconds. */
const AGAIN_MS = 20;

/**
 * Listens again, as soon as it can, after an error that ended the server, such as
 * too many open files. What is being served goes on meanwhile.
 */
async function listenOn(
  server: Deno.HttpServer<Deno.Addr>,
  again: () => Deno.HttpServer<Deno.Addr>,
  stop: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      return await server.finished;
    } catch {
      // It listens again below.
    }
    for (let listens = false; !listens;) {
      if (stop.aborted) return;
      try {
        server = again();
        listens = true;
      } catch (error) {
        // Somebody else has the port now.
        if (error instanceof Deno.errors.AddrInUse) return;
        await new Promise((done) => setTimeout(done, AGAIN_MS));
      }
    }
  }
}

/**
 * Deno warns on the user's terminal that a request's signal, once looked at,
 * fires after an answer too. But nothing else says that a client has gone.
 */
function silenceSignalNotice(): void {
  // deno-lint-ignore no-console
  const warn = console.warn;
  // deno-lint-ignore no-console
  console.warn = (...args: unknown[]) => {
    if (String(args[0]).startsWith("Deno.serve: request.signal")) return;
    warn(...args);
  };
}

/** Makes connections; see {@linkcode Sys.connect}. */
export function connect(): Connections {
  const client = Deno.createHttpClient({});
  return {
    fetch: (url, init) => fetch(url, { ...init, client }),
    [Symbol.dispose]: () => client.close(),
  };
}
