/**
 * The names that Claude Code's own text holds, environment variables and
 * settings keys, and which of them somebody has to look at.
 *
 * @module
 */

import { ruleFor } from "../lib/launch/routing.ts";

/** What a text names. */
export interface ClientNames {
  /** Environment variables. */
  variables: Set<string>;
  /** Keys of the settings files, top level. */
  settings: Set<string>;
}

/** The client registers its variables as `NAME:()=>parser`; this one is there. */
const REGISTER = "ANTHROPIC_BASE_URL:()=>";
const REGISTERED = /(?<=[{,])(\w+):\(\)=>[\w$]+(?=[,}])/g;

/** And its settings keys as `key:()=>schema()`. */
const SCHEMA = "apiKeyHelper:()=>";
const SETTING = /(?<=[{,])([a-z]\w*):\(\)=>[\w$]+[(.]/g;

/** Where else a variable is read, or named for whoever reads it. */
const VARIABLES: readonly RegExp[] = [
  /\benv\??\.(_?[A-Z][A-Z0-9_]{2,}|[a-z]+_proxy)\b/g,
  /"(_?(?:ANTHROPIC|CLAUDE|AWS|GCE|GOOGLE|CLOUDSDK|VERTEX|OTEL|NODE|BUN|SSL|HTTPS?|MCP|CCR|SELF_HOSTED)_[A-Z0-9_]*[A-Z0-9])"/g,
  // A string of the runtime, which is not JavaScript.
  /^((?:NODE|BUN)_[A-Z0-9_]*[A-Z0-9])$/g,
];

/**
 * The names in a part of the client: a whole number of the strings that zero
 * bytes separate.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { variables } = namesIn('f(process.env.HTTP_PROXY,"AWS_REGION","X_Y")');
 * assertEquals([...variables], ["HTTP_PROXY", "AWS_REGION"]);
 * ```
 */
export function namesIn(text: string): ClientNames {
  const variables = new Set<string>();
  const settings = new Set<string>();
  const collect = (names: Set<string>, pattern: RegExp, piece: string) => {
    for (const [, name] of piece.matchAll(pattern)) names.add(name);
  };
  for (const piece of text.split("\0")) {
    if (piece.length < 6) continue;
    for (const pattern of VARIABLES) collect(variables, pattern, piece);
    if (piece.includes(REGISTER)) collect(variables, REGISTERED, piece);
    if (piece.includes(SCHEMA)) collect(settings, SETTING, piece);
  }
  return { variables, settings };
}

/** Reads the names in a file: a client, or a text like one. */
export async function readNames(path: string): Promise<ClientNames> {
  const variables = new Set<string>();
  const settings = new Set<string>();
  const bytes = await Deno.readFile(path);
  const decoder = new TextDecoder("latin1");
  for (let start = 0, end: number; start < bytes.length; start = end) {
    // All of a client would be too long for one text.
    const zero = bytes.indexOf(0, start + 16_000_000);
    end = zero < 0 ? bytes.length : zero;
    const part = namesIn(decoder.decode(bytes.subarray(start, end)));
    part.variables.forEach((name) => variables.add(name));
    part.settings.forEach((name) => settings.add(name));
  }
  return { variables, settings };
}

/** Words that a name which routes or authenticates is made of. */
const TELLING = new Set(
  `url urls uri host hosts hostname endpoint endpoints proxy socket sock socks
  addr address port upstream mirror registry base gateway provider providers
  bedrock vertex foundry mantle region use skip
  token key keys secret auth authorization cred creds credential credentials
  oauth login header headers federation profile role identity organization org
  account workspace fd descriptor
  model models
  helper helpers command commands shell exec execpath bin binary wrapper script
  path options preload env config
  cert certs certificate ca tls ssl`.split(/\s+/),
);

/** A number of something, whatever else the name says. */
const NUMBER = /_(?:MS|SEC|SECONDS|MIN|MINUTES|BUDGET|CAP|THRESHOLD)$/;

/**
 * Whether a name looks as if it could route a request, authenticate it, choose
 * its model, or name a program to run or a certificate to trust.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isTelling("CLAUDE_CODE_SOME_BASE_URL"), true);
 * assertEquals(isTelling("someAuthRefresh"), true);
 * assertEquals(isTelling("CLAUDE_CODE_DISABLE_CRON"), false);
 * ```
 */
export function isTelling(name: string): boolean {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  return !NUMBER.test(name) &&
    words.some((word) => TELLING.has(word.toLowerCase()));
}

/** Names reviewed under the same heading. */
export interface Review {
  /** What kind of name it is; `tests/contract/reviewed_names_test.ts` samples it. */
  class: string;
  /** Why it needs no row in the routing table. */
  why: string;
  /** The names. */
  names: readonly string[];
}

/**
 * The names that nobody has looked at yet.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const found = {
 *   variables: new Set(["ANTHROPIC_BASE_URL", "NEW_PROXY", "DISPLAY"]),
 *   settings: new Set(["oldHelper", "newHelper"]),
 * };
 * const reviewed = [{ class: "own tools", why: "", names: ["oldHelper"] }];
 * assertEquals(unreviewed(found, reviewed), ["NEW_PROXY", "newHelper"]);
 * ```
 */
export function unreviewed(
  { variables, settings }: ClientNames,
  reviewed: readonly Review[],
): string[] {
  const known = new Set(reviewed.flatMap(({ names }) => names));
  const isNew = (name: string) => isTelling(name) && !known.has(name);
  return [
    ...[...variables].filter((name) =>
      isNew(name) && ruleFor(name, "linux") === undefined
    ),
    ...[...settings].filter(isNew),
  ].sort();
}
