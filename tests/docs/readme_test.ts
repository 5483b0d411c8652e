/**
 * README.md does what it says: every command in it is run, every output in it is
 * compared, every message in it is brought about. The names in it (the gateway's,
 * the issuer's) lead to embedded servers.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  type LoopbackProvider,
  startLoopbackGateway,
} from "../../lib/loopback/gateway.ts";
import { VERSION } from "../../lib/base/version.ts";
import { AUTH_DEFAULTS } from "../../lib/profile/auth_defaults.ts";
import { denoSys } from "../../lib/system/deno_sys.ts";
import type { Sys } from "../../lib/system/sys.ts";
import { hostileFolders, writeFolder } from "../published/hostile_folder.ts";
import { makePublished } from "../published/published.ts";
import { runInProcess } from "../support/in_process.ts";
import { CREDENTIALS, storeToken } from "../support/issued.ts";
import { startLimitedGateway } from "../support/limited_gateway.ts";
import { startLoopbackIssuer } from "../support/loopback_issuer.ts";
import { makeWorld, type World } from "../support/program.ts";
import { selfSigned } from "../support/self_signed.ts";
import { ANSWER_PROBE, recordingClaude } from "../support/stand_ins.ts";
import { posixTest } from "../support/strict_test.ts";
import {
  codeBlocks,
  codeSpans,
  commandLines,
  readDocument,
  wordsOf,
} from "./markdown.ts";

const README = await readDocument("README.md");
const GATEWAY = "https://aigw.CLUSTER_ID.clusters.rdpa.co";
const TOKEN = "gateway-token-5f1d3c9b70e24a68";
const MODELS = ["claude-sonnet-4-6", "claude-haiku-4-5"];
const BEDROCK_MODELS = ["us.anthropic.claude-sonnet-4-6"];
const PROVIDERS: LoopbackProvider[] = [
  { name: "anthropic", type: "anthropic", models: MODELS },
  { name: "bedrock", type: "bedrock", models: BEDROCK_MODELS },
  { name: "subscription", type: "anthropic", passthrough: true },
];

/** This machine, on which some hosts are others. */
function withHosts(hosts: Record<string, string>): Partial<Sys> {
  const sys = denoSys(import.meta.url);
  return {
    fetch: (url, { timeoutMs: _, ...init } = {}) => {
      const [host, other] =
        Object.entries(hosts).find(([host]) =>
          url.toLowerCase().startsWith(host.toLowerCase())
        ) ?? ["", ""];
      return sys.fetch(other + url.slice(host.length), init);
    },
  };
}

posixTest("README.md leads from an empty home to routed sessions", async () => {
  await using world = await makeWorld();
  await using issuer = startLoopbackIssuer({
    style: "cloud-api",
    device: { interval: 0.05 },
  });
  await using gateway = startLoopbackGateway({
    providers: PROVIDERS,
    accepts: (token) => issuer.isValid(token),
  });
  const recording = await recordingClaude(
    world,
    'case "$*" in --version) echo "2.1.332 (Claude Code)" ;; esac',
  );
  const machine = withHosts({
    [new URL(AUTH_DEFAULTS.tokenEndpoint).origin]: issuer.url,
    [GATEWAY]: gateway.url,
  });
  const outputs = codeBlocks(README).filter(({ language }) => language === "");
  const sessions: { args: string[]; url: string }[] = [];
  const lines = commandLines(README).filter((line) => /^ai-claude/.test(line));
  for (const line of lines) {
    const [, ...words] = wordsOf(line);
    const { code, stdout, stderr } = await runInProcess(
      words,
      world.env,
      machine,
    );
    assertEquals(code, 0, `${line}: ${stdout}${stderr}`);
    if (line === lines.at(-1)) {
      assertEquals(outputs.map(({ text }) => text), [stdout]);
    }
    const isLaunch = words.length === 0 || words.includes("--");
    if (!isLaunch) continue;
    const { argv, env } = await recording();
    sessions.push({ args: argv.slice(2), url: env.ANTHROPIC_BASE_URL });
  }
  const providers = `${GATEWAY.toLowerCase()}/llm/v1/providers`;
  const [model, bedrockModel] = [MODELS[0], BEDROCK_MODELS[0]];
  assertEquals(sessions, [
    { args: [], url: `${providers}/anthropic` },
    {
      args: ["--model", model, "--permission-mode", "plan"],
      url: `${providers}/anthropic`,
    },
    {
      args: ["--model", bedrockModel, "-p", "hi"],
      url: `${providers}/bedrock`,
    },
  ]);
});

posixTest("README.md installs, and runs without installing", async () => {
  await using published = await makePublished();
  const commands = [...commandLines(README), ...codeSpans(README)]
    .filter((line) => /^deno .*jsr:/.test(line));
  assertEquals(commands.length, 2);
  const [hostile] = hostileFolders(published.registry.url);
  const cwd = await writeFolder(published.root, hostile);
  for (const line of commands) {
    const { code, stdout, stderr } = await published.deno(
      wordsOf(line).slice(1),
      { cwd },
    );
    assertEquals(code, 0, `${line}: ${stderr}`);
    if (line.endsWith(" --help")) assertMatch(stdout, /^Usage: ai-claude /);
  }
  const { stdout } = await published.run("install", ["version"], { cwd });
  assertEquals(stdout, `ai-claude ${VERSION}\n`);
});

