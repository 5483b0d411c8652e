/**
 * The published program: installed and run from a registry, in folders that want
 * to take it over, launching the real Claude Code.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import type { Mode } from "../../lib/gateway/mode.ts";
import { listFiles, MAIN } from "../support/program.ts";
import { posixTest } from "../support/strict_test.ts";
import { inParallel, MODES, QUIET, SUBSCRIPTION } from "../contract/arena.ts";
import { makeIssuedArena } from "../contract/conversation.ts";
import { hostileFolders, TAKEN, writeFolder } from "./hostile_folder.ts";
import { makePublished, type Published, type Way, WAYS } from "./published.ts";

const { version } = manifest;

/** Paths of this package's modules that were asked for, without the version. */
function modulesAsked({ registry }: Pick<Published, "registry">): string[] {
  const prefix = `/${registry.specifier.replace(/@(?=\d)/, "/")}/`;
  return registry.asked.filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length));
}

/** Installs it in all three ways; asserts what is fetched, and when. */
async function firstRuns(place: Published): Promise<void> {
  const { registry, root, run } = place;
  const cwd = `${root}/empty`;
  await Deno.mkdir(cwd);
  const expected = { code: 0, stdout: `ai-claude ${version}\n` };
  const first = await run("run", ["--version"], { cwd });
  assertEquals({ code: first.code, stdout: first.stdout }, expected);
  assertEquals(registry.asked.length, new Set(registry.asked).size);
  const modules = modulesAsked(place);
  // Claude Code runs it, with nobody there to wait for a download.
  assert(modules.includes("lib/auth/helper.ts"), "the helper is there");
  const rare = manifest.compile.include;
  assertEquals(modules.filter((path) => rare.includes(path)), []);

  const before = registry.asked.length;
  const env = { HOME: `${root}/other-home` };
  const add = ["profile", "add", "p", "--ai-gateway-url", "https://gw.test"];
  const added = await run("run", add, { cwd, env });
  assertEquals(added.code, 0, added.stderr);
  assertEquals(modulesAsked(place).slice(modules.length), [
    "lib/profile/config_edit.ts",
  ]);
  assertEquals(registry.asked.length, before + 1);

  const { code, stdout, stderr } = await run("x", ["--version"], { cwd });
  assertEquals({ code, stdout }, expected, stderr);
  const installed = await place.install();
  assertEquals(installed.code, 0, installed.stderr);
  await assertLocked(place);
  assertEquals(await listFiles(cwd), []);
}

/** Asserts that the installed command keeps the versions that were published. */
async function assertLocked({ registry, root }: Published): Promise<void> {
  assertEquals(modulesAsked({ registry }).includes("deno.lock"), true);
  const [published, installed] = await Promise.all(
    [
      new URL("../../deno.lock", import.meta.url),
      `${root}/installed/bin/.ai-claude/deno.lock`,
    ]
      .map(async (path) => JSON.parse(await Deno.readTextFile(path))),
  );
  const pinned = Object.entries(published.specifiers)
    .filter(([name]) => name in installed.specifiers);
  assert(pinned.length > 3, Deno.inspect(installed.specifiers));
  for (const [name, locked] of pinned) {
    assertEquals([name, installed.specifiers[name]], [name, locked]);
  }
}

/** Asserts that a hostile folder has no say, nor is written to. */
async function inHostileFolders(
  place: Published,
  registryUrl: string,
): Promise<void> {
  const folders = hostileFolders(registryUrl);
  await inParallel(folders, async (folder) => {
    const cwd = await writeFolder(`${place.root}/hostile`, folder);
    const files = await listFiles(cwd);
    for (const way of WAYS) {
      const { code, stdout, stderr } = await place.run(way, ["--versoin"], {
        cwd,
      });
      assertEquals([way, code, stdout], [way, 2, ""], stderr);
      assertStringIncludes(stderr, "did you mean --version?");
      assertEquals(await listFiles(cwd), files, `${folder.name}, ${way}`);
    }
    // Control: what --no-config keeps out.
    const obeying = await place.deno(
      ["run", "-A", "jsr:@rp/ai-claude", "--version"],
      { cwd },
    );
    const fate = obeying.stdout.includes(TAKEN)
      ? "taken over"
      : obeying.code === 0
      ? "unharmed"
      : "broken";
    assertEquals(fate, folder.fate, `${folder.name}: ${obeying.stderr}`);
  });
}

