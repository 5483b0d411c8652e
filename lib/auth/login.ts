/**
 * Whose token is wanted: what finding it takes, as data without a secret.
 *
 * @module
 */

import type { AuthMode, Profile } from "../profile/config.ts";
import { absolutePath } from "../system/find_program.ts";
import type { Sys } from "../system/sys.ts";
import { type AuthServer, authServer } from "./auth_server.ts";
import { credentialsPath } from "./credentials_store.ts";

/** A way to a token, by auth mode. */
export type Login =
  | { authMode: "none" }
  /** The token was given: `--token` or `RPAI_TOKEN`. */
  | { authMode: "token" }
  | { authMode: "rpk"; rpk?: string }
  | DeviceLogin
  | ClientLogin;

/** A login whose tokens are stored. */
interface StoredLogin {
  /** Where it signs in; its organization is the last one by default. */
  server: AuthServer;
  /** Absolute path of the credentials file; absent without a home directory. */
  credentials?: string;
}

/** A person who signed in. */
export interface DeviceLogin extends StoredLogin {
  authMode: "device";
}

/** A machine that signs in by itself. */
export interface ClientLogin extends StoredLogin {
  authMode: "client_credentials";
  /** Who it is. */
  clientId?: string;
  /** Absolute path of its secret, which else is in `RPAI_CLIENT_SECRET`. */
  secretFile?: string;
}

/** What a {@linkcode Login} is made from. */
export interface LoginRequest {
  authMode: AuthMode;
  /** The profile, for its `auth` block. */
  profile?: Profile;
  /** `--client-id` and `--client-secret-file`. */
  client?: { id?: string; secretFile?: string };
}

/** The login of a profile, an auth mode and the environment. */
export function loginOf(
  { authMode, profile, client }: LoginRequest,
  sys: Pick<Sys, "env" | "platform" | "cwd">,
): Login {
  if (authMode !== "device" && authMode !== "client_credentials") {
    return { authMode };
  }
  const server = authServer(profile);
  const credentials = credentialsPath(sys);
  if (authMode === "device") return { authMode, server, credentials };
  const file = client?.secretFile ?? sys.env.RPAI_CLIENT_SECRET_FILE;
  return {
    authMode,
    server,
    credentials,
    clientId: client?.id ?? (sys.env.RPAI_CLIENT_ID || undefined),
    secretFile: file ? absolutePath(file, sys) : undefined,
  };
}
