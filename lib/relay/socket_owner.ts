/**
 * Whose program is at the other end of a loopback connection. The relay's secret
 * is in Claude Code's arguments, which other users of the machine can read; with
 * this they cannot use it. Linux only: elsewhere nobody says.
 *
 * @module
 */

import type { Sys } from "../system/sys.ts";

/** Whether a connection from a port of 127.0.0.1 comes from this user. */
export type OwnerCheck = (port: number) => Promise<boolean>;

/** IPv4 127.0.0.1, plain and as a socket for both families has it. */
const LOOPBACK = ["0100007F", "0000000000000000FFFF00000100007F"];

/** A line of a table that names a socket. */
const SOCKET = /^ *\d+: /m;

/**
 * A check for connections to a port, which lets all pass where the machine does
 * not tell: elsewhere than on Linux, and where its tables are hidden or empty.
 */
export async function ownerCheck(
  serverPort: number,
  sys: Pick<Sys, "readTextFile">,
): Promise<OwnerCheck> {
  const read = async (path: string) =>
    await sys.readTextFile(path).catch(() => undefined) ?? "";
  const [, self] =
    /^Uid:(?:\s+\d+){3}\s+(\d+)/m.exec(await read("/proc/self/status")) ?? [];
  if (self === undefined) return () => Promise.resolve(true);
  let tables: Promise<string> | undefined;
  // Requests that arrive together are looked up in one reading.
  const current = () =>
    tables ??= Promise.resolve().then(async () => {
      tables = undefined;
      return [await read("/proc/net/tcp"), await read("/proc/net/tcp6")]
        .join("\n");
    });
  return async (port) => {
    const look = async () => {
      const text = await current();
      return SOCKET.test(text) ? socketOwner(text, port, serverPort) : self;
    };
    // A table that changes while it is read may lack a line.
    return (await look() ?? await look()) === self;
  };
}

/**
 * The owner of the client's end of a connection, in the text of `/proc/net/tcp`
 * and `tcp6`.
 *
 * @example
 * ```ts
 * import { socketOwner } from "./socket_owner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const table = "   1: 0100007F:9C40 0100007F:0FA0 01 " +
 *   "00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 20 4 30 10 -1";
 * assertEquals(socketOwner(table, 40000, 4000), "1000");
 * assertEquals(socketOwner(table, 40001, 4000), undefined);
 * ```
 */
export function socketOwner(
  tables: string,
  clientPort: number,
  serverPort: number,
): string | undefined {
  for (const address of LOOPBACK) {
    const at = tables.indexOf(
      `: ${address}:${hex(clientPort)} ${address}:${hex(serverPort)} `,
    );
    if (at === -1) continue;
    // local, remote, state, queues, timer, retransmits, owner
    return tables.slice(at + 2, at + 300).split(/\s+/)[6];
  }
  return undefined;
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}
