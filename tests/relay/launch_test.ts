/**
 * `--relay` through the whole program, with a stand-in for Claude Code.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import { startLoopbackIssuer } from "../support/loopback_issuer.ts";
import type { Mode } from "../../lib/gateway/mode.ts";
import { makeWorld, type World } from "../support/program.ts";
import { recordingClaude } from "../support/stand_ins.ts";
import { eventually } from "../support/eventually.ts";
import { askRelay, TELL_RELAY } from "../support/relay_client.ts";

const TOKEN = "rp-gateway-token-under-test";
const MODES: Mode[] = ["managed", "passthrough", "bedrock"];
const BASE_URL = /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}$/;
/** Of a relay that listens on a socket; in Bedrock mode beside a port. */
const SOCKET_URL = {
  managed: /^http:\/\/127\.0\.0\.1:2\/ai-claude$/,
  bedrock: /^http:\/\/127\.0\.0\.1:\d{4,5}\/ai-claude$/,
};

function startGateway() {
  return startLoopbackGateway({
    accepts: (token) => token === TOKEN,
    providers: [
      { name: "managed", type: "anthropic" },
      { name: "passthrough", type: "anthropic", passthrough: true },
      { name: "bedrock", type: "bedrock", region: "us-east-1" },
    ],
  });
}

/** A program beside the stand-in that asks the base URL with `fetch`. */
async function client(world: World, code: string): Promise<string> {
  const path = await world.write("client.ts", code);
  return `"${Deno.execPath()}" run --quiet --no-config -A "${path}"`;
}

/** The variable that holds the base URL. */
function baseUrlName(mode: Mode): string {
  return mode === "bedrock"
    ? "ANTHROPIC_BEDROCK_BASE_URL"
    : "ANTHROPIC_BASE_URL";
}

for (const mode of MODES) {
  Deno.test(`${mode} with the relay: Claude Code has the relay's URL and no token`, async () => {
    await using gateway = startGateway();
    await using world = await makeWorld();
    const recording = await recordingClaude(world);
    const { code, stderr } = await world.run(
      ["-s", gateway.url, "-L", mode, "--relay", "--", "-p", "hi"],
      {
        env: {
          RPAI_TOKEN: TOKEN,
          RPAI_CLIENT_ID: "a-client",
          RPAI_CLIENT_SECRET: "a-client-secret",
          RPAI_CLIENT_SECRET_FILE: "/nowhere/secret",
        },
      },
    );
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    const { argv, env } = await recording();
    const settings = JSON.parse(argv[argv.indexOf("--settings") + 1]);
    const url = env[baseUrlName(mode)];
    const socket = env.ANTHROPIC_UNIX_SOCKET;
    if (mode === "passthrough") {
      assertMatch(url, BASE_URL);
      assertEquals(socket, undefined);
    } else {
      assertMatch(url, SOCKET_URL[mode]);
      assertMatch(socket, /\/ai-claude-\w+\/socket$/);
      await assertRejects(() => Deno.stat(socket), Deno.errors.NotFound);
    }
    assertEquals(settings.env.ANTHROPIC_UNIX_SOCKET, socket ?? "");
    assertEquals(settings.env[baseUrlName(mode)], url);
    assertEquals(settings.env.ANTHROPIC_BASE_URL, url);
    const all = JSON.stringify({ argv, env });
    assert(!all.includes(TOKEN), "no token");
    assert(!all.includes("a-client-secret"), "no client secret");
    assertEquals(
      Object.keys(env).filter((name) => name.startsWith("RPAI_")),
      [],
    );
    assertEquals(env.ANTHROPIC_CUSTOM_HEADERS, undefined);
    assertEquals(env.CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC, undefined);
    assertEquals(
      "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC" in settings.env,
      false,
    );
    assertEquals(
      settings.apiKeyHelper,
      mode === "passthrough" ? "" : "echo ai-claude-relay",
    );
    assertEquals(settings.env.NO_PROXY, "127.0.0.1,localhost,[::1]");
    for (const file of await world.files()) {
      const text = await Deno.readTextFile(`${world.home}/${file}`);
      assert(!text.includes(TOKEN), file);
    }
  });
}

Deno.test("the relay answers before Claude Code starts, and is gone with it", async () => {
  await using gateway = startGateway();
  await using world = await makeWorld();
  // It leaves behind a client in the middle of an upload.
  const beside = await client(
    world,
    `const url = Deno.env.get("ANTHROPIC_BASE_URL");
const body = JSON.stringify({ model: "m", messages: [] });
const answer = await fetch(url + "/v1/messages", { method: "POST", body, headers: { authorization: "Bearer mine" } });
await answer.text();
const endless = new ReadableStream({ pull: (c) => new Promise((done) => setTimeout(() => { c.enqueue(new Uint8Array(9)); done(); }, 50)) });
const hanging = fetch(url + "/v1/messages", { method: "POST", body: endless });
await Deno.writeTextFile(Deno.args[0], url + " " + answer.status);
await hanging.catch(() => {});
`,
  );
  await world.fakeClaude(
    `${beside} "$HOME/asked.new" >/dev/null 2>&1 &
until [ -s "$HOME/asked.new" ]; do sleep 0.1; done
exit 7`,
  );
  const { code, stderr } = await world.run(
    ["-s", gateway.url, "-L", "passthrough", "--relay"],
    { env: { RPAI_TOKEN: TOKEN } },
  );
  assertEquals({ code, stderr }, { code: 7, stderr: "" });
  const text = await Deno.readTextFile(`${world.home}/asked.new`);
  const [url, status] = text.split(" ");
  assertEquals(status, "200");
  await assertRejects(() => fetch(url));
  const calls = gateway.requests.filter(({ kind }) => kind === "messages");
  assertEquals(
    [
      calls[0].headers.authorization,
      calls[0].headers["x-redpanda-cloud-token"],
    ],
    ["Bearer mine", TOKEN],
  );
});

