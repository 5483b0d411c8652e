/**
 * What users get wrong, and what they are told: one table for each place.
 *
 * @module
 */

import type { LoopbackProvider } from "../../lib/loopback/gateway.ts";
import type { World } from "../support/program.ts";
import type { Handler } from "../support/servers.ts";
import { fakeRpk, jwt } from "../support/stand_ins.ts";

/** The token of every case that does not bring its own. */
export const TOKEN = "gateway-token-2b7e151628aed2a6";
const EXPIRED = jwt(-60);
const MODELS = ["claude-sonnet-4-6", "claude-haiku-4-5"];
/** The providers of the embedded gateway. */
export const PROVIDERS: LoopbackProvider[] = [
  { name: "anthropic", type: "anthropic", models: MODELS },
  { name: "bedrock", type: "bedrock", region: "us-east-1" },
  { name: "gpt", type: "openai" },
  { name: "off", type: "anthropic", enabled: false },
];

/** What is wrong. `{home}` and `{gateway}` stand for the case's own, anywhere. */
export interface BadInput {
  /** The end of the test's name. */
  name: string;
  /** The command line. */
  args: string[];
  /** On top of the world's environment and `RPAI_TOKEN`. */
  env?: Record<string, string>;
  /** Files below the home directory. */
  files?: Record<string, string>;
  /** What else is to be made ready. */
  prepare?: (world: World) => Promise<unknown>;
  /** How the gateway answers, when not as the embedded one. */
  gateway?: Handler;
  /** The exit code. */
  exit: number;
  /** What the `error:` line holds. */
  error: string[];
  /** What the `hint:` line holds. */
  hint?: string[];
  /** What must not be seen anywhere, besides the token. */
  hidden?: string[];
  /** Exit code and text alone: the format itself is what is wrong. */
  textOnly?: boolean;
}

/** Arguments that are right, in front of what is wrong. */
const GOOD = ["-s", "{gateway}", "-L", "anthropic"];

