/**
 * A proxy on loopback that lets nothing through and notes who was asked for:
 * with it in the proxy variables, what would leave this machine is seen here.
 *
 * @module
 */

/** A running recorder. */
export interface StrayRecorder extends AsyncDisposable {
  /** Its address, for the proxy variables. */
  readonly url: string;
  /** What was asked for, such as `CONNECT api.example.com:443`. */
  readonly strays: string[];
}

const MAX_HEAD_BYTES = 8192;

/** Starts a recorder on a free port. */
export function startStrayRecorder(): StrayRecorder {
  const strays: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) await refuse(connection, strays);
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    strays,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await serving;
    },
  };
}

/** Only the method and the address: the rest may hold credentials. */
async function refuse(connection: Deno.Conn, strays: string[]): Promise<void> {
  using _ = connection;
  const timer = setTimeout(() => connection.close(), 2_000);
  try {
    const head = new Uint8Array(MAX_HEAD_BYTES);
    const count = await connection.read(head) ?? 0;
    const line = new TextDecoder().decode(head.subarray(0, count));
    const [, method, target] = /^([A-Z]+) (\S+) HTTP/.exec(line) ?? [];
    if (method !== undefined) strays.push(`${method} ${hostOf(target)}`);
    const answer = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n" +
      "connection: close\r\n\r\n";
    await connection.write(new TextEncoder().encode(answer));
  } catch {
    // The client went away: what it asked for is noted, if it asked.
  } finally {
    clearTimeout(timer);
  }
}

/** Without path and query of a URL. */
function hostOf(target: string): string {
  return URL.canParse(target) && target.includes("://")
    ? new URL(target).origin
    : target;
}
