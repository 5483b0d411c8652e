/**
 * The gateway's providers for completion: from a one-minute cache, else from the
 * gateway, with a token that is valid now. Nothing here waits long, refreshes a
 * login or asks the user.
 *
 * @module
 */

import { authServer } from "../../auth/auth_server.ts";
import { findLogin } from "../../auth/credentials.ts";
import {
  credentialsPath,
  readCredentials,
  type StoreSys,
} from "../../auth/credentials_store.ts";
import {
  homeDir,
  isAbsolutePath,
  joinPath,
} from "../../system/find_program.ts";
import { listProviders } from "../../gateway/client.ts";
import { gatewayUrl } from "../../gateway/gateway_url.ts";
import {
  isObject,
  type JsonObject,
  parseObject,
} from "../../base/json_object.ts";
import type { Options } from "../../profile/options.ts";
import { isProviderName, isUsable } from "../../gateway/provider.ts";
import type { Sys } from "../../system/sys.ts";
import type { Target } from "../../profile/active_profile.ts";

/** Bound on the gateway's answer, all pages of it, in milliseconds. */
const ANSWER_MS = 1_200;

/** How long an answer is kept, and how long a failure, in milliseconds. */
const FRESH_MS = 60_000;
const FAILED_MS = 10_000;

/** What is remembered of a provider. */
export interface KnownProvider {
  /** Its name, which is well-formed. */
  name: string;
  /** `anthropic`, `bedrock`, ... */
  type: string;
  /** Whether Claude Code can be routed through it. */
  usable: boolean;
  /** Its allow-list. */
  models: string[];
}

/**
 * The providers; none when they cannot be had quickly.
 *
 * @throws {CliError} `usage` for a bad gateway URL, `failure` for a credentials
 * file that cannot be used
 */
export async function knownProviders(
  options: Options,
  target: Target,
  sys: StoreSys & Pick<Sys, "fetch" | "now">,
): Promise<KnownProvider[]> {
  const gateway = gatewayUrl(options, target);
  const key = `${gateway} ${target.profile?.name ?? ""}`;
  const path = cachePath(sys);
  const cache = path === undefined
    ? {}
    : freshEntries(await sys.readTextFile(path).catch(() => ""), sys.now());
  const cached = cache[key];
  if (isObject(cached)) return parseProviders(cached.providers);
  const token = await tokenAtHand(options, target, sys);
  if (token === undefined && target.authMode !== "none") return [];
  const end = sys.now() + ANSWER_MS;
  const answer = await listProviders({ gatewayUrl: gateway, token }, {
    now: () => sys.now(),
    fetch: (url, init) =>
      sys.fetch(url, { ...init, timeoutMs: Math.max(0, end - sys.now()) }),
  });
  const isListed = answer.kind === "providers";
  const providers = parseProviders(
    (isListed ? answer.providers : [])
      .map((each) => ({ ...each, usable: isUsable(each) })),
  );
  const until = sys.now() + (isListed ? FRESH_MS : FAILED_MS);
  if (path !== undefined) {
    const text = JSON.stringify({ ...cache, [key]: { until, providers } });
    await sys.replaceTextFile(path, text, { file: 0o600, dir: 0o700 })
      .catch(() => {}); // it works without a cache
  }
  return providers;
}

/** A token that needs no refresh, no other program and no network. */
async function tokenAtHand(
  options: Options,
  { authMode, profile }: Target,
  sys: StoreSys & Pick<Sys, "now">,
): Promise<string | undefined> {
  if (options.token !== undefined) return options.token.value;
  if (authMode !== "device") return undefined;
  const { issuer, organization } = authServer(profile);
  const login = findLogin(
    await readCredentials(credentialsPath(sys), sys),
    issuer,
    organization,
  );
  return login !== undefined && login.expiresAt > sys.now()
    ? login.accessToken
    : undefined;
}

/** Path of the cache, where the platform keeps such files. */
function cachePath(
  sys: Pick<Sys, "env" | "platform">,
): string | undefined {
  const { env, platform } = sys;
  const home = homeDir(sys);
  const below = (...parts: string[]) =>
    home === undefined ? undefined : joinPath(platform, home, ...parts);
  const caches = {
    windows: env.LOCALAPPDATA || below("AppData", "Local"),
    darwin: below("Library", "Caches"),
    linux: isAbsolutePath(env.XDG_CACHE_HOME ?? "", platform)
      ? env.XDG_CACHE_HOME
      : below(".cache"),
  }[platform];
  return caches === undefined
    ? undefined
    : joinPath(platform, caches, "ai-claude", "providers.json");
}

/** The entries of a cache file that are still fresh. */
function freshEntries(text: string | undefined, now: number): JsonObject {
  const entries = Object.entries(parseObject(text ?? "") ?? {});
  return Object.fromEntries(
    entries.filter(([, entry]) =>
      isObject(entry) && typeof entry.until === "number" && entry.until > now &&
      // Further ahead than any entry is stored: the clock was set back.
      entry.until <= now + FRESH_MS
    ),
  );
}

/** Reads records, without names and model ids that are not well-formed. */
function parseProviders(records: unknown): KnownProvider[] {
  const list = Array.isArray(records) ? records : [];
  return list.filter(isObject).flatMap((record: JsonObject) => {
    const { name, type, usable, models } = record;
    if (typeof name !== "string" || !isProviderName(name)) return [];
    return [{
      name,
      type: typeof type === "string" ? type : "",
      usable: usable === true,
      models: (Array.isArray(models) ? models : []).filter(isModelId),
    }];
  });
}

function isModelId(model: unknown): model is string {
  return typeof model === "string" && /^[\w][\w.:@/+-]{0,199}$/.test(model);
}
