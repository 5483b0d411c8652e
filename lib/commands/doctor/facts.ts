/**
 * What the checks build on: each found out once, and an error kept for the check
 * that it belongs to.
 *
 * @module
 */

import { launchInput } from "../../launch/launch_input.ts";
import { type UserSettings, userSettings } from "../../claude/user_settings.ts";
import type { Flags } from "../../profile/flags.ts";
import { findClaude } from "../../claude/find_claude.ts";
import {
  type GatewayClient,
  getProvider,
  listProviders,
  type Lookup,
} from "../../gateway/client.ts";
import { gatewayUrl } from "../../gateway/gateway_url.ts";
import {
  decideMode,
  forcedMode,
  type ModeDecision,
  type ModeInput,
  wantsAlternatives,
} from "../../gateway/mode.ts";
import { clientFlags, type Options } from "../../profile/options.ts";
import type { LaunchInput } from "../../launch/plan.ts";
import { providerName } from "../../launch/prepare.ts";
import type { Sys } from "../../system/sys.ts";
import { readTarget, type Target } from "../../profile/active_profile.ts";
import { resolveToken, type Token } from "../../auth/token.ts";

/** Something that was found out, or why it was not. */
export type Fact<T> = { value: T; error?: undefined } | {
  value?: undefined;
  error: unknown;
};

/** Everything that the checks ask. Nothing here rejects. */
export interface Facts {
  /** Launch flags. */
  flags: Flags;
  /** Flags and environment. */
  options: Options;
  /** The machine. */
  sys: Sys;
  /** Where Claude Code is. */
  claude: Promise<Fact<string>>;
  /** The profile in force. */
  target: Promise<Fact<Target>>;
  /** The gateway's URL. */
  gateway: Promise<Fact<string>>;
  /** The token. */
  token: Promise<Fact<Token>>;
  /** Name of the provider; `undefined` when none is chosen. */
  provider: Promise<Fact<string | undefined>>;
  /** What the gateway says of the provider. */
  lookup: Promise<Fact<Lookup>>;
  /** The mode that a launch would take. */
  decision: Promise<Fact<ModeDecision>>;
  /** The settings files. */
  settings: Promise<Fact<UserSettings>>;
  /** What a launch would be planned from, as far as it is known. */
  input: Promise<Fact<LaunchInput>>;
}

/** The error of a fact that could not be known because another was not. */
export class MissingFact extends Error {}

/** Starts finding everything out. */
export function findFacts(flags: Flags, options: Options, sys: Sys): Facts {
  const target = fact(() => readTarget(options, sys));
  const gateway = fact(async () => gatewayUrl(options, await need(target)));
  const token = fact(async () =>
    resolveToken({
      static: options.token,
      ...await need(target),
      client: clientFlags(flags),
    }, sys)
  );
  const provider = fact(async () => providerName(flags, await need(target)));
  const client = fact(async (): Promise<GatewayClient> => ({
    gatewayUrl: await need(gateway),
    token: (await need(token)).value,
  }));
  const lookup = fact(async () => {
    const name = await need(provider);
    if (name === undefined) throw new MissingFact("no provider is chosen");
    return await getProvider(await need(client), name, sys);
  });
  const decision = fact(async () => {
    const input: ModeInput = {
      name: await need(provider) ?? "",
      lookup: await need(lookup),
      flags,
      printOnly: false,
      tokenSource: (await token).value?.source,
    };
    if (wantsAlternatives(input)) {
      const list = await listProviders(await need(client), sys);
      if (list.kind === "providers") input.others = list.providers;
    }
    return decideMode(input);
  });
  const settings = fact(() =>
    userSettings([], flags["claude-config-dir"], sys)
  );
  const input = fact(async () => {
    const { value: decided } = await decision;
    return launchInput(
      flags,
      {
        options,
        target: (await target).value ?? { authMode: "device" },
        // What stands in for an address that is not known is never asked.
        client: {
          gatewayUrl: (await gateway).value ?? "https://gateway.invalid",
        },
        name: (await provider).value ?? "provider",
        token: (await token).value,
        mode: decided?.mode ?? forcedMode(flags),
        provider: decided?.provider,
      },
      await need(settings),
      sys,
    );
  });
  const claude = fact(() => findClaude(sys));
  return {
    ...{ flags, options, sys, claude, target, gateway, token, provider },
    ...{ lookup, decision, settings, input },
  };
}

async function fact<T>(work: () => Promise<T>): Promise<Fact<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

/** The value; what went wrong with it is another check's to say. */
async function need<T>(promise: Promise<Fact<T>>): Promise<T> {
  const fact = await promise;
  if (fact.error === undefined) return fact.value as T;
  throw new MissingFact("what this needs is not known", { cause: fact.error });
}
