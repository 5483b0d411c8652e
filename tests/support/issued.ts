/**
 * A throwaway home whose profile signs in at an issuer of its own.
 *
 * @module
 */

import { authServer } from "../../lib/auth/auth_server.ts";
import { withLogin } from "../../lib/auth/credentials.ts";
import { AUTH_DEFAULTS } from "../../lib/profile/auth_defaults.ts";
import { pollDeviceGrant, requestDeviceCode } from "../../lib/auth/oauth.ts";
import {
  type LoopbackIssuer,
  type LoopbackIssuerOptions,
  startLoopbackIssuer,
} from "./loopback_issuer.ts";
import { makeWorld, type World } from "./program.ts";

/** Where logins are stored, below the home directory. */
export const CREDENTIALS = ".rpai/ai-claude.credentials.json";

/** A home and the issuer of its profile `p`. */
export interface Issued extends AsyncDisposable {
  world: World;
  issuer: LoopbackIssuer;
}

/** Makes both; the issuer's user agrees at once unless told otherwise. */
export async function makeIssued(
  options: LoopbackIssuerOptions = {},
  authMode = "device",
): Promise<Issued> {
  const issuer = startLoopbackIssuer({
    email: "dev@example.com",
    organization: "org-1",
    device: { interval: 0.05, outcome: "approve" },
    ...options,
  });
  const world = await makeWorld();
  await world.write(
    ".rpai/config",
    `current_profile: p
profiles:
  p:
    auth_mode: ${authMode}
    auth:
      issuer: ${issuer.url}
`,
  );
  return {
    world,
    issuer,
    [Symbol.asyncDispose]: async () => {
      await issuer.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

/** Stores a login that the issuer granted, without the wait of a real sign-in. */
export async function storeLogin(
  world: World,
  { url }: Pick<LoopbackIssuer, "url">,
): Promise<void> {
  const server = authServer({ name: "p", auth: { issuer: url } });
  const sys = { fetch, now: Date.now };
  const { deviceCode } = await requestDeviceCode(server, sys);
  const grant = await pollDeviceGrant(server, deviceCode, sys);
  const login = { ...grant, obtainedAt: Date.now() };
  const file = withLogin({}, url, login);
  await world.write(CREDENTIALS, file, 0o600);
  await Deno.chmod(`${world.home}/.rpai`, 0o700);
}

/** Stores a token as a login at the default issuer, valid for an hour. */
export async function storeToken(world: World, token: string): Promise<void> {
  const file = withLogin({}, AUTH_DEFAULTS.issuer, {
    accessToken: token,
    obtainedAt: Date.now(),
    expiresAt: Date.now() + 3_600_000,
  });
  await world.write(CREDENTIALS, file, 0o600);
  await Deno.chmod(`${world.home}/.rpai`, 0o700);
}

/** Sets when the stored access tokens expire; what renews them stays. */
export async function setExpiry(world: World, time: number): Promise<void> {
  await setTime(world, "expires_at", time);
}

/** Sets when the stored access tokens were obtained. */
export async function setObtained(world: World, time: number): Promise<void> {
  await setTime(world, "obtained_at", time);
}

async function setTime(
  { home }: World,
  key: string,
  time: number,
): Promise<void> {
  const path = `${home}/${CREDENTIALS}`;
  const text = await Deno.readTextFile(path);
  const entry = `"${key}": "${new Date(time).toISOString()}"`;
  const before = new RegExp(`"${key}": ?"[^"]*"`, "g");
  await Deno.writeTextFile(path, text.replace(before, entry));
}
