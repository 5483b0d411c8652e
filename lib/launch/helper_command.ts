/**
 * How this program calls itself: the `apiKeyHelper` that Claude Code runs in a
 * shell, in the project's directory, with the session's whole environment.
 *
 * @module
 */

import type { Platform, Runtime } from "../system/sys.ts";

/** What the helper is told; never a token. */
export interface HelperInput {
  /** How this program was started. */
  runtime: Runtime;
  /** The operating system, which decides the shell. */
  platform: Platform;
  /** Absolute path of the config file. */
  configPath?: string;
  /** The profile in force. */
  profile?: string;
  /** The gateway's URL. */
  endpoint: string;
  /** The client of `client_credentials`; its secret is no part of it. */
  client?: { id?: string; secretFile?: string };
}

/**
 * The words that start this very program again, whatever the working directory's
 * `deno.json`, lock file and import map say.
 *
 * @example
 * ```ts
 * import { selfCommand } from "./helper_command.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const runtime = {
 *   execPath: "/opt/ai-claude",
 *   mainModule: "file:///main.ts",
 *   standalone: true,
 *   denoVersion: "2.9.6",
 * };
 * assertEquals(selfCommand(runtime, "linux"), ["/opt/ai-claude"]);
 * ```
 */
export function selfCommand(
  runtime: Runtime,
  platform: Platform,
): string[] {
  const { execPath, mainModule, standalone } = runtime;
  if (standalone) return [execPath];
  const run = [execPath, "run", "--quiet", "--no-prompt", "-A"];
  const url = new URL(mainModule);
  if (url.protocol === "file:") {
    const main = filePath(url, platform);
    const config = filePath(new URL("./deno.json", url), platform);
    return [...run, "--config", config, main];
  }
  // `https://jsr.io/@SCOPE/NAME/VERSION/main.ts`: the very version that runs.
  const jsr = /^https:\/\/jsr\.io\/(@[^/]+\/[^/]+)\/([^/]+)\//.exec(mainModule);
  const module = jsr === null ? url.href : `jsr:${jsr[1]}@${jsr[2]}`;
  return [...run, "--no-config", "--no-lock", module];
}

/** The `apiKeyHelper` command line, quoted for the platform's shell. */
export function helperCommand(input: HelperInput): string {
  const { runtime, platform, configPath, profile, endpoint, client } = input;
  const words = [
    ...selfCommand(runtime, platform),
    "auth",
    "token",
    ...(configPath === undefined ? [] : [`--rpai-config=${configPath}`]),
    ...(profile === undefined ? [] : [`--rpai-profile=${profile}`]),
    `--rpai-endpoint=${endpoint}`,
    ...(client?.id ? [`--client-id=${client.id}`] : []),
    ...(client?.secretFile
      ? [`--client-secret-file=${client.secretFile}`]
      : []),
  ];
  return words.map(platform === "windows" ? quoteCmd : quoteSh).join(" ");
}

/** Quotes a word for a POSIX shell. */
export function quoteSh(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Quotes a word for `cmd`: double quotes as the C runtime reads them, a quote
 * doubled, which `cmd` takes for the end of one and the start of the next. `%` is
 * expanded even inside quotes, so each one stands outside them behind a caret.
 */
export function quoteCmd(word: string): string {
  if (/^[\w@+=:,.\\/-]+$/.test(word)) return word;
  const quoted = word
    .replace(/(\\*)"/g, '$1$1""')
    .replace(/(\\*)$/, "$1$1");
  return `"${quoted}"`.replaceAll("%", '"^%"');
}

function filePath(url: URL, platform: Platform): string {
  const path = decodeURIComponent(url.pathname);
  return platform === "windows"
    ? path.replace(/^\/(?=[a-z]:)/i, "").replaceAll("/", "\\")
    : path;
}
