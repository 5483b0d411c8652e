/**
 * A proxy on loopback that lets nothing through and notes who was asked for:
 * with it in the proxy variables, what would leave this machine is seen here.
 *
 * @module
 */

export interface StrayRecorder extends AsyncDisposable {
  /** Its address, for the proxy variables. */
  readonly url: string;
  /** What was asked for, such as `CONNECT api.example.com:443`. */
  readonly strays: string[];
}

const MAX_HEAD_BYTES = 8192;

const REFUSAL = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n" +
  "connection: close\r\n\r\n";

export function startStrayRecorder(): StrayRecorder {
  const strays: string[] = [];
  const open = new Set<Deno.Conn>();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    const answers: Promise<void>[] = [];
    for await (const connection of listener) {
      open.add(connection);
      answers.push(
        refuse(connection, strays).finally(() => open.delete(connection)),
      );
    }
    await Promise.all(answers);
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    strays,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      // Those who never said anything.
      open.forEach(hangUp);
      await serving;
    },
  };
}

/** Notes only the method and the host: the rest may hold credentials. */
async function refuse(connection: Deno.Conn, strays: string[]): Promise<void> {
  try {
    const head = new Uint8Array(MAX_HEAD_BYTES);
    const count = await connection.read(head) ?? 0;
    if (count > 0) strays.push(describe(head.subarray(0, count)));
    await connection.write(new TextEncoder().encode(REFUSAL));
  } catch {
    // The client went away, or the recorder was disposed of.
  } finally {
    hangUp(connection);
  }
}

function hangUp(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}

function describe(head: Uint8Array): string {
  const text = new TextDecoder().decode(head);
  const [, method, target] = /^([A-Z]+) (\S+) HTTP/.exec(text) ?? [];
  if (method === undefined) return "something that is no HTTP";
  const isUrl = target.includes("://") && URL.canParse(target);
  const host = isUrl ? new URL(target).origin : target.split("?")[0];
  return `${method} ${host}`;
}
