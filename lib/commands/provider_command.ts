/**
 * `ai-claude provider list|get`
 *
 * @module
 */

import type { Command } from "../cli/command.ts";
import { CliError } from "../base/errors.ts";
import type { Flags } from "../profile/flags.ts";
import {
  type GatewayClient,
  getProvider,
  listProviders,
} from "../gateway/client.ts";
import { gatewayUrl, providerUrl } from "../gateway/gateway_url.ts";
import { lookupError } from "../gateway/lookup_error.ts";
import { type Mode, modeOf } from "../gateway/mode.ts";
import { nameList, printable } from "../base/printable.ts";
import { type Options, resolveOptions } from "../profile/options.ts";
import { type Format, isDocument } from "../base/format.ts";
import { render } from "../base/render.ts";
import {
  checkProviderName,
  isProviderName,
  isUsable,
  type Provider,
} from "../gateway/provider.ts";
import { type Reporter, reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";
import { readTarget } from "../profile/active_profile.ts";
import { resolveToken } from "../auth/token.ts";
import { tokenRequest } from "../auth/token_request.ts";

/** A provider in `-o json` and `-o yaml`. */
export interface ProviderRow {
  /** The name that `--llmprovider` takes. */
  name: string;
  /** `anthropic`, `bedrock`, ... in lower case. */
  type: string;
  /** Whether the gateway serves it. */
  enabled: boolean;
  /** Whether a launch can be routed through it. */
  usable: boolean;
  /** The mode that such a launch takes; `null` when it is not usable. */
  mode: Mode | null;
  /** The allow-list; empty means all models. */
  models: string[];
  /** AWS region of a Bedrock provider. */
  region: string | null;
  /** The URL that a launch uses; `null` for a name that cannot be in one. */
  url: string | null;
}

/** Runs a provider command; resolves to the exit code. */
export async function providerCommand(
  { action, names, flags }: Extract<Command, { kind: "provider" }>,
  sys: Sys,
): Promise<number> {
  const options = resolveOptions(flags, sys);
  const name = action === "get"
    ? checkProviderName(names[0], "argument")
    : undefined;
  const { client, source } = await gatewayClient(options, flags, sys);
  const report = await reporter(options, sys);
  const providers = name === undefined
    ? await all(client, source, report, sys)
    : [await one(name, client, source, sys)];
  const rows = providers.map((provider) => toRow(provider, client.gatewayUrl));
  warnOfUrls(providers, client.gatewayUrl, report);
  if (name !== undefined) sys.out(renderOne(rows[0], options.format));
  else if (rows.length > 0 || isDocument(options.format)) {
    sys.out(renderAll(rows, options.format));
  } else sys.err(`no providers at ${client.gatewayUrl}\n`);
  return 0;
}

async function gatewayClient(
  options: Options,
  flags: Flags,
  sys: Sys,
): Promise<{ client: GatewayClient; source: string }> {
  const target = await readTarget(options, sys);
  const url = gatewayUrl(options, target);
  const { value, source } = await resolveToken(
    tokenRequest(flags, options, target),
    sys,
  );
  return { client: { gatewayUrl: url, token: value }, source };
}

async function all(
  client: GatewayClient,
  source: string,
  report: Reporter,
  sys: Sys,
): Promise<Provider[]> {
  const listing = await listProviders(client, sys);
  if (listing.kind !== "providers") {
    throw lookupError(listing, "the providers", source);
  }
  if (listing.partial) {
    report.warn(
      `the list of ${client.gatewayUrl} does not end: ` +
        `its first ${listing.providers.length} providers`,
    );
  }
  return listing.providers;
}

async function one(
  name: string,
  client: GatewayClient,
  source: string,
  sys: Sys,
): Promise<Provider> {
  const lookup = await getProvider(client, name, sys);
  if (lookup.kind === "provider") return lookup.provider;
  if (lookup.kind !== "not_found") {
    throw lookupError(lookup, `provider "${name}"`, source);
  }
  const listing = await listProviders(client, sys);
  const providers = listing.kind === "providers" ? listing.providers : [];
  throw new CliError(
    "not_found",
    `provider "${name}" is not on this gateway`,
    {
      hint: "see `ai-claude provider list`",
      suggest: {
        word: name,
        among: providers.map(({ name }) => name).filter(isProviderName),
        show: "closest",
      },
    },
  );
}

function toRow(provider: Provider, endpoint: string): ProviderRow {
  const { name, type, enabled, models, region, url } = provider;
  const usable = isUsable(provider);
  return {
    name,
    type,
    enabled,
    usable,
    mode: usable ? modeOf(provider) ?? null : null,
    models,
    region: region ?? null,
    url: isProviderName(name) ? providerUrl(endpoint, name, url).url : null,
  };
}

function warnOfUrls(
  providers: Provider[],
  endpoint: string,
  report: Reporter,
): void {
  const ignored = providers
    .filter(({ name, url }) => providerUrl(endpoint, name, url).ignored)
    .map(({ name }) => name);
  if (ignored.length === 0) return;
  report.warn(
    `a URL of another origin is ignored: a token only goes to ${endpoint} ` +
      `(${nameList(ignored)})`,
  );
}

function renderAll(rows: ProviderRow[], format: Format): string {
  const header = ["NAME", "TYPE", "ENABLED", "CLAUDE CODE"];
  return render(format, rows, ({ wide, table }) =>
    table(
      wide ? [...header, "MODELS", "REGION", "URL"] : header,
      rows.map((row) => [
        printable(row.name),
        row.type,
        row.enabled ? "yes" : "no",
        suits(row),
        ...(wide
          ? [
            row.models.length > 0 ? nameList(row.models) : "any",
            printable(row.region ?? "-"),
            printable(row.url ?? "-"),
          ]
          : []),
      ]),
    ));
}

function renderOne(row: ProviderRow, format: Format): string {
  const { models, ...others } = row;
  const lines = Object.entries({
    ...others,
    enabled: row.enabled ? "yes" : "no",
    usable: row.usable ? "yes" : suits(row),
  }).map(([key, value]) => [key, printable(value ?? "-")]);
  lines.push([
    "models",
    models.length > 0 ? models.map(printable).join("\n") : "any",
  ]);
  return render(format, row, ({ table }) => table(["KEY", "VALUE"], lines));
}

/** What a provider does for Claude Code, or why it does nothing. */
function suits({ name, type, enabled, mode }: ProviderRow): string {
  if (mode !== null) return mode;
  if (type !== "anthropic" && type !== "bedrock") return `no: ${type}`;
  if (!enabled) return "no: disabled";
  return isProviderName(name) ? "no" : "no: bad name";
}
