/**
 * A relay in a process of its own.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { residentMiB } from "../../tools/measure.ts";

const PROGRAM = fileURLToPath(new URL("../testdata/relay.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** A relay that runs. */
export interface RelayProcess extends AsyncDisposable {
  /** Its URL, with the secret. */
  url: string;
  /** The socket that it listens on; empty for a port. */
  socket: string;
  /** How much memory it has. */
  residentMiB(): Promise<number>;
}

/**
 * Starts a relay; disposing of it asserts that it has printed nothing and ends
 * as it should.
 *
 * @param command what runs it
 */
export async function startProcess(
  providerUrl: string,
  env: Record<string, string> = {},
  command: string[] = [],
  place: "port" | "socket" = "port",
): Promise<RelayProcess> {
  const [path, ...args] = [
    ...command,
    ...[Deno.execPath(), "run", "--quiet", "--config", CONFIG, "-A"],
    ...[PROGRAM, providerUrl, place],
  ];
  const child = new Deno.Command(path, {
    args,
    env: {
      ...Deno.env.toObject(),
      NO_PROXY: "",
      no_proxy: "",
      DENO_NO_UPDATE_CHECK: "1",
      ...env,
    },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const printed = new Response(child.stderr).text();
  const [url, socket] = new TextDecoder().decode(value).trimEnd().split(" ");
  return {
    ...{ url, socket },
    residentMiB: () => residentMiB(child.pid),
    [Symbol.asyncDispose]: async () => {
      await child.stdin.close();
      await reader.cancel();
      // Whatever happened to its connections, the user's terminal is as it was.
      assertEquals([await printed, (await child.status).code], ["", 0]);
    },
  };
}

/** A file that is there while a test runs. */
export async function temporaryFile(
  text: string,
): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, text);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
}
