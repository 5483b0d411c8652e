/**
 * Changing the config file: one process at a time, the file whole or not at all.
 *
 * @module
 */

import { loadOnUse } from "../base/load_on_use.ts";
import type { Sys } from "../system/sys.ts";
import { readConfig } from "./active_profile.ts";
import { type Config, configError, parseConfig } from "./config.ts";
import type { ConfigEdit } from "./config_edit.ts";

/** The machine as far as an edit uses it. */
type ConfigSys = Pick<
  Sys,
  "readTextFile" | "replaceTextFile" | "realPath" | "lock" | "uninterrupted"
>;

/** Longest wait for another edit, and longest time that one may take, in ms. */
const LOCK = { waitMs: 10_000, staleMs: 30_000 };

/** Modes of the file and of a directory that is made for it. */
const MODES = { file: 0o600, dir: 0o700 };

/**
 * Changes the config file under its lock.
 *
 * @param decide makes the edit from what the file says, or throws; it is asked
 * before the lock is taken, which makes a folder and a file, and again under it
 * @returns what the file said before
 * @throws {CliError} `failure` when the file cannot be changed
 */
export async function changeConfig(
  named: string,
  decide: (config: Config) => ConfigEdit,
  sys: ConfigSys,
): Promise<Config> {
  const cannot = (reason: unknown, hint = "try again") =>
    configError("edit", named, reason, hint);
  const editOf = (config: Config) => {
    const edit = decide(config);
    if (!config.foreign) return edit;
    throw cannot(
      "it is another program's",
      "name a file of its own: set RPAI_CONFIG, or --rpai-config PATH",
    );
  };
  editOf(await readConfig(named, false, sys) ?? await parseConfig("", named));
  const write = <T>(work: () => Promise<T>) =>
    work().catch((cause) => {
      const hint = "check the directory's permissions, or name another file " +
        "with --rpai-config PATH";
      throw configError("write", named, cause, hint);
    });
  const path = await write(() => sys.realPath(named));
  const lock = await write(() => sys.lock(`${path}.lock`, LOCK));
  if (lock === undefined) throw cannot("another edit takes too long");
  try {
    const text = await sys.readTextFile(path) ?? "";
    const config = await parseConfig(text, named);
    const edit = editOf(config);
    if (text.includes("\ufffd")) {
      throw cannot(
        "not UTF-8",
        "save it as UTF-8, or name another with --rpai-config PATH",
      );
    }
    const { editConfig } = await loadOnUse<typeof import("./config_edit.ts")>(
      "./config_edit.ts",
      import.meta.url,
    );
    let edited: string;
    try {
      edited = editConfig(text, edit);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw cannot(error, `edit ${named} by hand`);
    }
    if (edited === text) return config;
    if (!await lock.isHeld()) throw cannot("another edit came in between");
    await write(() =>
      sys.uninterrupted(() => sys.replaceTextFile(path, edited, MODES))
    );
    return config;
  } finally {
    await lock.release();
  }
}