Deno.test("a signal reaches Claude Code, and the relay goes too", async () => {
  await using gateway = startGateway();
  await using world = await makeWorld();
  await world.fakeClaude(
    `trap 'exit 9' TERM
${TELL_RELAY}
while :; do sleep 0.1; done`,
  );
  const child = world.start(
    ["-s", gateway.url, "-L", "managed", "--relay"],
    { env: { RPAI_TOKEN: TOKEN } },
  );
  const relay = await askRelay(world);
  assertEquals((await relay("/v1/models")).status, 200);
  child.kill("SIGTERM");
  const { code } = await child.output();
  assertEquals(code, 9);
  await assertRejects(() => relay(""));
});

Deno.test("a profile whose relay is neither on nor off is an error", async () => {
  await using world = await makeWorld();
  await recordingClaude(world);
  await world.write(
    ".rpai/config",
    "current_profile: p\nprofiles:\n  p:\n    relay: maybe\n",
  );
  const { code, stderr } = await world.run([]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, '"profiles.p.relay" is not true or false');
  assertStringIncludes(stderr, "line 4");
});

Deno.test("the relay's requests outlive tokens, and an issuer that is down for a while", async () => {
  await using issuer = startLoopbackIssuer({
    accessTokenSeconds: 2,
    clients: { ci: "ci-secret-under-test" },
  });
  await using gateway = startLoopbackGateway({
    accepts: (token) => issuer.isValid(token),
    providers: [{ name: "managed", type: "anthropic" }],
  });
  await using world = await makeWorld();
  await world.write(
    ".rpai/config",
    `current_profile: p
profiles:
  p:
    ai_gateway_url: ${gateway.url}
    auth_mode: client_credentials
    llm_provider: managed
    auth:
      issuer: ${issuer.url}
`,
  );
  const beside = await client(
    world,
    `const url = Deno.env.get("ANTHROPIC_BASE_URL");
const path = Deno.env.get("ANTHROPIC_UNIX_SOCKET");
const client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
console.log(JSON.stringify(Deno.env.toObject()));
for (;;) {
  const answer = await fetch(url + "/v1/models", { client });
  console.log(answer.status, (await answer.text()).replaceAll("\\n", " "));
  await new Promise((done) => setTimeout(done, 100));
}
`,
  );
  await world.fakeClaude(`exec ${beside}`);
  const child = world.start([], {
    env: {
      RPAI_CLIENT_ID: "ci",
      RPAI_CLIENT_SECRET: "ci-secret-under-test",
    },
  });
  const lines = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  const reader = lines.getReader();
  const next = async () => (await reader.read()).value ?? "the end";
  const until = async (isIt: (line: string) => boolean) => {
    for (;;) {
      const line = await next();
      if (isIt(line)) return line;
      assertMatch(line, /^(?:200|503) /);
    }
  };
  const inherited = await next();
  const granted = () =>
    new Set(gateway.requests.map(({ headers }) => headers.authorization));
  await until(() => granted().size > 2);
  issuer.fault("discovery", "500");
  issuer.fault("token", "500");
  const down = await until((line) => line.startsWith("503 "));
  assertStringIncludes(down, "ai-claude relay: no gateway token");
  issuer.fault("discovery", undefined);
  issuer.fault("token", undefined);
  await until((line) => line.startsWith("200 "));
  child.kill("SIGTERM");
  await reader.cancel();
  await child.stderr.cancel();
  assertEquals((await child.status).code, 143);
  for (const token of granted()) {
    assert(!inherited.includes(token.replace("Bearer ", "")));
  }
  assert(!inherited.includes("ci-secret-under-test"));
});

Deno.test({
  name:
    "passthrough: Claude Code ends with a launcher that is killed, whose port anybody may take",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using gateway = startGateway();
    await using world = await makeWorld();
    await world.fakeClaude(
      'echo $$ > "$HOME/pid.new"; mv "$HOME/pid.new" "$HOME/pid"; exec sleep 600',
    );
    const child = world.start(
      ["-s", gateway.url, "-L", "passthrough", "--relay"],
      { env: { RPAI_TOKEN: TOKEN } },
    );
    const pid = await eventually(
      "it started",
      () => Deno.readTextFile(`${world.home}/pid`).catch(() => undefined),
    );
    child.kill("SIGKILL");
    await child.output();
    await eventually("it ended", async () => {
      const { success } = await new Deno.Command("kill", {
        args: ["-0", pid.trim()],
        stderr: "null",
      }).output();
      return success ? undefined : true;
    });
  },
});

/** Splits text into lines. */
class TextLineStream extends TransformStream<string, string> {
  /** Makes one. */
  constructor() {
    let rest = "";
    super({
      transform(chunk, controller) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
      },
    });
  }
}
