/**
 * Finding out what a launch is planned from: who asks which gateway for which
 * provider, with which settings. A launch stops at the first thing that is wrong;
 * the doctor, which asks the same questions, looks at each answer.
 *
 * @module
 */

import { resolveToken, type Token } from "../auth/token.ts";
import { tokenRequest } from "../auth/token_request.ts";
import { CliError } from "../base/errors.ts";
import { optionValue } from "../claude/claude_args.ts";
import { findClaude } from "../claude/find_claude.ts";
import { type UserSettings, userSettings } from "../claude/user_settings.ts";
import {
  type GatewayClient,
  getProvider,
  listProviders,
  type Lookup,
} from "../gateway/client.ts";
import { gatewayUrl, providerUrl } from "../gateway/gateway_url.ts";
import { decideMode, forcedMode } from "../gateway/mode.ts";
import { readTarget, type Target } from "../profile/active_profile.ts";
import type { Options } from "../profile/options.ts";
import type { Reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";
import type { Facts, LaunchRequest } from "./facts.ts";
import {
  factsOf,
  providerName,
  type RouteAnswer,
  routeOf,
} from "./known_facts.ts";
import { sessionToken } from "./session_token.ts";

/** Something that was found out, or why it was not. */
export type Answer<T> = { value: T; error?: undefined } | {
  value?: undefined;
  error: unknown;
};

/** The error of an answer that lacks another one. */
export class MissingAnswer extends Error {}

/** What the gateway says of the provider, and the token it was asked with. */
export interface ProviderAnswer {
  /** Its words. */
  lookup: Lookup;
  /** Absent in a dry run without one. */
  token?: Token;
}

/** Everything that is asked, each question once. Nothing here rejects. */
export interface Inquiry {
  request: LaunchRequest;
  options: Options;
  /** Where Claude Code is; `undefined` in a dry run. */
  claude: Promise<Answer<string | undefined>>;
  target: Promise<Answer<Target>>;
  gateway: Promise<Answer<string>>;
  token: Promise<Answer<Token>>;
  /** Name of the provider; `undefined` when none is chosen. */
  provider: Promise<Answer<string | undefined>>;
  /** What the gateway says of it. */
  lookup: Promise<Answer<ProviderAnswer>>;
  route: Promise<Answer<RouteAnswer>>;
  settings: Promise<Answer<UserSettings>>;
}

/** Asks for the provider of a launch that names none. */
export type ChooseProvider = (
  client: GatewayClient | CliError,
  target: Target,
) => Promise<string>;

/**
 * Starts to find everything out.
 *
 * @param choose asks for a provider; nobody is asked by default
 */
export function beginInquiry(
  request: LaunchRequest,
  options: Options,
  sys: Sys,
  choose?: ChooseProvider,
): Inquiry {
  const { flags, claudeArgs, dryRun } = request;
  const { timeoutMs } = options;
  const claude = answer(async () => dryRun ? undefined : await findClaude(sys));
  const target = answer(() => readTarget(options, sys));
  const gateway = answer(async () => gatewayUrl(options, await need(target)));
  const askFor = async () => tokenRequest(flags, options, await need(target));
  const token = answer(async () => {
    if (!dryRun) return await resolveToken(await askFor(), sys);
    const asIs = { ...await askFor(), refreshWithinMs: -Infinity };
    const stored = await resolveToken(asIs, sys);
    if ((stored.expiresAt ?? Infinity) > sys.now()) return stored;
    throw new CliError(
      "unauthenticated",
      `the token from ${stored.source} has expired, which a launch would refresh`,
      { hint: "launch, or see `ai-claude auth status`" },
    );
  });
  const provider = answer(async () => {
    const profile = await need(target);
    const name = providerName(request, profile);
    if (name !== undefined || choose === undefined) return name;
    return await choose(await client(), profile);
  });
  /** The gateway with the token, or why a dry run cannot ask it. */
  const client = async (): Promise<GatewayClient | CliError> => {
    const { value, error } = await token;
    const url = await need(gateway);
    if (value !== undefined) {
      return { gatewayUrl: url, token: value.value, timeoutMs };
    }
    if (dryRun && error instanceof CliError) return error;
    throw new MissingAnswer("there is no token", { cause: error });
  };
  const lookup = answer(async (): Promise<ProviderAnswer> => {
    const name = await need(provider);
    if (name === undefined) throw new MissingAnswer("no provider is chosen");
    const asked = await client();
    if (asked instanceof CliError) {
      const message = `${await need(gateway)}: ${asked.message}`;
      return { lookup: { kind: "unavailable", message } };
    }
    const first = await need(token);
    const said = await getProvider(asked, name, sys);
    if (said.kind !== "unauthenticated" || !first.refreshable || dryRun) {
      return { lookup: said, token: first };
    }
    // It looks valid, but the gateway refuses it: there may be another.
    const renewed = { ...await askFor(), refreshWithinMs: Infinity };
    const other = await resolveToken(renewed, sys).catch(() => first);
    return other.value === first.value ? { lookup: said, token: first } : {
      lookup: await getProvider({ ...asked, token: other.value }, name, sys),
      token: other,
    };
  });
  const route = answer(async (): Promise<RouteAnswer> => {
    const name = await need(provider) ?? "";
    const { lookup: said, token: used } = await need(lookup);
    const url = await need(gateway);
    const decided = await decideMode({
      name,
      lookup: said,
      flags,
      printOnly: dryRun,
      tokenSource: used?.source,
      namesModel: flags.model !== undefined ||
        (await need(target)).profile?.model !== undefined ||
        optionValue(claudeArgs, "--model") !== undefined,
      others: async () => {
        const asked = { gatewayUrl: url, token: used?.value, timeoutMs };
        const list = await listProviders(asked, sys);
        return list.kind === "providers" ? list.providers : undefined;
      },
    });
    return routeOf(decided, name, url);
  });
  const settings = answer(() =>
    userSettings(claudeArgs, flags["claude-config-dir"], sys)
  );
  return {
    ...{ request, options, claude, target, gateway, token, provider },
    ...{ lookup, route, settings },
  };
}

/**
 * Finds everything out.
 *
 * @throws {CliError} the first thing that is wrong: `claude_not_found`, `usage`,
 * `unauthenticated`, `not_found`, `unavailable`, `failure`
 */
export async function inquire(
  request: LaunchRequest,
  options: Options,
  sys: Sys,
  report: Reporter,
): Promise<Facts & { claude?: string }> {
  const { dryRun } = request;
  const inquiry = beginInquiry(
    request,
    options,
    sys,
    async (client, { profile }) => {
      // Nobody is asked for what cannot be launched.
      valueOf(await inquiry.claude);
      const { chooseProvider } = await import("../gateway/choose_provider.ts");
      const url = valueOf(await inquiry.gateway);
      const place = { gatewayUrl: url, profile: profile?.name };
      return await chooseProvider(client, place, options.color, sys);
    },
  );
  const claude = valueOf(await inquiry.claude);
  const target = valueOf(await inquiry.target);
  const gateway = valueOf(await inquiry.gateway);
  report.debug(
    `profile ${target.profile?.name ?? "(none)"}, gateway ${gateway}`,
  );
  const first = await inquiry.token;
  if (!dryRun) valueOf(first);
  report.debug(`token from ${first.value?.source ?? "nowhere"}`);
  if (first.value?.reason !== undefined) report.debug(first.value.reason);
  const name = valueOf(await inquiry.provider) ?? "";
  const settings = valueOf(await inquiry.settings);
  const { lookup, token } = valueOf(await inquiry.lookup);
  report.debug(`provider ${name}: ${lookup.kind}`);
  const route = valueOf(await inquiry.route);
  const facts = factsOf(
    { request, options, target, gateway, name, token, route, settings },
    sys,
  );
  if (request.flags.model === "?") {
    const { chooseModel } = await import("../gateway/choose_provider.ts");
    const id = await chooseModel(name, lookup, options.color, sys);
    facts.user.model = { id, from: "--model" };
  }
  const keepsToken = route.mode === "passthrough" && token !== undefined &&
    !(facts.relay && token.refreshable);
  if (keepsToken && !dryRun) {
    const kept = await sessionToken(token, facts.token.request, sys);
    facts.token.first = kept.token;
    facts.warnings.push(...kept.warnings);
  }
  if (claude !== undefined && settings.given) {
    const { validateSettings } = await import("../claude/validate_settings.ts");
    await validateSettings(claude, settings.callerSettings.values, sys);
  }
  return { ...facts, claude };
}

/**
 * The facts as far as they are known, for a look at what a launch would do with
 * them.
 */
export async function factsSoFar(inquiry: Inquiry, sys: Sys): Promise<Facts> {
  const { request, options } = inquiry;
  const target = (await inquiry.target).value ??
    { authMode: "device", warnings: [] };
  // Nobody asks this stand-in for an unknown address.
  const gateway = (await inquiry.gateway).value ?? "https://gateway.invalid";
  const name = (await inquiry.provider).value ?? "provider";
  const mode = forcedMode(request.flags);
  return factsOf({
    ...{ request, options, target, gateway, name },
    token: (await inquiry.lookup).value?.token ?? (await inquiry.token).value,
    route: (await inquiry.route).value ??
      { providerUrl: providerUrl(gateway, name).url, mode, warnings: [] },
    settings: await need(inquiry.settings),
  }, sys);
}

/** The answer to a question, or its error. */
export async function answer<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

/** The value; where there is none, its own answer says why. */
export async function need<T>(promise: Promise<Answer<T>>): Promise<T> {
  const { value, error } = await promise;
  if (error === undefined) return value as T;
  throw new MissingAnswer("what this needs is not known", { cause: error });
}

function valueOf<T>({ value, error }: Answer<T>): T {
  if (error !== undefined) throw error;
  return value as T;
}
