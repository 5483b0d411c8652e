/**
 * How this program calls itself: the `apiKeyHelper` that Claude Code runs in a
 * shell, in the project's directory, with the session's whole environment.
 *
 * @module
 */

import type { Login } from "../auth/login.ts";
import { loginArguments } from "../auth/login_flags.ts";
import { quoteCmd, quoteSh } from "../base/quote_word.ts";
import { JSR_URL } from "../base/version.ts";
import type { Platform, Runtime, Sys } from "../system/sys.ts";

/**
 * Variables that decide which code the helper runs, which servers it trusts and
 * whose login `rpk` prints. The user's settings file can set them for every run
 * of the helper, the others from the second run on; the overlay keeps only a
 * project's out.
 */
const FIXED = [
  "HOME",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "DENO_CERT",
  "DENO_DIR",
  "DENO_TLS_CA_STORE",
  "DENO_V8_FLAGS",
  "JSR_URL",
  "NODE_OPTIONS",
  "NPM_CONFIG_REGISTRY",
  "LD_LIBRARY_PATH",
  "LD_PRELOAD",
  "DYLD_INSERT_LIBRARIES",
  "SSL_CERT_DIR",
  "SSL_CERT_FILE",
  "RPAI_CONFIG",
  "RPAI_PROFILE",
];

/**
 * The words that start this very program again, or its helper, whatever the
 * working directory's `deno.json`, lock file and import map say.
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
 * assertEquals(selfCommand(runtime, "linux", "helper"), [
 *   "/opt/ai-claude",
 *   "auth",
 *   "token",
 * ]);
 * ```
 */
export function selfCommand(
  runtime: Runtime,
  platform: Platform,
  entry: "main" | "helper" = "main",
): string[] {
  const { execPath, mainModule, standalone, jsrUrl = JSR_URL } = runtime;
  const isHelper = entry === "helper";
  if (standalone) return [execPath, ...isHelper ? ["auth", "token"] : []];
  const run = [execPath, "run", "--quiet", "--no-prompt", "-A"];
  const main = new URL(mainModule);
  const module = isHelper && main.protocol !== "jsr:"
    ? new URL("./lib/auth/helper.ts", main)
    : main;
  if (main.protocol === "file:") {
    const config = filePath(new URL("./deno.json", main), platform);
    return [...run, "--config", config, filePath(module, platform)];
  }
  const isolated = [...run, "--no-config", "--no-lock"];
  // `https://jsr.io/@SCOPE/NAME/VERSION/main.ts`: the very version that runs.
  const below = main.href.startsWith(jsrUrl)
    ? main.href.slice(jsrUrl.length)
    : "";
  const [, name, version] = /^(@[^/]+\/[^/]+)\/([^/]+)\//.exec(below) ?? [];
  if (name === undefined && main.protocol !== "jsr:") {
    return [...isolated, module.href];
  }
  const specifier = name === undefined ? main.href : `jsr:${name}@${version}`;
  return [...isolated, specifier + (isHelper ? "/helper" : "")];
}

/**
 * The `apiKeyHelper` command line that prints a login's token, quoted for the
 * platform's shell.
 *
 * @example
 * ```ts
 * import { helperCommand } from "./helper_command.ts";
 * import { assertMatch } from "@std/assert";
 *
 * const command = helperCommand({ authMode: "none" }, {
 *   runtime: {
 *     execPath: "/opt/ai-claude",
 *     mainModule: "file:///main.ts",
 *     standalone: true,
 *     denoVersion: "2.9.6",
 *   },
 *   platform: "linux",
 *   env: { HOME: "/home/me" },
 * });
 * assertMatch(command, /^exec \/usr\/bin\/env -u RPAI_TOKEN .* HOME=\/home\/me /);
 * assertMatch(command, / \/opt\/ai-claude auth token --auth-mode=none$/);
 * ```
 */
export function helperCommand(
  login: Login,
  { runtime, platform, env }: Pick<Sys, "runtime" | "platform" | "env">,
): string {
  const words = [
    ...platform === "windows" ? [] : fixedVariables(env),
    ...selfCommand(runtime, platform, "helper"),
    ...loginArguments(login),
  ];
  return words.map(platform === "windows" ? quoteCmd : quoteSh).join(" ");
}

/**
 * The start of a command line that fixes {@linkcode FIXED} to the launch's own
 * values. A URL with a password is left as it is: others can read a command line.
 */
function fixedVariables(env: Readonly<Record<string, string>>): string[] {
  const [unset, set] = [["RPAI_TOKEN"], [] as string[]];
  for (const name of FIXED) {
    const value = env[name];
    if (value === undefined) unset.push(name);
    else if (!/:\/\/[^/]*@/.test(value)) set.push(`${name}=${value}`);
  }
  // `exec`, so that the helper's parent is Claude Code and no shell.
  return [
    "exec",
    "/usr/bin/env",
    ...unset.flatMap((name) => ["-u", name]),
    ...set,
  ];
}

function filePath(url: URL, platform: Platform): string {
  const path = decodeURIComponent(url.pathname);
  return platform === "windows"
    ? path.replace(/^\/(?=[a-z]:)/i, "").replaceAll("/", "\\")
    : path;
}