/** The mode in which each way is tried with the relay too. */
const RELAYED: Readonly<Record<Way, Mode>> = {
  run: "managed",
  x: "passthrough",
  install: "bedrock",
};

/** Signs in and launches Claude Code in every mode, in a hostile folder. */
async function launches(place: Published, way: Way): Promise<void> {
  await using issued = await makeIssuedArena("device", "managed", {
    accessTokenSeconds: 3600,
    device: { interval: 0.05, outcome: "approve" },
  });
  const { arena: { world, gateway }, accepted } = issued;
  const { HOME, TMPDIR, AI_CLAUDE_BIN } = world.env;
  const cwd = `${place.root}/hostile/imports`;
  const files = await listFiles(cwd);
  const run = (args: string[], env: Record<string, string> = {}) =>
    place.run(way, args, { cwd, env: { HOME, TMPDIR, AI_CLAUDE_BIN, ...env } });
  const signedIn = await run(["auth", "login", "--no-browser"]);
  assertEquals(signedIn.code, 0, signedIn.stderr);
  const launch = async (mode: Mode, relay: boolean) => {
    const before = gateway.requests.length;
    const { code, stdout, stderr } = await run(
      ["-L", mode, relay ? "--relay" : "--no-relay", "--", "-p", "hi"],
      mode === "passthrough"
        ? { CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION }
        : QUIET,
    );
    assertEquals({ way, code, stdout: stdout.trim() }, {
      way,
      code: 0,
      stdout: `Hello from the embedded gateway (${mode}).`,
    }, stderr);
    const calls = gateway.requests.slice(before).filter(({ kind }) =>
      kind === "messages" || kind === "bedrock"
    );
    const token = accepted.at(-1);
    assert(calls.length > 0 && token !== undefined);
    const passthrough = mode === "passthrough";
    const bearer = passthrough ? SUBSCRIPTION : token;
    assertEquals(
      calls.map(({ status, headers }) => [
        status,
        headers.authorization,
        headers["x-redpanda-cloud-token"],
      ]),
      calls.map(() => [
        200,
        `Bearer ${bearer}`,
        passthrough ? token : undefined,
      ]),
    );
  };
  for (const mode of MODES) await launch(mode, false);
  await launch(RELAYED[way], true);
  assertEquals(await listFiles(cwd), files);
}

/** A command installed from a checkout says what works, and that does. */
async function fromCheckout(place: Published): Promise<void> {
  const installed = await place.install(MAIN);
  assertEquals(installed.code, 0, installed.stderr);
  const cwd = `${place.root}/empty`;
  const { code, stdout, stderr } = await place.run("install", ["--version"], {
    cwd,
  });
  assertEquals({ code, stdout }, { code: 1, stdout: "" });
  const [, command] = /^error: cannot run file:.*\nhint: .*for: (.*)\n$/
    .exec(stderr) ?? [];
  assert(command !== undefined, stderr);
  const alias = await new Deno.Command("/bin/sh", {
    args: ["-c", `${command} --version`],
    cwd,
  }).output();
  assertEquals(
    new TextDecoder().decode(alias.stdout),
    `ai-claude ${version}\n`,
  );
}

posixTest(
  "the program as published, in all the ways that people run it",
  async () => {
    await using place = await makePublished();
    const { registry } = place;
    await firstRuns(place);
    await registry[Symbol.asyncDispose]();
    // From here on there is no registry: offline after the first run.
    await inHostileFolders(place, registry.url);
    await inParallel([...WAYS], (way) => launches(place, way));
    await fromCheckout(place);
  },
);
