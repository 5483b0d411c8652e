/**
 * `ai-claude profile list|show|use|add|delete|rename`
 *
 * @module
 */

import type { Command } from "../args.ts";
import type { Flags } from "../flags.ts";
import {
  AUTH_MODES,
  type Config,
  parseConfig,
  type Profile,
} from "../config.ts";
import { type ConfigEdit, editConfig } from "../config_edit.ts";
import { CliError } from "../errors.ts";
import { parseGatewayUrl } from "../gateway_url.ts";
import { type Options, resolveOptions } from "../options.ts";
import { renderDocument, renderMarkdownTable, renderTable } from "../output.ts";
import { printable } from "../printable.ts";
import { checkProviderName } from "../provider.ts";
import { type Reporter, reporter } from "../report.ts";
import { type Resolved, resolveProfile } from "../resolved_profile.ts";
import type { Sys } from "../sys.ts";
import { selectProfile } from "../target.ts";

/** What a profile command works on. */
interface Context {
  path: string;
  text: string;
  config: Config;
  options: Options;
  report: Reporter;
  sys: Sys;
}

/** Runs a profile command; resolves to the exit code. */
export async function profileCommand(
  { action, names, flags }: Extract<Command, { kind: "profile" }>,
  sys: Sys,
): Promise<number> {
  const options = resolveOptions(flags, sys);
  const context = await readContext(options, sys);
  const [name, other] = names;
  switch (action) {
    case "list":
      return list(context);
    case "show":
      return show(name, context);
    case "use":
      existing(name, context);
      return await edit({ kind: "use", name }, context);
    case "add":
      return await add(name, flags, context);
    case "delete":
      existing(name, context);
      if (context.config.currentProfile === name) {
        sys.err(`"${name}" was the current profile: now there is none\n`);
      }
      return await edit({ kind: "delete", name }, context);
    default:
      existing(name, context);
      checkNewName(other, context);
      return await edit({ kind: "rename", from: name, to: other }, context);
  }
}

async function readContext(options: Options, sys: Sys): Promise<Context> {
  const path = options.configPath;
  if (path === undefined) {
    throw new CliError("failure", "no place for profiles: HOME is not set", {
      hint: "set HOME, or name a config file with --rpai-config PATH",
    });
  }
  let text: string;
  try {
    text = await sys.readTextFile(path) ?? "";
  } catch (cause) {
    throw unusable(path, "read", cause);
  }
  return {
    path,
    text,
    config: parseConfig(text, path),
    options,
    report: await reporter(options, sys),
    sys,
  };
}

/** @throws {CliError} `not_found` */
function existing(name: string, { config, path }: Context): Profile {
  return selectProfile(config, name, path)!;
}

function list({ config, options, path, sys }: Context): number {
  const { format } = options;
  const rows = config.profiles.map((profile) => ({
    name: profile.name,
    current: profile.name === config.currentProfile,
    ai_gateway_url: profile.gatewayUrl ?? null,
    auth_mode: profile.authMode ?? "device",
    llm_provider: profile.provider ?? null,
    model: profile.model ?? null,
    description: profile.description ?? null,
  }));
  if (format === "json" || format === "yaml") {
    sys.out(renderDocument(format, rows));
    return 0;
  }
  if (rows.length === 0) {
    sys.err(`no profiles in ${path}; add one: ai-claude profile add NAME\n`);
    return 0;
  }
  const wide = format !== "table";
  const table = format === "markdown" ? renderMarkdownTable : renderTable;
  const cells = rows.map((row) =>
    [
      row.current ? "*" : "",
      row.name,
      row.auth_mode,
      ...(wide
        ? [row.ai_gateway_url, row.llm_provider, row.model, row.description]
        : []),
    ].map((cell) => printable(cell ?? "-"))
  );
  sys.out(table([
    "CURRENT",
    "NAME",
    "AUTH MODE",
    ...(wide ? ["URL", "PROVIDER", "MODEL", "DESCRIPTION"] : []),
  ], cells));
  return 0;
}

