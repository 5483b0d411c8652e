/**
 * The program within the test's process: faster than a process of its own, and
 * with a machine of which a test replaces parts.
 *
 * @module
 */

import { denoSys } from "../../lib/system/deno_sys.ts";
import type { Sys } from "../../lib/system/sys.ts";
import { runOn } from "../../main.ts";
import type { Ended } from "./program.ts";

const MAIN = new URL("../../main.ts", import.meta.url).href;

/**
 * Runs the program on this machine with another environment and no terminal.
 * Its requests take as long as they take: how fast a server of the test answers
 * is the machine's business.
 */
export async function runInProcess(
  args: string[],
  env: Record<string, string>,
  machine: Partial<Sys> = {},
): Promise<Ended> {
  const sys = denoSys(MAIN);
  let stdout = "";
  let stderr = "";
  const code = await runOn(args, {
    ...sys,
    isTerminal: () => false,
    columns: () => undefined,
    fetch: (url, { timeoutMs: _, ...init } = {}) => sys.fetch(url, init),
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
    ...machine,
    env,
  });
  return { code, stdout, stderr };
}