const USAGE: BadInput[] = [
  {
    name: "an unknown flag",
    args: ["--mdoel", "opus"],
    exit: 2,
    error: ["--mdoel"],
    hint: ["did you mean --model", "ai-claude -- --mdoel"],
  },
  {
    name: "an unknown short flag",
    args: [...GOOD, "-x"],
    exit: 2,
    error: ["-x"],
    hint: ["ai-claude -- -x"],
  },
  {
    name: "an unknown flag with a value",
    args: ["--tokn=sk-hidden-value"],
    exit: 2,
    error: ["--tokn"],
    hint: ["--token"],
    hidden: ["sk-hidden-value"],
  },
  {
    name: "a flag of Claude Code before --",
    args: [...GOOD, "--permission-mode", "plan"],
    exit: 2,
    error: ["--permission-mode"],
    hint: ["ai-claude -s {gateway} -L anthropic -- --permission-mode plan"],
  },
  {
    name: "Claude Code's -p before --",
    args: ["-p", "say hi"],
    exit: 4,
    error: ['"say hi"'],
    hint: ['ai-claude -- -p "say hi"'],
  },
  {
    name: "Claude Code's -c before --, and a prompt",
    args: [...GOOD, "-c", "what's next?"],
    exit: 1,
    error: ["what's next?: no such file"],
    hint: ['ai-claude -s {gateway} -L anthropic -- -c "what\'s next?"'],
  },
  {
    name: "--provider for --llmprovider",
    args: ["--provider", "anthropic"],
    exit: 2,
    error: ["--provider"],
    hint: ["did you mean --llmprovider? ai-claude --llmprovider anthropic"],
  },
  {
    name: "a mistyped command",
    args: ["modles"],
    exit: 2,
    error: ['"modles"'],
    hint: ["did you mean models?"],
  },
  {
    name: "an unknown auth mode in RPAI_AUTH_MODE",
    args: GOOD,
    env: { RPAI_AUTH_MODE: "magic" },
    exit: 2,
    error: ['"magic"', "RPAI_AUTH_MODE"],
    hint: ["device, rpk, client_credentials, token, none"],
  },
  ...([
    ["--llmprovider", ["-L"]],
    ["--llmprovider", ["-L", "-m", "opus"]],
    ["--llmprovider", ["-L", "--", "-p", "hi"]],
    ["--model", ["--model="]],
    ["--claude-config-dir", ["--claude-config-dir"]],
    ["--rpai-endpoint", ["--endpoint"]],
    ["--rpai-profile", ["-p", ""]],
    ["--rpai-config", ["-c"]],
    ["--token", ["--token="]],
    ["--format", ["--format"]],
  ] as const).map(([flag, args]) => ({
    name: `no value: ${args.join(" ")}`,
    args: [...args],
    exit: 2,
    error: [flag],
    hint: [`${flag}=`],
    textOnly: flag === "--format",
  })),
  {
    name: "a stray argument",
    args: [...GOOD, "stray"],
    exit: 2,
    error: ['"stray"'],
    hint: ["ai-claude -s {gateway} -L anthropic -- stray"],
  },
  {
    name: "a stray argument after run claude",
    args: ["run", "claude", "stray"],
    exit: 2,
    error: ['"stray"'],
  },
  {
    name: "half a command",
    args: ["run"],
    exit: 2,
    error: ['"run"'],
    hint: ["ai-claude run claude"],
  },
  {
    name: "a misspelled command",
    args: ["demmo"],
    exit: 2,
    error: ['"demmo"'],
    hint: ["did you mean demo"],
  },
  {
    name: "an argument too many for auth token",
    args: ["auth", "token", "extra"],
    exit: 2,
    error: ['"extra"'],
  },
  {
    name: "a launch flag with another command",
    args: ["auth", "token", "--model", "opus"],
    exit: 2,
    error: ["--model", "auth token"],
  },
  {
    name: "both mode flags",
    args: [...GOOD, "--passthrough", "--bedrock"],
    exit: 2,
    error: ["--passthrough", "--bedrock"],
  },
  {
    name: "an unknown format",
    args: [...GOOD, "-o", "ymal"],
    exit: 2,
    error: ['"ymal"', "--format"],
    hint: ["yaml", "table, wide, json, yaml, markdown"],
    textOnly: true,
  },
  {
    name: "an unknown format in RPAI_FORMAT",
    args: GOOD,
    env: { RPAI_FORMAT: "xml" },
    exit: 2,
    error: ['"xml"', "RPAI_FORMAT"],
    hint: ["table, wide, json, yaml, markdown"],
    textOnly: true,
  },
  ...[
    "Anthropic",
    "../etc",
    "a/b",
    "5",
    "a".repeat(64),
    "anthropic ",
    "a%2fb",
  ].map((name) => ({
    name: `provider name "${name.slice(0, 10)}"`,
    ...name === "Anthropic" ? { hint: ["did you mean anthropic?"] } : {},
    args: ["-s", "{gateway}", `-L=${name}`],
    exit: 2,
    error: [`"${name}"`, "--llmprovider"],
  })),
  {
    name: "a bad provider name in the profile",
    args: [],
    files: {
      ".rpai/config":
        "current_profile: dev\nprofiles:\n  dev:\n    ai_gateway_url: {gateway}\n    llm_provider: Big One\n",
    },
    exit: 2,
    error: ['"Big One"', "profile dev"],
  },
  {
    name: "no provider",
    args: ["-s", "{gateway}"],
    exit: 2,
    error: ["--llmprovider"],
    hint: ["anthropic, bedrock"],
  },
  {
    name: "no gateway",
    args: ["-L", "anthropic"],
    exit: 2,
    error: ["--rpai-endpoint"],
    hint: [
      "profile add NAME --ai-gateway-url https://",
      "; ai-claude auth login",
    ],
  },
  {
    name: "a profile without a gateway",
    args: ["-L", "anthropic"],
    files: { ".rpai/config": "current_profile: dev\nprofiles:\n  dev:\n" },
    exit: 2,
    error: ['"dev"', "ai_gateway_url"],
  },
];

