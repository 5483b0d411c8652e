/**
 * Whose program is at the other end of a loopback connection. The relay's secret
 * is in Claude Code's arguments, which other users of the machine can read; with
 * this they cannot use it. Linux only: elsewhere there is no such table.
 *
 * @module
 */

import type { Sys } from "../system/sys.ts";

/** Whether a connection from a port of 127.0.0.1 comes from this user. */
export type OwnerCheck = (port: number) => Promise<boolean>;

/** What the kernel says of a connection. */
export interface Connection {
  /** User id at the client's end; absent while there is none. */
  owner?: string;
  /** Inode of the server's end. */
  inode?: string;
}

/**
 * A check for connections to a port, which lets all pass where the kernel does
 * not say whose they are: outside Linux, and where its tables are hidden or empty.
 *
 * The tables take milliseconds to read, so that of IPv6 is read only for what the
 * other one lacks, and what they said of a connection counts for as long as this
 * process has the same socket open.
 */
export async function ownerCheck(
  serverPort: number,
  sys: Pick<Sys, "readTextFile" | "readDir">,
): Promise<OwnerCheck> {
  const read = async (path: string) =>
    await sys.readTextFile(path).catch(() => undefined) ?? "";
  const readTables = async (port?: number) => {
    const table = await read("/proc/net/tcp");
    const found = connectionsTo(serverPort, table);
    const enough = port === undefined || found?.get(port)?.owner !== undefined;
    return enough
      ? found
      : connectionsTo(serverPort, table + await read("/proc/net/tcp6"));
  };
  const [, self] =
    /^Uid:(?:\s+\d+){3}\s+(\d+)/m.exec(await read("/proc/self/status")) ?? [];
  let connections = await readTables();
  // From now on a table that cannot be read lets nobody pass: another user could
  // cause that by using up all file descriptors.
  if (self === undefined || connections === undefined) {
    return () => Promise.resolve(true);
  }
  let descriptors = new Map<string, string>();
  let reading: Promise<void> | undefined;

  /** The inode of a file that is open; none before Linux 5.14. */
  const inodeOf = async (descriptor: string) =>
    /^ino:\s*(\d+)/m.exec(await read(`/proc/self/fdinfo/${descriptor}`))?.[1];

  // Requests that arrive together are looked up in one reading.
  const refresh = (port: number) =>
    reading ??= (async () => {
      connections = await readTables(port);
      const open = await sys.readDir("/proc/self/fd").catch(() => undefined);
      descriptors = new Map();
      for (const descriptor of open ?? []) {
        const inode = await inodeOf(descriptor);
        if (inode !== undefined) descriptors.set(inode, descriptor);
      }
      reading = undefined;
    })();

  return async (port) => {
    const { owner, inode = "" } = connections?.get(port) ?? {};
    const descriptor = descriptors.get(inode);
    if (descriptor !== undefined && await inodeOf(descriptor) === inode) {
      return owner === self;
    }
    await refresh(port);
    // A table that changes while it is read may lack a line.
    if (connections?.get(port)?.owner === undefined) await refresh(port);
    return connections?.get(port)?.owner === self;
  };
}

/**
 * The connections to a port by their clients' ports, in the text of
 * `/proc/net/tcp` and `tcp6`; `undefined` when that names no sockets.
 *
 * @example
 * ```ts
 * import { connectionsTo } from "./socket_owner.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const rest = "00000000:00000000 00:00000000 00000000";
 * const table =
 *   `1: 0100007F:0FA0 0100007F:9C40 01 ${rest}     0        0 4710 1 0\n` +
 *   `2: 0100007F:9C40 0100007F:0FA0 01 ${rest}  1000        0 4711 1 0\n`;
 * assertEquals(connectionsTo(4000, table)?.get(40000), {
 *   owner: "1000",
 *   inode: "4710",
 * });
 * assertEquals(connectionsTo(4000, ""), undefined);
 * ```
 */
export function connectionsTo(
  serverPort: number,
  tables: string,
): Map<number, Connection> | undefined {
  if (!/^ *\d+: /m.test(tables)) return undefined;
  const found = new Map<number, Connection>();
  const add = (port: number, more: Connection) =>
    found.set(port, { ...found.get(port), ...more });
  for (const line of tables.matchAll(CONNECTION)) {
    const [local, remote] = [parseInt(line[1], 16), parseInt(line[2], 16)];
    if (remote === serverPort) add(local, { owner: line[3] });
    if (local === serverPort) add(remote, { inode: line[4] });
  }
  return found;
}

/**
 * A connection of 127.0.0.1 with itself, either end, plain or as a socket for
 * both families has it: number, local, remote, state, queues, timer,
 * retransmits, owner, timeout, inode. A socket that its program has closed has
 * no inode, and names root as its owner.
 */
const CONNECTION =
  /^ *\d+: (?:0{16}FFFF0000)?0100007F:(\w+) (?:0{16}FFFF0000)?0100007F:(\w+) \w+ \S+ \S+ \w+ +(\d+) +\d+ +([1-9]\d*) /gm;