function show(name: string | undefined, context: Context): number {
  const { config, options, path, sys } = context;
  const profile = selectProfile(config, name ?? options.profile, path);
  const selectedBy = name === undefined ? undefined : "argument";
  const resolved = resolveProfile(profile, options, selectedBy);
  const { format } = options;
  if (format === "json" || format === "yaml") {
    sys.out(renderDocument(format, resolved));
    return 0;
  }
  const table = format === "markdown" ? renderMarkdownTable : renderTable;
  const rows = Object.entries(resolved).map((
    [key, { value, source }]: [string, Resolved],
  ) => [key, printable(value ?? "-"), source]);
  sys.out(table(["KEY", "VALUE", "SOURCE"], rows));
  return 0;
}

async function add(
  name: string,
  flags: Flags,
  context: Context,
): Promise<number> {
  checkNewName(name, context);
  const { from } = flags;
  if (from !== undefined) existing(from, context);
  const values: Record<string, string> = {};
  if (flags["ai-gateway-url"] !== undefined) {
    const mode = flags["auth-mode"] ??
      context.config.profiles.find((profile) => profile.name === from)
        ?.authMode;
    values.ai_gateway_url = parseGatewayUrl(flags["ai-gateway-url"], {
      from: "--ai-gateway-url",
      sendsCredential: mode !== "none",
    });
  }
  const authMode = flags["auth-mode"];
  if (authMode !== undefined) {
    if (!(AUTH_MODES as readonly string[]).includes(authMode)) {
      throw new CliError("usage", `unknown auth mode "${authMode}"`, {
        hint: `auth modes: ${AUTH_MODES.join(", ")}`,
        suggest: { word: authMode, among: AUTH_MODES, show: "likely" },
      });
    }
    values.auth_mode = authMode;
  }
  if (flags["llm-provider"] !== undefined) {
    values.llm_provider = checkProviderName(
      flags["llm-provider"],
      "--llm-provider",
    );
  }
  if (flags.model !== undefined) values.model = flags.model;
  if (flags.description !== undefined) values.description = flags.description;
  if (context.config.profiles.length === 0) {
    context.sys.err(`"${name}" is the first profile: now the current one\n`);
  }
  return await edit({ kind: "add", name, values, from }, context);
}

function checkNewName(name: string, { config, path }: Context): void {
  if (!/^[\w][\w.@-]{0,99}$/.test(name)) {
    throw new CliError("usage", `bad profile name "${name}"`, {
      hint: "a name is letters, digits, and . _ @ - behind the first one",
    });
  }
  if (config.profiles.some((profile) => profile.name === name)) {
    throw new CliError("usage", `profile "${name}" is already in ${path}`, {
      hint:
        `choose another name, or \`ai-claude profile delete ${name}\` first`,
    });
  }
}

/** Replaces the file; where comments get lost, an untouched copy stays. */
async function edit(change: ConfigEdit, context: Context): Promise<number> {
  const { path, text, report, sys } = context;
  const edited = editConfig(text, change);
  const modes = { file: 0o600, dir: 0o700 };
  try {
    if (edited.lostComments) {
      const backup = await freeName(`${path}.bak`, sys);
      report.warn(`comments of ${path} cannot be kept: see ${backup}`);
      await sys.replaceTextFile(backup, text, modes);
    }
    await sys.replaceTextFile(path, edited.text, modes);
  } catch (cause) {
    throw unusable(path, "write", cause);
  }
  return 0;
}

/** The first of `NAME`, `NAME.1`, `NAME.2`, ... that is not taken. */
async function freeName(name: string, sys: Sys): Promise<string> {
  for (let number = 0;; number++) {
    const candidate = number === 0 ? name : `${name}.${number}`;
    if (await sys.fileMode(candidate) === undefined) return candidate;
  }
}

function unusable(path: string, verb: string, cause: unknown): CliError {
  const reason = cause instanceof Error ? printable(cause.message) : "";
  return new CliError("failure", `cannot ${verb} config ${path}: ${reason}`, {
    hint: "check the directory's permissions, or name another file with " +
      "--rpai-config PATH",
    cause,
  });
}