const URLS: BadInput[] = [
  { url: "nonsense", shown: "nonsense" },
  { url: "gw.example.com", shown: "gw.example.com" },
  { url: "ftp://gw.example.com", shown: "ftp:" },
  { url: "http://gw.example.com", shown: "http://gw.example.com" },
  { url: "http://127.0.0.1.example.com", shown: "127.0.0.1.example.com" },
  { url: "https://me:hunter2secret@gw.example.com", shown: "gw.example.com" },
  // Not parsable, so the password cannot be cut out by its place.
  { url: "https://me:hunter2secret@gw.example.com:x", shown: "URL" },
  { url: "me:hunter2secret@gw.example.com", shown: "URL" },
  { url: "https://gw.example.com/?key=hunter2secret", shown: "gw.example.com" },
  { url: "https://gw.example.com/#hunter2secret", shown: "gw.example.com" },
].flatMap(({ url, shown }) => [
  {
    name: `gateway URL ${url}`,
    args: ["-L", "anthropic", "-s", url],
    exit: 2,
    error: [shown, "--rpai-endpoint"],
    hidden: ["hunter2secret"],
  },
]);
URLS.push({
  name: "a gateway URL in clear text in the profile",
  args: ["-L", "anthropic"],
  files: {
    ".rpai/config":
      "current_profile: dev\nprofiles:\n  dev:\n    ai_gateway_url: http://gw.example.com\n",
  },
  exit: 2,
  error: ["http://gw.example.com", "profile dev"],
  hint: ["https://"],
});

/** A value with a line break and an escape must not forge a second line. */
const FORGED = "bad\nerror: forged\u001b[31m";
const ONE_LINE: BadInput[] = [
  { what: "a flag", args: [`--${FORGED}`], exit: 2 },
  { what: "a stray argument", args: [FORGED], exit: 2 },
  { what: "a provider name", args: ["-s", "{gateway}", "-L", FORGED], exit: 2 },
  { what: "a gateway URL", args: ["-L", "anthropic", "-s", FORGED], exit: 2 },
  { what: "a profile name", args: ["-p", FORGED], exit: 4 },
  { what: "a config path", args: ["-c", FORGED], exit: 1 },
  { what: "a model", args: [...GOOD, "-m", FORGED], exit: 2 },
  { what: "a settings path", args: [...GOOD, "--", "--settings", FORGED] },
].map(({ what, args, exit = 2 }) => ({
  name: `a line break in ${what}`,
  args,
  exit,
  error: ["bad"],
}));

const CONFIG: BadInput[] = [
  {
    name: "a config file that is a directory",
    args: [...GOOD, "-c", "{home}/project"],
    exit: 1,
    error: ["{home}/project"],
    hint: ["--rpai-config"],
  },
  {
    name: "a directory in the default place of the config file",
    args: GOOD,
    files: { ".rpai/config/file": "" },
    exit: 1,
    error: ["{home}/.rpai/config"],
  },
  {
    name: "a config file that is a loop of links",
    args: GOOD,
    env: { RPAI_CONFIG: "{home}/loop" },
    prepare: ({ home }) => Deno.symlink(`${home}/loop`, `${home}/loop`),
    exit: 1,
    error: ["{home}/loop"],
    hint: ["--rpai-config"],
  },
  {
    name: "a missing config file, named by flag",
    args: [...GOOD, "--config", "{home}/none"],
    exit: 1,
    error: ["{home}/none", "no such file"],
  },
  {
    name: "a missing config file, named by variable",
    args: GOOD,
    env: { RPAI_CONFIG: "none" },
    exit: 1,
    error: ["{home}/project/none", "no such file"],
    hint: ["RPAI_CONFIG"],
  },
  ...[
    { what: "an open bracket", text: "profiles:\n  dev:\n    a: [\n", line: 4 },
    { what: "a key twice", text: "profiles:\n  a:\n  b:\n  a:\n", line: 4 },
    { what: "an open quote", text: 'current_profile: "dev\n', line: 2 },
    { what: "two documents", text: "a: 1\n---\nb: 2\n", line: undefined },
    { what: "a binary file", text: "\u0000\u0001\u0002", line: undefined },
    { what: "a list", text: "- dev\n", line: 1 },
    { what: "a word", text: "dev\n", line: 1 },
    { what: "profiles a list", text: "a: 1\nprofiles:\n- dev\n", line: 2 },
    { what: "profile a word", text: "profiles:\n  dev: x\n", line: 2 },
    {
      what: "a model that is a list, below another profile",
      text:
        "profiles:\n  a:\n    model: x\n  dev:\n    model:\n      - x\n      - y\n",
      line: 5,
    },
    {
      what: "an unknown auth_mode",
      text: "profiles:\n  dev:\n    model: x\n    auth_mode: magic\n",
      line: 4,
    },
    {
      what: "current_profile a mapping",
      text: "profiles:\n  dev:\n\ncurrent_profile:\n  dev: x\n",
      line: 4,
    },
    {
      what: "a list in a mapping on one line",
      text: "profiles: { dev: { model: [x] } }\n",
      line: 1,
    },
  ].map(({ what, text, line }) => ({
    name: `a config file with ${what}`,
    args: [...GOOD, "-c", "{home}/config"],
    files: { config: text },
    exit: 1,
    error: [
      "{home}/config",
      ...(line === undefined ? [] : [`at line ${line}`]),
    ],
    hint: ["--rpai-config"],
  })),
  ...([
    ["by flag", ["-p", "porduction"], {}, ""],
    ["by variable", [], { RPAI_PROFILE: "porduction" }, ""],
    ["by current_profile", [], {}, "current_profile: porduction\n"],
  ] as const).map(([how, args, env, head]) => ({
    name: `an unknown profile, named ${how}`,
    args: [...GOOD, ...args],
    env,
    files: {
      ".rpai/config": `${head}profiles:\n  dev:\n  production:\n`,
    },
    exit: 4,
    error: ['"porduction"', "{home}/.rpai/config"],
    hint: ["did you mean production", "dev, production"],
  })),
  {
    name: "a profile without a config file",
    args: [...GOOD, "-p", "dev"],
    exit: 4,
    error: ['"dev"', "{home}/.rpai/config"],
    hint: ["--rpai-endpoint"],
  },
  {
    name: "a profile named like a property of every object",
    args: [...GOOD, "-p", "constructor"],
    files: { ".rpai/config": "profiles:\n  dev:\n" },
    exit: 4,
    error: ['"constructor"'],
    hint: ["dev"],
  },
  {
    name: "auth token for an unknown profile",
    args: ["auth", "token", "-p", "nope"],
    files: { ".rpai/config": "profiles:\n  dev:\n" },
    exit: 4,
    error: ['"nope"'],
    hint: ["dev"],
  },
];

