/**
 * A {@linkcode Login} as arguments of `auth token`: how a launch tells its helper
 * whose token to print.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { isAbsolutePath } from "../system/find_program.ts";
import type { Platform } from "../system/sys.ts";
import { namedServer } from "./auth_server.ts";
import type { Login } from "./login.ts";

/** Names of the flags, without dashes. */
export const LOGIN_FLAGS = [
  "auth-mode",
  "issuer",
  "client-id",
  "audience",
  "organization",
  "credentials",
  "client-secret-file",
  "rpk",
] as const;

export type LoginFlags = Partial<Record<typeof LOGIN_FLAGS[number], string>>;

/**
 * The arguments for a login.
 *
 * @example
 * ```ts
 * import { loginArguments } from "./login_flags.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(loginArguments({ authMode: "rpk", rpk: "/usr/bin/rpk" }), [
 *   "--auth-mode=rpk",
 *   "--rpk=/usr/bin/rpk",
 * ]);
 * ```
 */
export function loginArguments(login: Login): string[] {
  const flags = toFlags(login);
  return LOGIN_FLAGS.flatMap((name) =>
    flags[name] === undefined ? [] : [`--${name}=${flags[name]}`]
  );
}

function toFlags(login: Login): LoginFlags {
  const flags: LoginFlags = { "auth-mode": login.authMode };
  if (login.authMode === "rpk") return { ...flags, rpk: login.rpk };
  if (!("server" in login)) return flags;
  const { server: { issuer, audience, clientId, organization } } = login;
  const { credentials } = login;
  return {
    ...{ ...flags, issuer, audience, credentials },
    ...login.authMode === "device"
      ? { "client-id": clientId, organization }
      : { "client-id": login.clientId, "client-secret-file": login.secretFile },
  };
}

/** Whether the flags name a login by themselves, without a profile. */
export function namesLogin({ "auth-mode": mode, issuer }: LoginFlags): boolean {
  return issuer !== undefined || mode === "none" || mode === "rpk";
}

/**
 * The login that the flags name.
 *
 * @throws {CliError} `usage` for a flag that is missing or invalid
 */
export function loginFromFlags(flags: LoginFlags, platform: Platform): Login {
  const authMode = need(flags, "auth-mode");
  switch (authMode) {
    case "none":
      return { authMode };
    case "rpk":
      return { authMode, rpk: path(flags, "rpk", platform) };
    case "device":
    case "client_credentials": {
      const clientId = need(flags, "client-id");
      const server = {
        issuer: need(flags, "issuer"),
        audience: need(flags, "audience"),
      };
      const credentials = path(flags, "credentials", platform);
      if (authMode === "client_credentials") {
        return {
          authMode,
          server: namedServer(server, "--issuer"),
          credentials,
          clientId,
          secretFile: path(flags, "client-secret-file", platform),
        };
      }
      const organization = flags.organization === undefined
        ? undefined
        : need(flags, "organization");
      return {
        authMode,
        server: namedServer({ ...server, clientId, organization }, "--issuer"),
        credentials,
      };
    }
    default:
      throw usage(`unknown auth mode "${authMode}" (--auth-mode)`);
  }
}

function need(flags: LoginFlags, name: keyof LoginFlags): string {
  const value = flags[name];
  if (value) return value;
  throw usage(`no value for --${name}`);
}

function path(
  flags: LoginFlags,
  name: keyof LoginFlags,
  platform: Platform,
): string {
  const value = need(flags, name);
  if (isAbsolutePath(value, platform)) return value;
  throw usage(`--${name} "${value}" is not an absolute path`);
}

function usage(message: string): CliError {
  return new CliError("usage", message, {
    hint: "without these flags it is the profile's: ai-claude auth token",
  });
}
