/**
 * Flags merged with the environment: flag > environment > default. The profile
 * comes in with {@linkcode Target}.
 *
 * @module
 */

import type { Flags } from "./flags.ts";
import { type AuthMode, checkAuthMode } from "./config.ts";
import { parseDuration } from "../base/duration.ts";
import { isTrue } from "../base/is_true.ts";
import { CliError } from "../base/errors.ts";
import { type Format, FORMATS } from "../base/format.ts";
import { absolutePath, homeDir, joinPath } from "../system/find_program.ts";
import type { Sys } from "../system/sys.ts";

/** A static token and where it was given. */
export interface StaticToken {
  /** The bearer as given. */
  value: string;
  /** `--token` or `RPAI_TOKEN`. */
  source: string;
}

/** An auth mode and where it was given. */
export interface GivenAuthMode {
  /** The mode. */
  value: AuthMode;
  /** `--auth-mode` or `RPAI_AUTH_MODE`. */
  source: string;
}

/** Who signs in by itself: `--client-id` and where its secret is. */
export interface ClientFlags {
  /** `--client-id` */
  id?: string;
  /** `--client-secret-file` */
  secretFile?: string;
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
  token?: StaticToken;
  /** `--auth-mode` or `RPAI_AUTH_MODE` */
  authMode?: GivenAuthMode;
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
  const home = homeDir(sys);
  const named = flags["rpai-config"] ?? (env.RPAI_CONFIG || undefined);
  const configPath = named === undefined
    ? home && joinPath(platform, home, ".rpai", "config")
    : absolutePath(named, sys);
  const options: Options = {
    format: parseFormat(flags, env.RPAI_FORMAT),
    color: !flags["no-color"] && !env.NO_COLOR,
    verbose: flags["rpai-verbose"] ?? isTrue(env.RPAI_VERBOSE),
    configNamed: named !== undefined,
  };
  if (configPath) options.configPath = configPath;
  const profile = flags["rpai-profile"] ?? env.RPAI_PROFILE;
  if (profile) {
    options.profile = profile;
    options.profileFrom = flags["rpai-profile"] === undefined
      ? "RPAI_PROFILE"
      : "--rpai-profile";
  }
  const endpoint = flags["rpai-endpoint"];
  if (endpoint) options.endpoint = endpoint;
  if (flags.token) options.token = { value: flags.token, source: "--token" };
  else if (env.RPAI_TOKEN) {
    options.token = { value: env.RPAI_TOKEN, source: "RPAI_TOKEN" };
  }
  const authMode = flags["auth-mode"] ?? env.RPAI_AUTH_MODE;
  if (authMode) {
    const source = flags["auth-mode"] === undefined
      ? "RPAI_AUTH_MODE"
      : "--auth-mode";
    options.authMode = { value: checkAuthMode(authMode, source), source };
  }
  if (flags.timeout) options.timeoutMs = parseTimeout(flags.timeout);
  return options;
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

function parseFormat(flags: Flags, variable: string | undefined): Format {
  const text = flags.format ?? (variable || "table");
  const format = FORMATS.find((format) => format === text);
  if (format !== undefined) return format;
  const from = flags.format === undefined ? "RPAI_FORMAT" : "--format";
  throw new CliError("usage", `unknown format "${text}" (${from})`, {
    hint: `formats: ${FORMATS.join(", ")}`,
    suggest: { word: text, among: FORMATS, show: "likely" },
  });
}