const PROVIDER: BadInput[] = [
  {
    name: "a provider that is not there",
    args: ["-s", "{gateway}", "-L", "antropic"],
    exit: 4,
    error: ['"antropic"'],
    hint: ["closest: anthropic", "anthropic, bedrock"],
  },
  {
    name: "a provider that is not there, with --print-settings",
    args: ["-s", "{gateway}", "-L", "antropic", "--print-settings"],
    exit: 4,
    error: ['"antropic"'],
    hint: ["closest: anthropic"],
  },
  {
    name: "a provider of another type",
    args: ["-s", "{gateway}", "-L", "gpt"],
    exit: 2,
    error: ['"gpt"', "type openai"],
    hint: ["anthropic, bedrock"],
  },
  {
    name: "a provider of a type from the future",
    args: ["-s", "{gateway}", "-L", "new"],
    gateway: () =>
      Response.json({
        llmProvider: {
          name: "new",
          enabled: true,
          type: "LLM_PROVIDER_TYPE_NEW_THING",
        },
      }),
    exit: 2,
    error: ['"new"', "new_thing"],
  },
  {
    name: "a disabled provider",
    args: ["-s", "{gateway}", "-L", "off"],
    exit: 3,
    error: ['"off"', "disabled"],
    hint: ["anthropic, bedrock"],
  },
  {
    name: "--passthrough on a bedrock provider",
    args: ["-s", "{gateway}", "-L", "bedrock", "--passthrough"],
    exit: 2,
    error: ["--passthrough", '"bedrock"'],
  },
  {
    name: "a model outside the allow-list",
    args: [...GOOD, "-m", "claude-sonet-4-6"],
    exit: 2,
    error: ['"claude-sonet-4-6"', "--model", '"anthropic"'],
    hint: ["closest: claude-sonnet-4-6"],
  },
  {
    name: "--model ? without a terminal",
    args: [...GOOD, "-m", "?"],
    exit: 2,
    error: ["--model ?", "terminal"],
    hint: MODELS,
  },
  {
    name: "--model ? of a provider that lists no models",
    args: ["-s", "{gateway}", "-L", "bedrock", "-m?"],
    exit: 2,
    error: ['"bedrock"', "no models"],
    hint: ["give any id", "--model ID"],
  },
  {
    name: "a model outside the allow-list, for Claude Code",
    args: [...GOOD, "--", "--model=claude-haiku-4"],
    exit: 2,
    error: ['"claude-haiku-4"'],
    hint: ["closest: claude-haiku-4-5"],
  },
  {
    name: "a model outside the allow-list, in the profile",
    args: GOOD,
    files: {
      ".rpai/config":
        "current_profile: dev\nprofiles:\n  dev:\n    model: gpt-5\n",
    },
    exit: 2,
    error: ['"gpt-5"', "profile dev"],
    hint: ["claude-sonnet-4-6"],
  },
];

