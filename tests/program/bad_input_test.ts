/**
 * Whatever is wrong, the user gets one `error:` line, a `hint:`, the exit code
 * of the contract and nothing else: no stack, no output, no file, no token on
 * the screen, and no Claude Code.
 *
 * @module
 */

import {
  assertEquals,
  assertFalse,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import {
  BAD_INPUT,
  type BadInput,
  PROVIDERS,
  TOKEN,
} from "./bad_input_cases.ts";
import { inParallel } from "../support/in_parallel.ts";
import { runInProcess } from "../support/in_process.ts";
import { type Ended, makeWorld, type World } from "../support/program.ts";
import { ANSWER_PROBE } from "../support/stand_ins.ts";
import { strictTest } from "../support/strict_test.ts";
import { freePort, serveBytes, serveHttp } from "../support/servers.ts";

for (const [table, inputs] of Object.entries(BAD_INPUT)) {
  for (const input of inputs) {
    strictTest(`bad input, ${table}: ${input.name}`, () => check(input));
  }
}

strictTest("bad input, gateway: nothing listens there", async () => {
  const port = freePort();
  const gateway = `http://127.0.0.1:${port}`;
  await using world = await strictWorld();
  const ended = await world.run(["-L", "anthropic", "-s", gateway]);
  assertError(ended, 5, [gateway, "refused"]);
  assertEquals(await world.files(), ["bin/claude"]);
});

strictTest(
  "bad input, gateway: TLS with a server in clear text",
  async () => {
    await using server = serveHttp(() => new Response());
    const gateway = server.url.replace("http:", "https:");
    await using world = await strictWorld();
    const ended = await world.run(["-L", "anthropic", "-s", gateway]);
    assertError(ended, 5, [gateway]);
  },
);

strictTest("bad input, gateway: hangs up within the answer", async () => {
  await using world = await strictWorld();
  const head = "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n";
  using cut = serveBytes(`${head}{"llmProvider":`, "hang up");
  using mute = serveBytes("", "hang up");
  using garbage = serveBytes("SSH-2.0-OpenSSH_9.6\r\n", "hang up");
  await inParallel([cut, mute, garbage], async ({ url }) => {
    const ended = await world.run(["-L", "anthropic", "-s", url]);
    assertError(ended, 5, [url]);
  });
});

for (const status of [301, 302, 303, 307, 308]) {
  strictTest(
    `bad input, gateway: redirect ${status} gets nothing`,
    async () => {
      const seen: string[] = [];
      await using target = serveHttp((request) => {
        seen.push(request.url);
        return new Response();
      });
      const location = `${target.url}/elsewhere`;
      await using gateway = serveHttp(() =>
        new Response(null, { status, headers: { location } })
      );
      await using world = await strictWorld();
      const ended = await world.run(["-L", "anthropic", "-s", gateway.url]);
      assertError(ended, 5, [gateway.url, `${status}`, location]);
      assertEquals(seen, []);
    },
  );
}

/** Runs one case, prints it as JSON, too, and checks all that the contract says. */
async function check(input: BadInput): Promise<void> {
  await using gateway = input.gateway === undefined
    ? startLoopbackGateway({ providers: PROVIDERS })
    : serveHttp(input.gateway);
  await using world = await strictWorld();
  const fill = (text: string) =>
    text.replaceAll("{home}", world.home).replaceAll("{gateway}", gateway.url);
  for (const [path, content] of Object.entries(input.files ?? {})) {
    await world.write(path, fill(content));
  }
  await input.prepare?.(world);
  const before = await snapshot(world);

  const env = Object.fromEntries(
    Object.entries(input.env ?? {}).map(([name, text]) => [name, fill(text)]),
  );
  const args = input.args.map(fill);
  const text = await world.run(args, { env });

  assertError(text, input.exit, input.error.map(fill), {
    hint: input.hint?.map(fill),
    hidden: input.hidden,
  });
  if (!input.textOnly) {
    // In this process: another one would differ in the format alone.
    const json = await runInProcess(
      ["-o", "json", ...args],
      { ...world.env, ...env },
      { cwd: () => world.project },
    );
    assertEquals(json.code, input.exit, json.stderr);
    assertEquals(json.stdout, "");
    assertMatch(json.stderr, /^\{.+\}\n$/);
    const [message, hint] = text.stderr.split("\n").map((line) =>
      line.replace(/^\w+: /, "")
    );
    // A hint repeats the command line, to which this one adds the format.
    const object = JSON.parse(json.stderr.replace(" -o json", ""));
    const { code } = object.error;
    assertEquals(object, { error: { code, message, hint } });
    assertMatch(code, /^[a-z]+(_[a-z]+)*$/);
    assertNotEquals(code, "bug");
  }
  assertEquals(await snapshot(world), before);
}

/** One `error:` line, one `hint:` line, and nothing else. */
function assertError(
  ended: Ended,
  exit: number,
  error: string[],
  more: { hint?: string[]; hidden?: string[] } = {},
): void {
  assertEquals(ended.code, exit, ended.stderr);
  assertEquals(ended.stdout, "");
  assertMatch(ended.stderr, /^error: .+\nhint: .+\n$/);
  // deno-lint-ignore no-control-regex -- control characters are the point
  assertNotMatch(ended.stderr, /[\u0000-\u0009\u000b-\u001f\u007f]/);
  assertNotMatch(ended.stderr, /this is a bug|fetch failed$|^\s+at /m);
  const [errorLine, hintLine] = ended.stderr.split("\n");
  for (const part of error) assertStringIncludes(errorLine, part);
  for (const part of more.hint ?? []) assertStringIncludes(hintLine, part);
  for (const secret of [TOKEN, ...more.hidden ?? []]) {
    assertFalse(ended.stderr.includes(secret), ended.stderr);
  }
}

/** A world with a token, whose `claude` leaves a mark when it is started. */
async function strictWorld(): Promise<World> {
  const world = await makeWorld();
  await world.fakeClaude(`${ANSWER_PROBE}\n: > "\${0%/*}/started"`);
  world.env.RPAI_TOKEN = TOKEN;
  return world;
}

/** Every file below the home directory with its content. */
async function snapshot(world: World): Promise<[string, string][]> {
  return await Promise.all((await world.files()).map(async (path) => {
    const full = `${world.home}/${path}`;
    const { isSymlink } = await Deno.lstat(full);
    const text = isSymlink
      ? await Deno.readLink(full)
      : await Deno.readTextFile(full);
    return [path, text] as [string, string];
  }));
}
