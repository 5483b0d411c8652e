/**
 * Flags merged with the environment: flag > environment > default. The profile
 * comes in with {@linkcode Target}.
 *
 * @module
 */

import { findFlag, type Flags } from "./flags.ts";
import { type AuthMode, checkAuthMode } from "./config.ts";
import { parseDuration } from "../base/duration.ts";
import { isTrue } from "../base/is_true.ts";
import { CliError } from "../base/errors.ts";
import { type Format, FORMATS } from "../base/format.ts";
import { absolutePath, homeDir, joinPath } from "../system/find_program.ts";
import type { Sys } from "../system/sys.ts";

/** What was given, and by which flag or variable. */
export interface Given<Value = string> {
  value: Value;
  source: string;
}

/** What every command knows. */
export interface Options {
  /** `--format` */
  format: Format;
  /** Whether the output may be coloured, terminal or not. */
  color: boolean;
  /** `--rpai-verbose` */
  verbose: boolean;
  /** Absolute path of the config file; absent without a home directory. */
  configPath?: string;
  /** Whether the user named the config file: then it must exist. */
  configNamed: boolean;
  /** `--rpai-profile` */
  profile?: string;
  /** Which of the two named it: `--rpai-profile` or `RPAI_PROFILE`. */
  profileFrom?: string;
  /** `--rpai-endpoint` */
  endpoint?: string;
  /** `--token` or `RPAI_TOKEN` */
  token?: Given;
  /** `--auth-mode` or `RPAI_AUTH_MODE` */
  authMode?: Given<AuthMode>;
  /** `--timeout`, in milliseconds */
  timeoutMs?: number;
}

type OptionSys = Pick<Sys, "env" | "platform" | "cwd">;

/**
 * Merges flags and environment.
 *
 * @throws {CliError} `usage` for an unknown format or auth mode, or a duration
 * that cannot be meant
 */
export function resolveOptions(flags: Flags, sys: OptionSys): Options {
  const { env, platform } = sys;
  const given = (
    name: "format" | "rpai-config" | "rpai-profile" | "token" | "auth-mode",
  ): Given | undefined => {
    const flag = flags[name];
    if (flag) return { value: flag, source: `--${name}` };
    const source = findFlag(`--${name}`)?.env ?? "";
    const value = env[source];
    return value ? { value, source } : undefined;
  };
  const config = given("rpai-config");
  const home = homeDir(sys);
  const configPath = config === undefined
    ? home && joinPath(platform, home, ".rpai", "config")
    : absolutePath(config.value, sys);
  const profile = given("rpai-profile");
  const { "rpai-endpoint": endpoint, timeout } = flags;
  const token = given("token");
  const mode = given("auth-mode");
  return {
    format: parseFormat(given("format")),
    color: !flags["no-color"] && !env.NO_COLOR,
    verbose: flags["rpai-verbose"] ?? isTrue(env.RPAI_VERBOSE),
    configNamed: config !== undefined,
    ...configPath && { configPath },
    ...profile && { profile: profile.value, profileFrom: profile.source },
    ...endpoint && { endpoint },
    ...token && { token },
    ...mode && {
      authMode: { ...mode, value: checkAuthMode(mode.value, mode.source) },
    },
    ...timeout && { timeoutMs: parseTimeout(timeout) },
  };
}

/** Longest `--timeout`, in milliseconds. */
const MAX_TIMEOUT_MS = 3_600_000;

function parseTimeout(text: string): number {
  const ms = parseDuration(text, "--timeout");
  if (ms > 0 && ms <= MAX_TIMEOUT_MS) return ms;
  throw new CliError("usage", `bad duration "${text}" (--timeout)`, {
    hint: "give between 1s and 1h",
  });
}

function parseFormat(given: Given | undefined): Format {
  if (given === undefined) return "table";
  const { value, source } = given;
  const format = FORMATS.find((format) => format === value);
  if (format !== undefined) return format;
  throw new CliError("usage", `unknown format "${value}" (${source})`, {
    hint: `formats: ${FORMATS.join(", ")}`,
    suggest: { word: value, among: FORMATS, show: "likely" },
  });
}