const connectError = (status: number, code: string, message: string) => () =>
  Response.json({ code, message }, { status });

const GATEWAY: BadInput[] = [
  {
    name: "a token that the gateway refuses",
    gateway: connectError(401, "unauthenticated", "token of another org"),
    exit: 3,
    error: ["token of another org"],
    hint: ["pass a fresh one"],
  },
  {
    name: "a gateway that answers 503",
    gateway: connectError(503, "unavailable", "no upstream"),
    error: ["{gateway}", "503", "no upstream"],
  },
  {
    name: "a gateway that answers 500 with an unknown code",
    gateway: connectError(500, "on_fire", "boom"),
    error: ["{gateway}", "500", "on_fire", "boom"],
  },
  {
    name: "a proxy that answers 502 in HTML",
    gateway: () =>
      new Response("<html>\n<h1>Bad \u001b[31mGateway</h1>", { status: 502 }),
    error: ["{gateway}", "not a gateway answer", "502", "<html>"],
  },
  {
    name: "a login page that answers 200 in HTML",
    gateway: () => new Response("\n\n<!doctype html>\n<title>Sign in</title>"),
    error: ["{gateway}", "not a gateway answer", "200", "<!doctype html>"],
  },
  {
    name: "a web server that has no such page",
    gateway: () => new Response("Not Found", { status: 404 }),
    error: ["{gateway}", "404", "Not Found"],
  },
  {
    name: "an empty answer",
    gateway: () => new Response(""),
    error: ["{gateway}", "not a gateway answer", "200"],
  },
  {
    name: "JSON that breaks off",
    gateway: () => new Response('{"llmProvider":{"name":"anthropic","ty'),
    error: ["{gateway}", "not a gateway answer"],
  },
  {
    name: "JSON that is not an object",
    gateway: () => Response.json([1, 2]),
    error: ["{gateway}", "not a gateway answer"],
  },
  {
    name: "an answer without a provider",
    gateway: () => Response.json({ llmProvider: null }),
    error: ["{gateway}", "llmProvider"],
  },
  {
    name: "a provider without a name",
    gateway: () => Response.json({ llmProvider: { enabled: true, type: 2 } }),
    error: ["{gateway}", "llmProvider"],
  },
  {
    name: "an error that says nothing",
    gateway: () => Response.json({}, { status: 400 }),
    error: ["{gateway}", "400"],
  },
  {
    name: "a message that holds an escape and a line break",
    gateway: connectError(
      503,
      "unavailable",
      "busy\nerror: forged\u001b[31m",
    ),
    error: ["busy"],
  },
].map((input) => ({ exit: 5, args: GOOD, ...input }));

const BAD_TOKENS = [
  { what: "a line break", value: "half-one-11\nhalf-two-22" },
  { what: "a line break at its end", value: "half-one-11\n" },
  { what: "a blank", value: "half-one-11 half-two-22" },
  { what: "blanks around", value: " half-one-11 " },
  { what: "a letter that is not ASCII", value: "half-one-11é" },
  { what: "nothing but a blank", value: " " },
];
const TOKENS: BadInput[] = [
  ...BAD_TOKENS.flatMap(({ what, value }): BadInput[] => {
    const bad = {
      exit: 3,
      error: ["RPAI_TOKEN"],
      hidden: ["half-one-11", "half-two-22"],
    };
    const env = { RPAI_TOKEN: value };
    return [
      { ...bad, name: `RPAI_TOKEN with ${what}`, args: GOOD, env },
      {
        ...bad,
        name: `--token with ${what}`,
        args: [...GOOD, "--token", value],
        error: ["--token"],
      },
      {
        ...bad,
        name: `auth token: RPAI_TOKEN with ${what}`,
        args: ["auth", "token"],
        env,
      },
    ];
  }),
  {
    name: "RPAI_TOKEN that has expired",
    args: GOOD,
    env: { RPAI_TOKEN: EXPIRED },
    exit: 3,
    error: ["RPAI_TOKEN", "expired"],
    hidden: [EXPIRED],
  },
  {
    name: "auth token: RPAI_TOKEN that has expired",
    args: ["auth", "token"],
    env: { RPAI_TOKEN: EXPIRED },
    exit: 3,
    error: ["RPAI_TOKEN", "expired"],
    hidden: [EXPIRED],
  },
];

