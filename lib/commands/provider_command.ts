/**
 * `ai-claude provider list|get|models|check`
 *
 * @module
 */

import { CliError } from "../base/errors.ts";
import { isDocument } from "../base/format.ts";
import { nameList, printable } from "../base/printable.ts";
import { render } from "../base/render.ts";
import type { Command } from "../cli/command.ts";
import { providerUrl } from "../gateway/gateway_url.ts";
import { checkProviderName, type Provider } from "../gateway/provider.ts";
import { type Options, resolveOptions } from "../profile/options.ts";
import { reporter } from "../system/reporter.ts";
import type { Sys } from "../system/sys.ts";
import { sayingWaits } from "../system/waiting.ts";
import {
  type Access,
  access,
  allProviders,
  oneProvider,
} from "./provider/provider_access.ts";
import { renderAll, renderOne, toRow } from "./provider/provider_row.ts";

/** Runs a provider command; resolves to the exit code. */
export async function providerCommand(
  { action, names, flags }: Extract<Command, { kind: "provider" }>,
  machine: Sys,
): Promise<number> {
  const sys = sayingWaits(machine);
  const options = resolveOptions(flags, sys);
  const report = await reporter(options, sys);
  // A bad name is an error before anything is sent.
  const given = names[0] === undefined
    ? undefined
    : checkProviderName(names[0], "argument");
  const gateway = await access(options, flags, report, sys);
  if (action === "list") {
    return await list(flags["name-contains"], options, gateway, sys);
  }
  const name = given ?? profileProvider(action, gateway);
  switch (action) {
    case "get": {
      const provider = await oneProvider(name, gateway, sys);
      warnOfUrls([provider], gateway);
      const row = toRow(provider, gateway.client.gatewayUrl);
      sys.out(renderOne(row, options.format));
      return 0;
    }
    case "models": {
      const { models } = await oneProvider(name, gateway, sys);
      return printModels(name, models, options, sys);
    }
    default: {
      const { checkProvider } = await import("./provider/provider_check.ts");
      const { model } = flags;
      return await checkProvider({ name, model }, gateway, options, sys);
    }
  }
}

async function list(
  part: string | undefined,
  { format }: Options,
  gateway: Access,
  sys: Sys,
): Promise<number> {
  const wanted = part?.toLowerCase() ?? "";
  const providers = (await allProviders(gateway, sys))
    .filter(({ name }) => name.toLowerCase().includes(wanted));
  warnOfUrls(providers, gateway);
  const { gatewayUrl } = gateway.client;
  const rows = providers.map((provider) => toRow(provider, gatewayUrl));
  if (rows.length > 0 || isDocument(format)) {
    sys.out(renderAll(rows, format));
  } else {
    const which = part === undefined ? "" : ` with "${part}" in their name`;
    sys.err(`no providers${which} at ${gatewayUrl}\n`);
  }
  return 0;
}

/** @throws {CliError} `usage` */
function profileProvider(action: string, { target }: Access): string {
  const { profile } = target;
  if (profile?.provider !== undefined) {
    return checkProviderName(profile.provider, `profile ${profile.name}`);
  }
  throw new CliError("usage", "no provider: none is named", {
    hint: `ai-claude provider ${action} NAME; see \`ai-claude provider list\``,
  });
}

function printModels(
  name: string,
  models: readonly string[],
  { format }: Options,
  sys: Pick<Sys, "out" | "err">,
): number {
  if (models.length === 0 && !isDocument(format)) {
    sys.err(`provider "${name}" lists no models: any may be asked for\n`);
    return 0;
  }
  const rows = models.map((id) => [printable(id)]);
  sys.out(render(format, models, ({ table }) => table(["MODEL"], rows)));
  return 0;
}

function warnOfUrls(
  providers: Provider[],
  { client: { gatewayUrl }, report }: Access,
): void {
  const ignored = providers
    .filter(({ name, url }) => providerUrl(gatewayUrl, name, url).ignored)
    .map(({ name }) => name);
  if (ignored.length === 0) return;
  report.warn(
    `a URL of another origin is ignored: a token only goes to ${gatewayUrl} ` +
      `(${nameList(ignored)})`,
  );
}
