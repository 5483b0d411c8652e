/**
 * A provider as the provider commands print it.
 *
 * @module
 */

import type { Format } from "../../base/format.ts";
import { nameList, printable } from "../../base/printable.ts";
import { render } from "../../base/render.ts";
import { providerUrl } from "../../gateway/gateway_url.ts";
import { type Mode, modeOf } from "../../gateway/mode.ts";
import {
  isProviderName,
  isUsable,
  type Provider,
} from "../../gateway/provider.ts";

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

/** The row of a provider of the gateway with this URL. */
export function toRow(provider: Provider, endpoint: string): ProviderRow {
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

/** Renders the rows of a list. */
export function renderAll(rows: ProviderRow[], format: Format): string {
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

/** Renders one, with all that is known. */
export function renderOne(row: ProviderRow, format: Format): string {
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