const RPK_PROFILE =
  "current_profile: dev\nprofiles:\n  dev:\n    auth_mode: rpk\n";
const RPK: BadInput[] = ([
  {
    name: "rpk is missing",
    env: { PATH: "{home}/rpk-bin" },
    error: ["rpk", "PATH"],
  },
  {
    name: "rpk fails",
    script: "echo 'not logged in' >&2; echo more >&2; exit 9",
    error: ["rpk ai auth token", "9", "not logged in"],
  },
  {
    name: "rpk fails in silence",
    script: "exit 1",
    error: ["rpk ai auth token", "1"],
  },
  {
    name: "rpk prints an expired token",
    script: `echo ${EXPIRED}`,
    error: ["rpk ai auth token", "expired"],
    hidden: [EXPIRED],
  },
  { name: "rpk prints nothing", script: "exit 0", error: ["empty"] },
  {
    name: "rpk prints two lines",
    script: "echo a new version is out; echo half-one-11",
    error: ["rpk ai auth token"],
    hidden: ["half-one-11"],
  },
  {
    name: "rpk is killed",
    script: "kill -9 $$",
    error: ["rpk ai auth token", "137"],
  },
  {
    name: "rpk cannot be executed",
    prepare: async (world: World) => {
      await world.write("rpk-bin/rpk", "#!/dev/null/none/sh\n", 0o755);
      world.env.PATH = `${world.home}/rpk-bin`;
    },
    error: ["rpk"],
  },
] as (Partial<BadInput> & { name: string; script?: string; error: string[] })[])
  .flatMap(({ script, prepare, ...input }) =>
    [[...GOOD], ["auth", "token"]].map((args) => ({
      ...input,
      name: `${args[0] === "auth" ? "auth token: " : ""}${input.name}`,
      args,
      env: { RPAI_TOKEN: "", ...input.env },
      files: { ".rpai/config": RPK_PROFILE },
      prepare: prepare ??
        (async (world) => {
          if (script !== undefined) await fakeRpk(world, script);
        }),
      exit: 3,
    }))
  );
RPK.push(
  {
    name: "nobody has signed in",
    args: GOOD,
    env: { RPAI_TOKEN: "", PATH: "{home}/none" },
    exit: 3,
    error: ["not signed in"],
    hint: ["set RPAI_TOKEN, or RPAI_CLIENT_ID and RPAI_CLIENT_SECRET"],
  },
  {
    name: "auth_mode is token, and there is none",
    args: GOOD,
    env: { RPAI_TOKEN: "" },
    files: { ".rpai/config": RPK_PROFILE.replace("rpk", "token") },
    exit: 3,
    error: ["auth_mode", "token"],
    hint: ["RPAI_TOKEN"],
  },
  {
    name: "auth_mode is client_credentials, and there are none",
    args: GOOD,
    env: { RPAI_TOKEN: "" },
    files: {
      ".rpai/config": RPK_PROFILE.replace("rpk", "client_credentials"),
    },
    exit: 3,
    error: ["client_credentials"],
  },
);

const SETTINGS: BadInput[] = ([
  [
    "inline JSON that breaks off",
    ['{"env":{"A":"sk-hidden-value"'],
    "--settings",
  ],
  [
    "inline JSON with a comma too many",
    ['{"a":"sk-hidden-value",}'],
    "--settings",
  ],
  ["a missing file", ["none.json"], "{home}/project/none.json"],
  ["a list", ["[1]"], "[1]"],
  ["nothing", [""], "--settings"],
  ["a directory", ["{home}/bin"], "{home}/bin"],
  ["a file that is no JSON", ["{home}/broken.json"], "{home}/broken.json"],
  ["a file that holds a list", ["{home}/list.json"], "{home}/list.json"],
  ["a good one and a bad one", ["{}", "--settings", "none.json"], "none.json"],
] as [string, string[], string][]).map(([what, values, shown]) => ({
  name: `--settings with ${what}`,
  args: [...GOOD, "--", "-p", "--settings", ...values],
  files: {
    "broken.json": '{"env":{"A":"sk-hidden-value"',
    "list.json": '["sk-hidden-value"]',
  },
  exit: 2,
  error: [shown],
  hint: ["--settings"],
  hidden: ["sk-hidden-value"],
}));
SETTINGS.push({
  name: "--settings without a value",
  args: [...GOOD, "--", "-p", "hi", "--settings"],
  exit: 2,
  error: ["--settings"],
}, {
  name: "--settings with a key that Claude Code does not accept",
  args: [
    ...GOOD,
    ...["--", "--settings", '{"theme":"dark","notAKey":"sk-hidden-value"}'],
  ],
  exit: 2,
  error: ['"notAKey"', "--settings"],
  hidden: ["sk-hidden-value"],
});

