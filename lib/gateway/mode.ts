/**
 * Which of the three modes a launch takes.
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { refusedHint } from "../auth/refused_hint.ts";
import type { Lookup } from "./client.ts";
import { nameList } from "../base/printable.ts";
import { isUsable, type Provider } from "./provider.ts";

/** How the gateway is authenticated. */
export type Mode = "managed" | "passthrough" | "bedrock";

/** The mode of a provider; none for a type that Claude Code cannot use. */
export function modeOf(
  { type, passthrough }: Pick<Provider, "type" | "passthrough">,
): Mode | undefined {
  if (type === "bedrock") return "bedrock";
  if (type !== "anthropic") return undefined;
  return passthrough ? "passthrough" : "managed";
}

export interface ModeFlags {
  passthrough?: boolean;
  bedrock?: boolean;
}

/** The mode of a launch, and what it was read from. */
export interface ModeDecision {
  mode: Mode;
  /** The provider's record, when it could be read. */
  provider?: Provider;
  /** One line each. */
  warnings: string[];
}

export interface ModeInput {
  name: string;
  lookup: Lookup;
  flags: ModeFlags;
  /** Whether settings are only printed: then the gateway may be unreachable. */
  printOnly: boolean;
  /** Where the token came from. */
  tokenSource?: string;
  namesModel: boolean;
  /** All providers, when they can be listed: only an error asks for them. */
  others(): Promise<Provider[] | undefined>;
}

/**
 * Decides the mode: the provider's own type and setting win, the flags decide
 * when it cannot be read.
 *
 * @throws {CliError} `not_found`, `unauthenticated`, `unavailable`, or `usage`
 * for a provider that Claude Code cannot use
 */
export async function decideMode(input: ModeInput): Promise<ModeDecision> {
  const { name, lookup, flags } = input;
  switch (lookup.kind) {
    case "provider":
      return await fromProvider(lookup.provider, input);
    case "permission_denied": {
      const mode = forcedMode(flags);
      const isForced = flags.passthrough || flags.bedrock;
      const advice = [
        ...(isForced ? [] : ["force another with --passthrough or --bedrock"]),
        ...(input.namesModel ? [] : [
          "its allowed models are unknown, and Claude Code retries a refused " +
          "one in silence: name one with --model",
        ]),
      ];
      return {
        mode,
        warnings: [
          `provider "${name}" cannot be read with this token (invoke-only ` +
          `access); ${isForced ? "taking" : "assuming"} ${mode} mode` +
          (advice.length > 0 ? `: ${advice.join("; ")}` : ""),
        ],
      };
    }
    case "not_found": {
      const others = await input.others();
      throw new CliError(
        "not_found",
        `provider "${name}" is not on this gateway`,
        {
          hint: usableHint(others),
          suggest: { word: name, among: usableNames(others), show: "closest" },
        },
      );
    }
    case "unauthenticated":
      throw new CliError(
        "unauthenticated",
        `the gateway refused the token: ${lookup.message}`,
        { hint: refusedHint(input.tokenSource) },
      );
    case "unavailable": {
      const mode = forcedMode(flags);
      const what = `cannot read provider "${name}" from ${lookup.message}`;
      if (input.printOnly) {
        return { mode, warnings: [`${what}; showing ${mode} mode without it`] };
      }
      throw new CliError("unavailable", what, {
        hint: "check the URL, the network and proxy variables, then try " +
          "again; --print-settings works offline",
      });
    }
  }
}

/** The mode that the flags force; managed without any. */
export function forcedMode(flags: ModeFlags): Mode {
  if (flags.bedrock) return "bedrock";
  return flags.passthrough ? "passthrough" : "managed";
}

async function fromProvider(
  provider: Provider,
  { flags, others }: ModeInput,
): Promise<ModeDecision> {
  const { name, type } = provider;
  const mode = modeOf(provider);
  if (mode === undefined) {
    throw new CliError(
      "usage",
      `provider "${name}" is of type ${type}, which Claude Code cannot use`,
      { hint: usableHint(await others()) },
    );
  }
  if (!provider.enabled) {
    const choice = usableHint(await others());
    throw new CliError("unauthenticated", `provider "${name}" is disabled`, {
      hint: `ask an administrator to enable it; ${choice}`,
    });
  }
  if (mode === "bedrock" && flags.passthrough) {
    throw new CliError(
      "usage",
      `--passthrough does not work with the bedrock provider "${name}"`,
      { hint: `leave the flag out; ${usableHint(await others())}` },
    );
  }
  const ignored = [
    ...(flags.bedrock && mode !== "bedrock" ? ["--bedrock"] : []),
    ...(flags.passthrough && mode === "managed" ? ["--passthrough"] : []),
  ];
  return {
    mode,
    provider,
    warnings: ignored.map((flag) =>
      `${flag} ignored: provider "${name}" is set up for ${mode} mode`
    ),
  };
}

/** The hint that lists the usable providers. */
export function usableHint(providers: Provider[] | undefined): string {
  if (providers === undefined) return "choose another with --llmprovider NAME";
  const usable = usableNames(providers);
  return usable.length > 0
    ? `providers Claude Code can use: ${nameList(usable)}`
    : "this gateway has no provider that Claude Code can use";
}

function usableNames(providers: Provider[] = []): string[] {
  return providers.filter(isUsable).map(({ name }) => name);
}
