/**
 * `ai-claude profile list|show|use|add|delete|rename`
 *
 * @module
 */

import type { Command } from "../cli/command.ts";
import type { Flags } from "../profile/flags.ts";
import {
  AUTH_MODES,
  type Config,
  parseConfig,
  type Profile,
} from "../profile/config.ts";
import type { ConfigEdit } from "../profile/config_edit.ts";
import { CliError } from "../base/errors.ts";
import { parseGatewayUrl } from "../gateway/gateway_url.ts";
import { type Options, resolveOptions } from "../profile/options.ts";
import { isDocument } from "../base/format.ts";
import { loadOnUse } from "../base/load_on_use.ts";
import { render } from "../base/render.ts";
import { oneLine, printable } from "../base/printable.ts";
import { checkProviderName } from "../gateway/provider.ts";
import { type Reporter, reporter } from "../system/reporter.ts";
import {
  type Resolved,
  resolveProfile,
  shownUrl,
} from "../profile/resolved_profile.ts";
import type { Sys } from "../system/sys.ts";
import { selectProfile } from "../profile/active_profile.ts";

const ADD = "ai-claude profile add NAME --ai-gateway-url URL";

/** What a profile command works on. */
interface Context {
  path: string;
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
      await edit({ kind: "use", name }, context);
      if (options.profileFrom === "RPAI_PROFILE" && options.profile !== name) {
        context.report.warn(
          `RPAI_PROFILE is set: "${options.profile}" stays in force here`,
        );
      }
      return 0;
    case "add":
      return await add(name, flags, context);
    case "delete":
      existing(name, context);
      await edit({ kind: "delete", name }, context);
      if (context.config.currentProfile === name) {
        sys.err(
          `${quoted(name)} was the current profile: ${
            nowInForce(name, context)
          }\n`,
        );
      }
      return 0;
    default:
      existing(name, context);
      checkNewName(other, context);
      await edit({ kind: "rename", from: name, to: other }, context);
      return 0;
  }
}

/** What a deleted current profile leaves. */
function nowInForce(gone: string, { config }: Context): string {
  const left = config.profiles.filter(({ name }) => name !== gone);
  switch (left.length) {
    case 0:
      return `now there is none; add one: ${ADD}`;
    case 1:
      return `now ${quoted(left[0].name)} is in force, the only one`;
    default:
      return "now there is none; choose one: ai-claude profile use NAME";
  }
}

async function readContext(options: Options, sys: Sys): Promise<Context> {
  const path = options.configPath;
  if (path === undefined) {
    throw new CliError("failure", "no place for profiles: HOME is not set", {
      hint: "set HOME, or name a config file with --rpai-config PATH",
    });
  }
  const text = await readText(path, sys);
  return {
    path,
    config: await parseConfig(text, path),
    options,
    report: await reporter(options, sys),
    sys,
  };
}

async function readText(path: string, sys: Sys): Promise<string> {
  try {
    return await sys.readTextFile(path) ?? "";
  } catch (cause) {
    throw unusable(path, "read", cause);
  }
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
    ai_gateway_url: profile.gatewayUrl === undefined
      ? null
      : shownUrl(profile.gatewayUrl),
    auth_mode: profile.authMode ?? "device",
    llm_provider: profile.provider ?? null,
    model: profile.model ?? null,
    description: profile.description ?? null,
  }));
  if (rows.length === 0 && !isDocument(format)) {
    sys.err(`no profiles in ${path}; add one: ${ADD}\n`);
    return 0;
  }
  const cells = (wide: boolean) =>
    rows.map((row) =>
      [
        row.current ? "*" : "",
        row.name,
        row.auth_mode,
        ...(wide
          ? [row.ai_gateway_url, row.llm_provider, row.model, row.description]
          : []),
      ].map((cell) => printable(cell ?? "-"))
    );
  sys.out(render(format, rows, ({ wide, table }) =>
    table([
      "CURRENT",
      "NAME",
      "AUTH MODE",
      ...(wide ? ["URL", "PROVIDER", "MODEL", "DESCRIPTION"] : []),
    ], cells(wide))));
  return 0;
}