const PASSTHROUGH = [...GOOD, "--passthrough"];
const invokeOnly = connectError(403, "permission_denied", "no get");
const REFUSED: BadInput[] = [
  {
    name: "passthrough with headers of its own in a settings file",
    args: PASSTHROUGH,
    files: {
      "project/.claude/settings.json": JSON.stringify({
        env: { ANTHROPIC_CUSTOM_HEADERS: "X-A: sk-hidden-value" },
      }),
    },
    gateway: invokeOnly,
    exit: 1,
    error: [
      "env.ANTHROPIC_CUSTOM_HEADERS",
      "{home}/project/.claude/settings.json",
    ],
    hidden: ["sk-hidden-value"],
  },
  ...["--bg", "agents", "--bare"].map((arg) => ({
    name: `passthrough with ${arg}`,
    args: [...PASSTHROUGH, "--", arg],
    gateway: invokeOnly,
    exit: 1,
    error: [arg, "passthrough"],
  })),
];

const MISSING: Omit<BadInput, "exit">[] = [
  {
    name: "claude is nowhere",
    args: GOOD,
    env: { AI_CLAUDE_BIN: "", PATH: "{home}/none" },
    error: ["claude", "{home}/.local/bin/claude"],
    hint: ["npm install -g @anthropic-ai/claude-code"],
  },
  {
    name: "claude is nowhere, and neither is a home",
    args: GOOD,
    env: { AI_CLAUDE_BIN: "", PATH: "", HOME: "" },
    error: ["claude"],
    hint: ["npm install -g @anthropic-ai/claude-code"],
  },
  {
    name: "claude is only in the project, which PATH names by a dot",
    args: GOOD,
    env: { AI_CLAUDE_BIN: "", PATH: ".::bin:{home}/none" },
    prepare: async (world) => {
      const script = await Deno.readTextFile(`${world.home}/bin/claude`);
      await world.write("project/claude", script, 0o755);
      await world.write("project/bin/claude", script, 0o755);
    },
    error: ["claude"],
  },
  {
    name: "claude on PATH is not executable",
    args: GOOD,
    env: { AI_CLAUDE_BIN: "", PATH: "{home}/bin" },
    prepare: ({ home }) => Deno.chmod(`${home}/bin/claude`, 0o644),
    error: ["claude"],
  },
  {
    name: "AI_CLAUDE_BIN names nothing",
    args: GOOD,
    env: { AI_CLAUDE_BIN: "{home}/none" },
    error: ["AI_CLAUDE_BIN", "{home}/none"],
    hint: ["AI_CLAUDE_BIN"],
  },
  {
    name: "AI_CLAUDE_BIN names a directory",
    args: GOOD,
    env: { AI_CLAUDE_BIN: "{home}/bin" },
    error: ["AI_CLAUDE_BIN", "{home}/bin"],
  },
  {
    name: "AI_CLAUDE_BIN is not executable",
    args: GOOD,
    prepare: ({ home }) => Deno.chmod(`${home}/bin/claude`, 0o644),
    error: ["AI_CLAUDE_BIN", "{home}/bin/claude"],
  },
  {
    name: "claude lost its interpreter",
    args: GOOD,
    prepare: (world) =>
      world.write("bin/claude", "#!/dev/null/none/x\n", 0o755),
    error: ["{home}/bin/claude"],
  },
];

/** Every case, by where the mistake is. */
export const BAD_INPUT: Record<string, BadInput[]> = {
  usage: USAGE,
  url: URLS,
  "one line": ONE_LINE,
  config: CONFIG,
  provider: PROVIDER,
  gateway: GATEWAY,
  token: TOKENS,
  rpk: RPK,
  "caller settings": SETTINGS,
  refused: REFUSED,
  "claude missing": MISSING.map((input) => ({ ...input, exit: 127 })),
};
