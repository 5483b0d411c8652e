/**
 * What a launch at a terminal offers when something is missing: Claude Code, a
 * profile, a login.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import type { Invocation, Sys } from "../../lib/system/sys.ts";
import { runInProcess } from "../support/in_process.ts";
import { CREDENTIALS } from "../support/issued.ts";
import { startLoopbackIssuer } from "../support/loopback_issuer.ts";
import { type Ended, makeWorld } from "../support/program.ts";

/** An answer that is Ctrl-C instead of a line. */
const CTRL_C = "\x03";

/** What is there before the first run. */
interface Before {
  /** Whether Claude Code is installed. Default: true. */
  claude?: boolean;
  /** What npm does; `undefined` when there is none. */
  npm?: { code: number | Error; installs?: boolean };
  /** Whether the gateway asks for a token. Default: true. */
  asksToken?: boolean;
  /** The config file. */
  config?: string;
}

/** What a run is told, on top of its answers. */
interface RunOptions {
  args?: string[];
  /** Lines typed, in order. Fails at a question too many. */
  answers?: string[];
  /** Default: true. */
  terminal?: boolean;
}

/** A home without anything, a gateway and an issuer. */
async function makePlace(before: Before = {}) {
  const { claude = true, npm, asksToken = true, config } = before;
  const world = await makeWorld();
  const issuer = startLoopbackIssuer({
    email: "dev@example.com",
    device: { interval: 0.05, outcome: "approve" },
  });
  const gateway = startLoopbackGateway({
    accepts: (token) => issuer.isValid(token),
    noAuth: !asksToken,
    providers: [{ name: "anthropic", type: "anthropic" }],
  });
  const install = () => world.write("bin/claude", "#!/bin/sh\n", 0o755);
  if (claude) await install();
  if (npm !== undefined) await world.write("bin/npm", "#!/bin/sh\n", 0o755);
  if (config !== undefined) await world.write(".rpai/config", config);
  const launched: Invocation[] = [];
  const run = async (
    { args = [], answers = [], terminal = true }: RunOptions = {},
  ): Promise<Ended> => {
    const lines = [...answers];
    const interrupt = new AbortController();
    const machine: Partial<Sys> = {
      cwd: () => world.project,
      isTerminal: () => terminal,
      interruptible: () => ({
        signal: interrupt.signal,
        [Symbol.dispose]: () => {},
      }),
      readLine: () => {
        const line = lines.shift();
        if (line === undefined) throw new Error("nobody answers");
        if (line !== CTRL_C) return Promise.resolve(line);
        interrupt.abort();
        return new Promise(() => {});
      },
      pick: ({ choices }) => Promise.resolve(choices[0].value),
      detach: () => {},
      launch: async (program) => {
        launched.push(program);
        if (!program.path.endsWith("/npm")) return 0;
        if (npm?.installs ?? npm?.code === 0) await install();
        if (npm?.code instanceof Error) throw npm.code;
        return npm?.code ?? 1;
      },
    };
    const env = { ...world.env, PATH: `${world.home}/bin`, NO_COLOR: "1" };
    const ended = await runInProcess([...args, "--quiet"], env, machine);
    assertEquals(lines, [], "every answer was asked for");
    return { ...ended, stderr: ended.stderr.replaceAll("\r\x1b[K", "") };
  };
  return {
    ...{ world, issuer, gateway, launched, run },
    config: () => Deno.readTextFile(`${world.home}/.rpai/config`),
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await issuer.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

/** Asserts texts in their order. */
function assertInOrder(text: string, ...parts: string[]): void {
  let at = 0;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    assert(found !== -1, `no ${JSON.stringify(part)} after ${at} in:\n${text}`);
    at = found + part.length;
  }
}

Deno.test("a first run goes from nothing to a launch", async () => {
  await using place = await makePlace({ claude: false, npm: { code: 0 } });
  const { gateway, issuer, launched, world } = place;
  const { host } = new URL(gateway.url);
  const { code, stdout, stderr } = await place.run({
    answers: ["y", host, gateway.url, "login.example", issuer.url],
  });
  assertEquals({ code, stdout }, { code: 0, stdout: "" }, stderr);
  assertInOrder(
    stderr,
    "Claude Code is not installed. Run `npm install -g " +
      "@anthropic-ai/claude-code` now? [Y/n] ",
    "No profile yet. It needs your gateway's URL, such as https://",
    "URL of the gateway (Enter to skip): ",
    `bad gateway URL "${host}" (typed): http:// is missing; ` +
      `did you mean ${gateway.url}?\n`,
    "URL of the gateway (Enter to skip): ",
    `Made profile "default" in ${world.home}/.rpai/config\n`,
    "Nobody is signed in at https://auth.prd.cloud.redpanda.com. Sign in now? " +
      "[Y/n or another server's URL] ",
    'bad issuer "login.example" (typed): https:// is missing; ' +
      "did you mean https://login.example?\n",
    "signed in as dev@example.com\n",
    "provider: anthropic\n",
  );
  assertEquals(
    await place.config(),
    `current_profile: default
profiles:
  default:
    ai_gateway_url: ${gateway.url}
    auth:
      issuer: ${issuer.url}
`,
  );
  const [npm, claude] = launched;
  assertEquals([npm.args, npm.toStderr], [
    ["install", "-g", "@anthropic-ai/claude-code"],
    true,
  ]);
  assertEquals(claude.path, `${world.home}/bin/claude`);
  assertEquals(
    claude.env.ANTHROPIC_BASE_URL,
    `${gateway.url}/llm/v1/providers/anthropic`,
  );
  // Nothing is asked the next time.
  assertEquals((await place.run()).code, 0);
});

Deno.test("each step of a first run can be skipped, and says how to do it later", async () => {
  await using bare = await makePlace({ claude: false, npm: { code: 0 } });
  const install = await bare.run({ answers: ["n"] });
  assertEquals([install.code, bare.launched], [127, []]);
  assertStringIncludes(install.stderr, "\nhint: install it: npm install -g");
  await using place = await makePlace();
  const gateway = await place.run({ answers: [""] });
  assertEquals(gateway.code, 2);
  assertStringIncludes(
    gateway.stderr,
    "\nhint: ai-claude profile add NAME --ai-gateway-url " +
      "https://aigw.<cluster-id>.clusters.rdpa.co; ai-claude auth login; " +
      "ai-claude\n",
  );
  assertEquals(await place.world.files(), ["bin/claude"]);
  const signIn = await place.run({ answers: [place.gateway.url, "n"] });
  assertEquals(signIn.code, 3);
  assertStringIncludes(signIn.stderr, "ai-claude auth login");
  // What was done stays: only the sign-in is asked for again.
  const again = await place.run({ answers: [place.issuer.url] });
  assertEquals([again.code, place.launched.length], [0, 1], again.stderr);
});

Deno.test("Ctrl-C at each question of a first run ends it with 130", async () => {
  await using bare = await makePlace({ claude: false, npm: { code: 0 } });
  await using place = await makePlace();
  const { gateway } = place;
  const ended = [
    await bare.run({ answers: [CTRL_C] }),
    await place.run({ answers: [CTRL_C] }),
    await place.run({ answers: ["localhost:1", CTRL_C] }),
  ];
  assertEquals(await place.world.files(), ["bin/claude"]);
  ended.push(
    await place.run({ answers: [gateway.url, CTRL_C] }),
    await place.run({ answers: ["login.example", CTRL_C] }),
  );
  for (const { code, stdout, stderr } of ended) {
    assertEquals({ code, stdout }, { code: 130, stdout: "" }, stderr);
    assert(
      /\nerror: .* cancelled; nothing was changed\nhint: start/.test(stderr),
    );
  }
  assertEquals([...bare.launched, ...place.launched], []);
  assertEquals((await place.world.files()).includes(CREDENTIALS), false);
  assertEquals(
    await place.config(),
    "current_profile: default\nprofiles:\n  default:\n" +
      `    ai_gateway_url: ${gateway.url}\n`,
  );
});

Deno.test("a first run asks for the gateway again when none answers", async () => {
  await using place = await makePlace();
  const { run, world } = place;
  const dead = "http://127.0.0.1:1";
  const first = await run({ answers: [dead, "", "n"] });
  assertEquals(first.code, 3);
  assertInOrder(
    first.stderr,
    `No gateway answers at ${dead}: `,
    `URL of the gateway (Enter to use ${dead} anyway): `,
    'Made profile "default"',
  );
  await Deno.remove(`${world.home}/.rpai/config`);
  const https = place.gateway.url.replace("http:", "https:");
  const second = await run({ answers: [https, place.gateway.url, "n"] });
  assertStringIncludes(second.stderr, `try ${place.gateway.url}\n`);
  assertStringIncludes(await place.config(), `: ${place.gateway.url}\n`);
});

Deno.test("a first run at a gateway that asks for no token signs nobody in", async () => {
  await using place = await makePlace({ asksToken: false });
  const { gateway } = place;
  assertEquals((await place.run({ answers: [gateway.url] })).code, 0);
  assertStringIncludes(await place.config(), "    auth_mode: none\n");
});

Deno.test("an installation that fails says with which code, and ends with 127", async () => {
  const cases: [Before["npm"], number, string, string][] = [
    [{ code: 243 }, 127, "claude-code` failed with exit code 243", "npm says"],
    [{ code: 130 }, 130, "claude-code` was cancelled", "start again"],
    [{ code: 0, installs: false }, 127, "where PATH does not", "npm prefix -g"],
    [{ code: new Error("gone") }, 127, "cannot start ", "claude-code/setup"],
    [undefined, 127, "npm is not on PATH", "claude-code/setup"],
  ];
  for (const [npm, exit, error, hint] of cases) {
    await using place = await makePlace({ claude: false, npm });
    const answers = npm === undefined ? [] : [""];
    const { code, stdout, stderr } = await place.run({ answers });
    assertEquals({ code, stdout }, { code: exit, stdout: "" }, stderr);
    const [told, advice] = stderr.trimEnd().split("\n").slice(-2);
    assertStringIncludes(told, error);
    assertStringIncludes(advice, hint);
    assertEquals(
      await Deno.stat(`${place.world.home}/.rpai`).catch(() => 0),
      0,
    );
  }
});

Deno.test("nothing is offered without a terminal, in a dry run, or for another file", async () => {
  await using place = await makePlace({ npm: { code: 0 } });
  const commands = "; ai-claude auth login; ai-claude\n";
  for (
    const options of [{ terminal: false }, { args: ["--print-settings"] }]
  ) {
    const { code, stderr } = await place.run(options);
    assertEquals(code, 2);
    assertStringIncludes(stderr, commands);
  }
  await Deno.remove(`${place.world.home}/bin/claude`);
  const { code, stderr } = await place.run({ terminal: false });
  assertEquals([code, place.launched], [127, []]);
  assertStringIncludes(
    stderr,
    "hint: install it: npm install -g @anthropic-ai",
  );
  const text = "current_environment: a\nenvironments: []\n";
  await using foreign = await makePlace({ config: text });
  const ended = await foreign.run();
  assertEquals([ended.code, await foreign.config()], [2, text]);
  assertStringIncludes(ended.stderr, "is another program's");
  const two = "profiles:\n  a: {}\n  b: {}\n";
  await using unchosen = await makePlace({ config: two });
  const which = await unchosen.run();
  assertEquals(which.code, 2);
  assertStringIncludes(which.stderr, "profile use NAME; profiles: a, b\n");
});
