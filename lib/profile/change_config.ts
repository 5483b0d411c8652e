/**
 * Changing the config file: one process at a time, the file whole or not at all.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { loadOnUse } from "../base/load_on_use.ts";
import { printable } from "../base/printable.ts";
import type { Sys } from "../system/sys.ts";
import { readConfig } from "./active_profile.ts";
import { type Config, parseConfig } from "./config.ts";
import type { ConfigEdit } from "./config_edit.ts";

/** The machine as far as an edit uses it. */
export type ConfigSys = Pick<
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
  const editOf = (config: Config) => {
    const edit = decide(config);
    if (!config.foreign) return edit;
    throw cannotEdit(
      named,
      "it is another program's",
      "name a file of its own: set RPAI_CONFIG, or --rpai-config PATH",
    );
  };
  editOf(await readConfig(named, false, sys) ?? await parseConfig("", named));
  const write = <T>(work: () => Promise<T>) =>
    work().catch((cause) => {
      throw cannotWrite(named, cause);
    });
  const path = await write(() => sys.realPath(named));
  const lock = await write(() => sys.lock(`${path}.lock`, LOCK));
  if (lock === undefined) {
    throw cannotEdit(named, "another edit takes too long");
  }
  try {
    const text = await sys.readTextFile(path) ?? "";
    const config = await parseConfig(text, named);
    const edited = await editedText(text, editOf(config), named);
    if (edited === text) return config;
    if (!await lock.isHeld()) {
      throw cannotEdit(named, "another edit came in between");
    }
    await write(() =>
      sys.uninterrupted(() => sys.replaceTextFile(path, edited, MODES))
    );
    return config;
  } finally {
    await lock.release();
  }
}

async function editedText(
  text: string,
  edit: ConfigEdit,
  path: string,
): Promise<string> {
  if (text.includes("\ufffd")) {
    throw cannotEdit(
      path,
      "not UTF-8",
      "save it as UTF-8, or name another with --rpai-config PATH",
    );
  }
  const { editConfig } = await loadOnUse<typeof import("./config_edit.ts")>(
    "./config_edit.ts",
    import.meta.url,
  );
  try {
    return editConfig(text, edit);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw cannotEdit(path, cause.message, `edit ${path} by hand`, cause);
  }
}

function cannotEdit(
  path: string,
  reason: string,
  hint = "try again",
  cause?: unknown,
): CliError {
  const message = `cannot edit config ${path}: ${printable(reason)}`;
  return new CliError("failure", message, { hint, cause });
}

function cannotWrite(path: string, cause: unknown): CliError {
  const reason = cause instanceof Error ? printable(cause.message) : "";
  return new CliError("failure", `cannot write config ${path}: ${reason}`, {
    hint: "check the directory's permissions, or name another file with " +
      "--rpai-config PATH",
    cause,
  });
}