Deno.test("README.md names what a checkout is tried with, as CI runs it", async () => {
  const { tasks } = JSON.parse(await readDocument("deno.json"));
  const lines = commandLines(README).filter((line) => /^npx /.test(line));
  const [demo, ok] = lines;
  assertEquals(lines.length, 2);
  assertMatch(demo, / task demo$/);
  assertStringIncludes(await readDocument(".ci/run"), `\n${ok} `);
  for (const line of lines) {
    const [, version, task] = /deno@(\S+) task (\w+)$/.exec(line) ?? [];
    assertEquals(version, Deno.version.deno);
    assert(task in tasks);
  }
});

/** How each message of the section on troubleshooting comes about. */
const TROUBLES: Record<string, (world: World) => Promise<string>> = {
  "no AI gateway: there is no profile and no --rpai-endpoint": (world) =>
    said(world, []),
  'not signed in to profile "prod"': async (world) => {
    await writeProfile(world, GATEWAY);
    return await said(world, []);
  },
  "the gateway refused the token": (world) =>
    atGateway(world, ["-L", "anthropic"], { accepts: () => false }),
  "no provider: give one with --llmprovider NAME": (world) =>
    atGateway(world, []),
  'provider "anthropc" is not on this gateway': (world) =>
    atGateway(world, ["-L", "anthropc"]),
  'provider "anthropic" cannot be read with this token': (world) =>
    atGateway(world, ["-L", "anthropic", "-m", MODELS[0]], {
      metadata: "permission_denied",
    }),
  'is not in the allow-list of provider "anthropic"': (world) =>
    atGateway(world, ["-L", "anthropic", "-m", "claude-opus-4-1"]),
  'cannot read provider "anthropic" from': (world) =>
    said(world, ["-L", "anthropic", "-s", "http://127.0.0.1:9", ...GIVEN]),
  "invalid peer certificate: UnknownIssuer": async (world) => {
    const { cert, key } = await selfSigned("gateway.test");
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert, key, onListen() {} },
      () => new Response(),
    );
    const url = `https://127.0.0.1:${server.addr.port}`;
    return await said(world, ["-L", "anthropic", "-s", url, ...GIVEN]);
  },
  "would override this launch's routing": (world) => {
    const { readTextFile } = denoSys(import.meta.url);
    const env = { ANTHROPIC_BASE_URL: "https://evil.example" };
    return atGateway(world, ["-L", "anthropic"], {}, {
      readTextFile: (path) =>
        /claude-code\/managed-settings\.json$/i.test(path) ||
          /ClaudeCode\/managed-settings\.json$/.test(path)
          ? Promise.resolve(JSON.stringify({ env }))
          : readTextFile(path),
    });
  },
  "would replace the header that authenticates passthrough": async (world) => {
    await world.write("project/.claude/settings.json", {
      env: { ANTHROPIC_CUSTOM_HEADERS: "X-Team: a" },
    });
    return await atGateway(world, ["-L", "subscription"]);
  },
  "does not go with a token from RPAI_TOKEN": async (world) => {
    world.env.RPAI_TOKEN = TOKEN;
    await using gateway = await limitedGateway();
    const args = ["-L", "anthropic", "-s", gateway.url, "--", "--bg"];
    return await said(world, args);
  },
  "other users can read it (mode 644)": async (world) => {
    await writeProfile(world, GATEWAY);
    await storeToken(world, TOKEN);
    await Deno.chmod(`${world.home}/${CREDENTIALS}`, 0o644);
    return await said(world, []);
  },
  'Claude Code is not installed: no executable "claude" on PATH': (world) => {
    delete world.env.AI_CLAUDE_BIN;
    world.env.PATH = "/nowhere";
    return said(world, ["-L", "anthropic", "-s", GATEWAY, ...GIVEN]);
  },
  "passthrough sends your own Claude login, and Claude Code is not signed in":
    async (world) => {
      await world.fakeClaude(
        `case "$*" in *"auth status") echo '{"loggedIn": false}' ;; esac`,
      );
      return await atGateway(world, ["doctor", "-L", "subscription"]);
    },
};
const GIVEN = ["--token", TOKEN];

posixTest("README.md's messages are what the program says", async () => {
  const [, section] = README.split("\n## Troubleshooting\n");
  const named = [...section.matchAll(/^- `([^`]+)`:/gm)]
    .map(([, message]) => message.replace(/\s+/g, " "));
  assertEquals(named, Object.keys(TROUBLES));
  for (const message of named) {
    await using world = await makeWorld();
    await world.fakeClaude(ANSWER_PROBE);
    assertStringIncludes(await TROUBLES[message](world), message);
  }
});

/** All that a command prints, on one line. */
async function said(
  world: World,
  args: string[],
  machine: Partial<Sys> = {},
): Promise<string> {
  const cwd = () => world.project;
  const { stdout, stderr } = await runInProcess(args, world.env, {
    cwd,
    ...machine,
  });
  return `${stdout}${stderr}`;
}

type LimitedOptions = Partial<Parameters<typeof startLimitedGateway>[0]>;

function limitedGateway(options: LimitedOptions = {}) {
  return startLimitedGateway({
    providers: PROVIDERS,
    ...options,
  });
}

async function atGateway(
  world: World,
  args: string[],
  options: LimitedOptions = {},
  machine: Partial<Sys> = {},
): Promise<string> {
  await using gateway = limitedGateway(options);
  return await said(world, [...args, "-s", gateway.url, ...GIVEN], machine);
}

async function writeProfile(world: World, url: string): Promise<void> {
  await world.write(".rpai/config", {
    profiles: { prod: { ai_gateway_url: url, llm_provider: "anthropic" } },
  });
}
