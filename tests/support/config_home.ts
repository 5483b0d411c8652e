/**
 * A throwaway home with a config file, for `profile` commands in the test's own
 * process.
 *
 * @module
 */

import type { Sys } from "../../lib/system/sys.ts";
import { runInProcess } from "./in_process.ts";
import type { Ended } from "./program.ts";

/** A home directory. */
export interface ConfigHome extends AsyncDisposable {
  /** Path of the config file. */
  path: string;
  /** The config file's text. */
  config(): Promise<string>;
  /** Names of the files beside it, itself included. */
  files(): Promise<string[]>;
  /** Runs a `profile` command; `machine` replaces parts of the machine. */
  run(args: string[], machine?: Partial<Sys>): Promise<Ended>;
}

/** Makes the home, with the text of its config file. */
export async function makeConfigHome(text?: string): Promise<ConfigHome> {
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
