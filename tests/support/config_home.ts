/**
 * A throwaway home with a config file, for `profile` commands in the test's own
 * process.
 *
 * @module
 */

import type { Sys } from "../../lib/system/sys.ts";
import { runInProcess } from "./in_process.ts";
import type { Ended } from "./program.ts";

/** Makes the home, with the text of its config file. */
export async function makeConfigHome(text?: string) {
  const home = await Deno.makeTempDir({ prefix: "ai-claude-test-" });
  const path = `${home}/.rpai/config`;
  if (text !== undefined) {
    await Deno.mkdir(`${home}/.rpai`);
    await Deno.writeTextFile(path, text);
  }
  return {
    path,
    config: () => Deno.readTextFile(path),
    files: async () =>
      (await Array.fromAsync(Deno.readDir(`${home}/.rpai`), ({ name }) => name))
        .sort(),
    run: (args: string[], machine: Partial<Sys> = {}): Promise<Ended> =>
      runInProcess(
        ["profile", ...args],
        { HOME: home, ...machine.env },
        machine,
      ),
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}
