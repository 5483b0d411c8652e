/**
 * `ai-claude shim PATH [launch flags]`, and what the file that it writes runs: an
 * executable for programs that start Claude Code by themselves (an editor, an
 * SDK, a CI action), which launches it through the gateway.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { printable } from "../base/printable.ts";
import { quoteCmd, quoteSh } from "../base/quote_word.ts";
import { isShim, SHIM_MARK } from "../claude/is_shim.ts";
import type { Command } from "../cli/command.ts";
import { parseGatewayUrl } from "../gateway/gateway_url.ts";
import { checkProviderName } from "../gateway/provider.ts";
import { selfCommand } from "../launch/helper_command.ts";
import { ALL_FLAGS, type Flags } from "../profile/flags.ts";
import { resolveOptions } from "../profile/options.ts";
import { errorLine } from "../system/reporter.ts";
import { absolutePath, joinPath } from "../system/find_program.ts";
import type { Platform, Sys } from "../system/sys.ts";
import { launch } from "./launch.ts";

/** Writes a shim; resolves to the exit code. */
export async function shim(
  { flags, path: given }: Extract<Command, { kind: "shim" }>,
  sys: Sys,
): Promise<number> {
  const text = shimText(checkFlags(flags, sys), sys);
  const path = shimPath(given, sys);
  await refuseForeign(path, sys);
  await sys.replaceTextFile(path, text, { file: 0o755, dir: 0o755 })
    .catch((cause) => {
      const reason = cause instanceof Error ? printable(cause.message) : "";
      throw cannotWrite("failure", path, reason, {
        hint: "name a folder that you can write to",
        cause,
      });
    });
  sys.err(`wrote ${path}: use it where a program asks for claude\n`);
  return 0;
}

/**
 * The flags that the shim will hold, which mean the same in any folder.
 *
 * @throws {CliError} `usage` for what no launch could use
 */
function checkFlags(flags: Flags, sys: Sys): Flags {
  if (flags.token !== undefined) {
    throw new CliError(
      "usage",
      "a shim cannot hold a token: others can read it",
      {
        hint: "leave --token out, and set RPAI_TOKEN where the shim is used",
      },
    );
  }
  const { configPath, configNamed, endpoint } = resolveOptions(flags, sys);
  if (flags.llmprovider !== undefined) {
    checkProviderName(flags.llmprovider, "--llmprovider");
  }
  if (endpoint !== undefined) {
    // The profile, which may send no token, is read at each launch.
    parseGatewayUrl(endpoint, {
      from: "--rpai-endpoint",
      sendsCredential: false,
    });
  }
  return configNamed ? { ...flags, "rpai-config": configPath } : flags;
}

/** Windows runs what has a program's ending. */
function shimPath(given: string, sys: Sys): string {
  const path = absolutePath(given, sys);
  const isProgram = sys.platform !== "windows" || /\.(?:cmd|bat)$/i.test(path);
  return isProgram ? path : `${path}.cmd`;
}

/**
 * Runs what a shim stands for: nothing is asked, and nothing of this program
 * goes to stdout, which is the protocol.
 */
export async function runShim(
  { flags, claudeArgs }: Extract<Command, { kind: "run-shim" }>,
  sys: Sys,
): Promise<number> {
  const [first, ...rest] = claudeArgs;
  // An editor names the Claude Code that it brings along.
  const bundled = first !== undefined && /[\\/]/.test(first) &&
    await sys.isExecutable(first);
  const env = bundled ? { ...sys.env, AI_CLAUDE_BIN: first } : sys.env;
  try {
    return await launch(
      { flags, claudeArgs: bundled ? rest : claudeArgs, dryRun: false },
      { ...sys, env, isTerminal: () => false },
    );
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    // The program that called this shows one line, if any.
    sys.err(`error: ${await errorLine(error)}\n`);
    return error.exitCode;
  }
}

/** @throws {CliError} `usage` for anything there that is no shim */
async function refuseForeign(path: string, sys: Sys): Promise<void> {
  // What cannot be looked at cannot be written either, which then says why.
  const mode = await sys.fileMode(path).catch(() => undefined);
  if (mode === undefined || await isShim(path, sys)) return;
  const isDirectory = (mode & 0o170000) === 0o040000;
  throw isDirectory
    ? cannotWrite("usage", path, "it is a directory", {
      hint: `ai-claude shim "${joinPath(sys.platform, path, "claude")}"`,
    })
    : cannotWrite("usage", path, "it exists already", {
      hint: "name another path, or remove that file first",
    });
}

function cannotWrite(
  code: "usage" | "failure",
  path: string,
  reason: string,
  details: { hint: string; cause?: unknown },
): CliError {
  return new CliError(code, `cannot write shim "${path}": ${reason}`, details);
}

function shimText(
  flags: Flags,
  sys: Pick<Sys, "runtime" | "platform">,
): string {
  const words = [...selfCommand(sys.runtime, sys.platform), "__shim"];
  return SCRIPTS[sys.platform]([...words, ...flagWords(flags)]);
}

const script = (words: readonly string[]) =>
  `#!/bin/sh\n# ${SHIM_MARK}\nexec ${words.map(quoteSh).join(" ")} -- "$@"\n`;

const SCRIPTS: Readonly<
  Record<Platform, (words: readonly string[]) => string>
> = {
  linux: script,
  darwin: script,
  windows: (words) =>
    `@rem ${SHIM_MARK}\r\n@${words.map(quoteCmd).join(" ")} -- %*\r\n`,
};

/** Flags as they are typed. */
function flagWords(flags: Flags): string[] {
  return ALL_FLAGS.flatMap(({ name }) => {
    const value = flags[name as keyof Flags];
    if (value === undefined) return [];
    return value === true ? [`--${name}`] : [`--${name}=${value}`];
  });
}

/** What a shim runs. */
export interface ShimCommand {
  /** The words that start this program. */
  program: string[];
  /** The launch flags. */
  flags: string[];
}

/** Reads a shim's text; `undefined` when it is none. */
export function readShim(
  text: string,
  platform: Platform,
): ShimCommand | undefined {
  const line = text.includes(SHIM_MARK)
    ? text.split(/\r?\n/).find((each) => / __shim /.test(each))
    : undefined;
  if (line === undefined) return undefined;
  const words = platform === "windows" ? cmdWords(line) : shWords(line);
  const at = words.indexOf("__shim");
  const end = words.lastIndexOf("--");
  if (at < 1 || end < at) return undefined;
  const first = words[0] === "exec" ? 1 : 0;
  return { program: words.slice(first, at), flags: words.slice(at + 1, end) };
}

/** The words that {@linkcode quoteSh} quoted. */
function shWords(line: string): string[] {
  const words = line.match(/(?:'[^']*'|\\'|[^\s'\\])+/g) ?? [];
  return words.map((word) =>
    word.replace(/'([^']*)'|\\'/g, (_, quoted) => quoted ?? "'")
  );
}

/** The words that {@linkcode quoteCmd} quoted. */
function cmdWords(line: string): string[] {
  const words = line.replace(/^@/, "").replaceAll('"^%"', "%")
    .match(/"(?:[^"]|"")*"|[^\s"]+/g) ?? [];
  return words.map((word) =>
    word.startsWith('"')
      ? word.slice(1, -1)
        .replace(/(\\*)\1""/g, '$1"')
        .replace(/(\\*)\1$/, "$1")
      : word
  );
}