function show(name: string | undefined, context: Context): number {
  const { config, options, path, sys } = context;
  const profile = selectProfile(config, name ?? options.profile, path);
  const selectedBy = name === undefined ? undefined : "argument";
  const resolved = resolveProfile(profile, options, selectedBy);
  const rows = Object.entries(resolved).map((
    [key, { value, source }]: [string, Resolved],
  ) => [key, printable(value ?? "-"), source]);
  sys.out(
    render(
      options.format,
      resolved,
      ({ table }) => table(["KEY", "VALUE", "SOURCE"], rows),
    ),
  );
  return 0;
}

async function add(
  name: string,
  flags: Flags,
  context: Context,
): Promise<number> {
  checkNewName(name, context);
  const { from, description, model } = flags;
  const source = from === undefined ? undefined : existing(from, context);
  const values: Record<string, string> = {};
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
  if (model !== undefined) values.model = checkText(model, "--model");
  if (description !== undefined) {
    values.description = checkText(description, "--description");
  }
  const given = flags["ai-gateway-url"];
  const url = given ?? source?.gatewayUrl;
  if (url === undefined) {
    throw new CliError("usage", `no AI gateway for profile "${name}"`, {
      hint: `ai-claude profile add ${name} --ai-gateway-url URL`,
    });
  }
  // A copied URL too: another auth mode may send a token in clear text.
  const checked = parseGatewayUrl(url, {
    from: given === undefined ? `profile ${from}` : "--ai-gateway-url",
    sendsCredential: (authMode ?? source?.authMode) !== "none",
  });
  const added = given === undefined
    ? values
    : { ai_gateway_url: checked, ...values };
  await edit({ kind: "add", name, values: added, from }, context);
  if (context.config.profiles.length === 0) {
    context.sys.err(`"${name}" is the first profile: now the current one\n`);
  }
  return 0;
}

/** @throws {CliError} `usage` for a text that is more than a line */
function checkText(text: string, flag: string): string {
  if (text.trim() !== "" && oneLine(text) === text) return text;
  throw new CliError("usage", `bad ${flag} ${quoted(text)}`, {
    hint: "a text of one line, without control characters",
  });
}

function quoted(text: string): string {
  return `"${printable(text)}"`;
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

/** Longest wait for another edit, and longest time that one may take, in ms. */
const LOCK = { waitMs: 10_000, staleMs: 30_000 };

/** Replaces the file; two edits at once come one after the other. */
async function edit(change: ConfigEdit, context: Context): Promise<void> {
  const { path, config, sys } = context;
  if (config.foreign) {
    throw new CliError(
      "failure",
      `cannot edit config ${path}: it is another program's`,
      {
        hint: "name a file of its own: set RPAI_CONFIG, or --rpai-config PATH",
      },
    );
  }
  const lock = await sys.lock(`${path}.lock`, LOCK).catch((cause) => {
    throw unusable(path, "write", cause);
  });
  if (lock === undefined) {
    throw new CliError(
      "failure",
      `cannot edit config ${path}: another edit ` +
        "has been going on for too long",
      { hint: "try again" },
    );
  }
  try {
    const text = await readText(path, sys);
    if (text.includes("\ufffd")) {
      throw new CliError("failure", `cannot edit config ${path}: not UTF-8`, {
        hint: "save it as UTF-8, or name another with --rpai-config PATH",
      });
    }
    const edited = await editedText(path, text, change);
    if (edited === text) return;
    await sys.replaceTextFile(path, edited, { file: 0o600, dir: 0o700 })
      .catch((cause) => {
        throw unusable(path, "write", cause);
      });
  } finally {
    await lock.release();
  }
}

async function editedText(
  path: string,
  text: string,
  change: ConfigEdit,
): Promise<string> {
  const { editConfig } = await loadOnUse<
    typeof import("../profile/config_edit.ts")
  >("../profile/config_edit.ts", import.meta.url);
  try {
    return editConfig(text, change);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new CliError(
      "failure",
      `cannot edit config ${path}: ${printable(cause.message)}`,
      { hint: `edit ${path} by hand`, cause },
    );
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
