/**
 * Somebody who signed in before the test began, without the wait of a real
 * sign-in.
 *
 * @module
 */

import { authServer } from "../../lib/auth/auth_server.ts";
import { withLogin } from "../../lib/auth/credentials.ts";
import { pollDeviceGrant, requestDeviceCode } from "../../lib/auth/oauth.ts";
import type { LoopbackIssuer } from "../../lib/loopback/issuer/issuer.ts";
import type { World } from "./program.ts";

/** The credentials file, below the home directory. */
export const CREDENTIALS = ".rpai/ai-claude.credentials.json";

/** Stores a login that an issuer granted. */
export async function storeLogin(
  world: World,
  { url }: Pick<LoopbackIssuer, "url">,
): Promise<void> {
  const server = authServer({ name: "p", auth: { issuer: url } });
  const sys = { fetch, now: Date.now };
  const { deviceCode } = await requestDeviceCode(server, sys);
  const grant = await pollDeviceGrant(server, deviceCode, sys);
  const login = { ...grant, obtainedAt: Date.now() };
  const { document } = withLogin({ document: {} }, url, login);
  await world.write(CREDENTIALS, document, 0o600);
  await Deno.chmod(`${world.home}/.rpai`, 0o700);
}

/** Makes the stored access token look as if it ended then. */
export async function endLogin(
  world: World,
  at = "2020-01-01T00:00:00.000Z",
): Promise<void> {
  const path = `${world.home}/${CREDENTIALS}`;
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(
    path,
    text.replace(/"expires_at": ?"[^"]*"/, `"expires_at":"${at}"`),
  );
}
