/**
 * `deno task docs`: writes the tables of README.md and docs/ that the code knows,
 * each between `<!-- table: NAME -->` and `<!-- end -->`.
 *
 * @module
 */

import { type ErrorCode, EXIT_CODES } from "../lib/base/errors.ts";
import {
  ALIASES,
  commandName,
  COMMANDS,
  type CommandSpec,
} from "../lib/cli/command_table.ts";
import { aboutFlag } from "../lib/cli/help.ts";
import { POLICY_KEYS } from "../lib/launch/conflicts.ts";
import { type Action, ROUTING_RULES } from "../lib/launch/routing.ts";
import type { ProfileKey } from "../lib/profile/profile_keys.ts";
import { type FlagSpec, GLOBAL_FLAGS } from "../lib/profile/flags.ts";

/** The documents with such tables, from the root of the repository. */
export const DOCUMENTS: readonly string[] = ["README.md", "docs/reference.md"];

/**
 * A document's text with its tables as the code has them now.
 *
 * @throws {Error} for a table that has no such name
 */
export function withTables(text: string): string {
  return text.replace(
    /(<!-- table: (\S+) -->\n)[^]*?(<!-- end -->)/g,
    (_, start: string, name: string, end: string) => {
      if (!Object.hasOwn(TABLES, name)) throw new Error(`no table ${name}`);
      return `${start}\n${TABLES[name]()}\n${end}`;
    },
  );
}

const TABLES: Readonly<Record<string, () => string>> = {
  "launch-flags": () => {
    const launch = COMMANDS[0].flags.filter(({ name }) => name !== "version");
    return table(
      ["flag", "meaning"],
      [...launch, ...GLOBAL_FLAGS].map(flagRow),
    );
  },
  "other-flags": () => {
    const shown: readonly FlagSpec[] = [...COMMANDS[0].flags, ...GLOBAL_FLAGS];
    const others = [...new Set(COMMANDS.flatMap(({ flags }) => flags))]
      .filter((flag) => !shown.includes(flag));
    return table(
      ["flag", "of", "meaning"],
      others.map((flag) => {
        const [name, meaning] = flagRow(flag);
        return [name, ownersOf(flag), meaning];
      }),
    );
  },
  "commands": () =>
    table(
      ["command", "what it does"],
      COMMANDS.map((spec) => [code(usage(spec)), spec.help]),
    ),
  "aliases": () =>
    table(
      ["instead of", "also"],
      Object.entries(ALIASES).map((
        [name, aliases],
      ) => [code(name), aliases.map(code).join(", ")]),
    ),
  "exit-codes": () => {
    const codes = Object.entries(EXIT_CODES) as [ErrorCode, number][];
    return table(["code", '`"code"` with `-o json`', "meaning"], [
      ["0", "", "the command succeeded"],
      ...codes.map(([name, exit]) => [`${exit}`, code(name), EXITS[name]]),
      [
        "other",
        "",
        "Claude Code's own exit code; 128+n when signal n ended it",
      ],
    ]);
  },
  "config-keys": () =>
    table(
      ["key", "meaning"],
      Object.entries(KEYS).map(([key, words]) => [code(key), words]),
    ),
  "routing-variables": () =>
    table(
      [
        "variable",
        "managed",
        "passthrough",
        "Bedrock",
        "with the relay",
        "why",
      ],
      ROUTING_RULES.map(({ match, action, withRelay, why }) => [
        match instanceof RegExp
          ? `named like ${code(match.source.replaceAll("(?:", "("))}`
          : match.map(code).join(", "),
        ACTIONS[action.managed],
        ACTIONS[action.passthrough],
        ACTIONS[action.bedrock],
        withRelay === undefined ? "the same" : ACTIONS[withRelay],
        why,
      ]),
    ),
  "policy-keys": () =>
    table(
      ["key", "refused in", "because it"],
      POLICY_KEYS.map(({ key, modes, effect, harmless }) => [
        code(key),
        modes.join(", "),
        effect + (harmless ? "; some values do no harm and pass" : ""),
      ]),
    ),
};

const ACTIONS: Readonly<Record<Action, string>> = {
  set: "set",
  scrub: "removed",
  personal: "yours",
  keep: "kept",
};

const EXITS: Readonly<Record<ErrorCode, string>> = {
  failure: "a file or a program failed, or `doctor` found something to fix",
  refused: "the launch was refused because it could be rerouted",
  usage: "the command line, or a value given to it, is wrong",
  unauthenticated: "not signed in, or refused by the gateway",
  not_found: "there is no such profile or provider",
  unavailable: "the gateway cannot be reached, or its answer makes no sense",
  claude_not_found: "Claude Code is not installed, or cannot be started",
  cancelled: "Ctrl-C at a prompt of this program",
};

/** What the keys of the config file mean. */
const KEYS: Readonly<
  Record<
    | `profiles.NAME.${ProfileKey | "dataplane_url" | "auth"}`
    | "current_profile"
    | "profiles",
    string
  >
> = {
  "current_profile": "the profile in force unless another is named",
  "profiles": "the profiles by name",
  "profiles.NAME.ai_gateway_url": "URL of the AI gateway",
  "profiles.NAME.llm_provider": "default of `--llmprovider`",
  "profiles.NAME.model": "default of `--model`",
  "profiles.NAME.description": "for people; nothing reads it",
  "profiles.NAME.dataplane_url": "an older name of `ai_gateway_url`",
  "profiles.NAME.auth_mode":
    "where the token comes from: `device` (default), `rpk`, " +
    "`client_credentials`, `token` or `none`",
  "profiles.NAME.quiet": "`true`: as if with `--quiet`",
  "profiles.NAME.relay": "`true`: as if with `--relay`",
  "profiles.NAME.auth":
    "who signs people in; only for another issuer than Redpanda Cloud",
  "profiles.NAME.auth.issuer": "URL of an OpenID Connect issuer",
  "profiles.NAME.auth.client_id": "id of the client at that issuer",
  "profiles.NAME.auth.audience": "audience of the tokens",
  "profiles.NAME.auth.organization":
    "which login to use, when there are several",
};

function usage(spec: CommandSpec): string {
  const launch = spec.kind === "launch" ? ["[-- CLAUDE_ARGS...]"] : [];
  return [commandName(spec), ...spec.names ?? [], ...launch].join(" ");
}

function flagRow(flag: FlagSpec): [string, string] {
  const { name, aliases = [], value } = flag;
  const short = aliases.filter((alias) => alias.length === 1);
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return [
    code([...short.map((alias) => `-${alias}`), long].join(", ")),
    aboutFlag(flag),
  ];
}

/** The commands that take a flag. */
function ownersOf(flag: FlagSpec): string {
  return COMMANDS.filter(({ flags }) => flags.includes(flag))
    .map(({ words }) => code(words.join(" "))).join(", ");
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A Markdown table as `deno fmt` leaves it. */
function table(head: string[], rows: string[][]): string {
  const cells = [head, ...rows].map((row) =>
    row.map((cell) => cell.replaceAll("|", "\\|"))
  );
  const widths = head.map((_, at) =>
    Math.max(3, ...cells.map((row) => row[at].length))
  );
  const line = (row: string[], fill = " ") =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at], fill)).join(" | ")} |\n`;
  const [first, ...others] = cells.map((row) => line(row));
  return first + line(head.map(() => ""), "-") + others.join("");
}

if (import.meta.main) {
  for (const name of DOCUMENTS) {
    const url = new URL(`../${name}`, import.meta.url);
    await Deno.writeTextFile(url, withTables(await Deno.readTextFile(url)));
  }
}
