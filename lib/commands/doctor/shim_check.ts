/**
 * `ai-claude doctor SHIM`: where a shim leads, by itself: the program that it
 * starts, its launch flags, the profile they mean.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CliError } from "../../base/errors.ts";
import { toCommand } from "../../cli/parse.ts";
import { gatewayUrl } from "../../gateway/gateway_url.ts";
import { readTarget } from "../../profile/active_profile.ts";
import type { Flags } from "../../profile/flags.ts";
import { resolveOptions } from "../../profile/options.ts";
import { MAX_SHIM_BYTES } from "../../claude/is_shim.ts";
import { absolutePath, isAbsolutePath } from "../../system/find_program.ts";
import type { Sys } from "../../system/sys.ts";
import { readShim, type ShimCommand } from "../shim.ts";
import { type CheckSpec, fail, type Finding, ok } from "./check.ts";

/** A shim as it was found. */
export interface ShimExamination {
  /** Its path, absolute. */
  path: string;
  /** What it runs, or why that is not known. */
  command: ShimCommand | Finding;
  /** The machine. */
  sys: Sys;
}

/** Flags of the doctor that are about its report. */
const REPORT_FLAGS = ["format", "no-color", "verbose"];

/**
 * Reads a shim.
 *
 * @throws {CliError} `usage` for launch flags beside it
 */
export async function examineShim(
  given: string,
  flags: Flags,
  sys: Sys,
): Promise<ShimExamination> {
  const other = Object.keys(flags).find((name) => !REPORT_FLAGS.includes(name));
  if (other !== undefined) {
    throw new CliError(
      "usage",
      `--${other} does not go with a shim, which has launch flags of its own`,
      { hint: `ai-claude doctor ${given}` },
    );
  }
  const path = absolutePath(given, sys);
  return { path, command: await readCommand(path, sys), sys };
}

async function readCommand(
  path: string,
  sys: Sys,
): Promise<ShimCommand | Finding> {
  let text: string | undefined;
  try {
    text = await sys.readTextFile(path, MAX_SHIM_BYTES);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(`cannot read ${path}: ${reason}`, writeIt(path));
  }
  if (text === undefined) return fail(`${path}: no such file`, writeIt(path));
  return readShim(text, sys.platform) ??
    fail(`${path} is not a shim of ai-claude`, writeIt(path));
}

/** The checks; what comes after a shim that cannot be read has nothing to say. */
export const SHIM_CHECKS: readonly CheckSpec<ShimExamination>[] = [
  { name: "shim", run: shimFile },
  { name: "program", run: shimProgram },
  { name: "flags", run: shimFlags },
];

async function shimFile(
  { path, command, sys }: ShimExamination,
): Promise<Finding> {
  if ("status" in command) return command;
  return await sys.isExecutable(path)
    ? ok(`${path} launches Claude Code through the gateway`)
    : fail(`${path} is not executable`, `chmod +x "${path}"`);
}

async function shimProgram(
  { path, command, sys }: ShimExamination,
): Promise<Finding[]> {
  if ("status" in command) return [];
  const [program, ...words] = command.program;
  if (!await sys.isExecutable(program)) {
    const message =
      `the shim starts ${program}, which is not an executable file`;
    return [fail(message, writeIt(path))];
  }
  const files = words.filter((word) => isAbsolutePath(word, sys.platform));
  for (const file of files) {
    if (await sys.fileMode(file).catch(() => 0) !== undefined) continue;
    return [fail(`the shim runs ${file}, which is gone`, writeIt(path))];
  }
  return [ok(command.program.join(" "))];
}

/** The flags, and the profile and gateway that they lead to. */
async function shimFlags(
  { path, command, sys }: ShimExamination,
): Promise<Finding[]> {
  if ("status" in command) return [];
  let flags: Flags;
  try {
    flags = toCommand(["__shim", ...command.flags, "--"], parseArgs).flags;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const message = `the shim's launch flags cannot be used: ${error.message}`;
    return [fail(message, writeIt(path))];
  }
  const options = resolveOptions(flags, sys);
  const target = await readTarget(options, sys);
  const gateway = gatewayUrl(options, target);
  const provider = flags.llmprovider ?? target.profile?.provider;
  const shown = command.flags.length === 0 ? "none" : command.flags.join(" ");
  const where = target.profile === undefined
    ? "no profile"
    : `profile "${target.profile.name}" of ${options.configPath}`;
  const message = `${shown}: ${where}, gateway ${gateway}`;
  return [
    provider === undefined
      // A shim has nobody to ask.
      ? fail(
        `${message}, no provider`,
        "set llm_provider in the profile, or write the shim again with " +
          "--llmprovider NAME",
      )
      : ok(`${message}, provider "${provider}"`),
  ];
}

function writeIt(path: string): string {
  return `write it: ai-claude shim "${path}" --llmprovider NAME`;
}
