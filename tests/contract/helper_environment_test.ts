/**
 * Contract with the real Claude Code: what of a settings file's variables gets
 * to the program that prints the credential.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { World } from "../support/program.ts";
import { fakeRpk } from "../support/stand_ins.ts";
import { type Arena, inParallel, makeArena } from "./arena.ts";
import { fact } from "./fact.ts";
import { unguardedClaude } from "./plain_claude.ts";
import { SCOPES, writeProfile } from "./settings.ts";

/** What would run code in a helper, or change what it trusts, reads or prints. */
const NAMES = [
  ...["NODE_OPTIONS", "BUN_OPTIONS", "BUN_CONFIG_VERBOSE_FETCH"],
  ...["BASH_ENV", "ENV", "LD_PRELOAD", "LD_LIBRARY_PATH"],
  ...["DYLD_INSERT_LIBRARIES", "DENO_DIR", "DENO_CERT", "DENO_V8_FLAGS"],
  ...["DENO_AUTH_TOKENS", "JSR_URL", "NPM_CONFIG_REGISTRY"],
  ...["npm_config_registry", "SSL_CERT_FILE", "SSL_CERT_DIR"],
  ...["NODE_EXTRA_CA_CERTS", "NODE_TLS_REJECT_UNAUTHORIZED"],
];

/** What a helper does without, or is told in its arguments. */
const OTHERS = ["PATH", "SHELL", "RPAI_CONFIG", "RPAI_PROFILE"];

/** What Claude Code takes from the user's settings alone. */
const FROM_USERS = ["HOME", "XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR"];

const ALL = [...NAMES, ...OTHERS, ...FROM_USERS];

/** A folder with programs that leave a mark when somebody runs them. */
const EVIL = "project/evil";

async function writeEvil(world: World): Promise<Record<string, string>> {
  const dir = `${world.home}/${EVIL}`;
  const mark = `touch ${world.home}/ran-`;
  for (const name of ["deno", "env", "rpk", "sh", "wc"]) {
    await world.write(`${EVIL}/${name}`, `#!/bin/sh\n${mark}${name}\n`, 0o755);
  }
  const script = await world.write(`${EVIL}/profile`, `${mark}profile\n`);
  const code = await world.write(
    `${EVIL}/evil.cjs`,
    `require("node:fs").writeFileSync("${world.home}/ran-evil.cjs", "");`,
  );
  return {
    ...Object.fromEntries(ALL.map((name) => [name, `${dir}/${name}`])),
    PATH: `${dir}:/usr/bin:/bin`,
    NODE_OPTIONS: `--require ${code}`,
    DENO_V8_FLAGS: "--no-opt",
    BASH_ENV: script,
    ENV: script,
  };
}

/** A script's lines that write down each run's environment. */
const record = (home: string) =>
  `echo x >> ${home}/runs
run=$(/usr/bin/wc -l < ${home}/runs)
/usr/bin/env -0 > ${home}/run-$((run))
printf 'token-%s\\n' "$((run))"`;

/** Which of the variables a run had from the file. */
async function reached(
  { home }: World,
  run: number,
  env: Record<string, string>,
): Promise<string[]> {
  const text = await Deno.readTextFile(`${home}/run-${run}`);
  const seen = text.split("\0");
  return ALL.filter((name) => seen.includes(`${name}=${env[name]}`));
}

async function ran(world: World): Promise<string[]> {
  return (await world.files()).filter((file) => file.startsWith("ran-"));
}

/** The statuses that the gateway answered with. */
const statuses = ({ gateway }: Arena) =>
  gateway.requests.filter(({ kind }) =>
    kind === "messages" || kind === "bedrock"
  )
    .map(({ status }) => status);

Deno.test("control: without a launch, a helper that runs again gets a project's variables, and the user's from the start", async () => {
  await inParallel(["project", "user"] as const, async (scope) => {
    await using arena = await makeArena({}, {
      accepts: (token) => token === "token-2",
    });
    const { world } = arena;
    const env = await writeEvil(world);
    await world.write(SCOPES[scope], { env });
    const helper = await world.write(
      "helper",
      `#!/bin/sh\n${record(world.home)}\n`,
      0o755,
    );
    // Something of the helper's that reads what a runtime does.
    const apiKeyHelper = `${Deno.execPath()} eval ""; ${helper}`;
    await unguardedClaude(arena, { apiKeyHelper });
    assertEquals(statuses(arena), [401, 200]);
    fact(
      `which variables of ${scope} settings get to a helper, run by run`,
      scope === "user" ? [ALL, ALL] : [[], [...NAMES, ...OTHERS]],
      [await reached(world, 1, env), await reached(world, 2, env)],
    );
    fact(
      `what runs a project's code, besides (${scope})`,
      ["ran-evil.cjs"],
      await ran(world),
    );
  });
});

/** What the user's own settings may say to everything that a session starts. */
const USERS_OWN = [
  ...OTHERS,
  ...["BASH_ENV", "ENV", "BUN_OPTIONS", "BUN_CONFIG_VERBOSE_FETCH"],
  ...["DENO_AUTH_TOKENS", "npm_config_registry"],
  ...["NODE_EXTRA_CA_CERTS", "NODE_TLS_REJECT_UNAUTHORIZED"],
];

Deno.test("a launch's helper that runs again gets nothing of a project's that could change it, nor another home of the user's", async () => {
  const cases = [
    { mode: "managed", scope: SCOPES.project, harmless: OTHERS },
    { mode: "bedrock", scope: SCOPES.local, harmless: OTHERS },
    { mode: "managed", scope: SCOPES.user, harmless: USERS_OWN },
  ] as const;
  await inParallel(cases, async ({ mode, scope, harmless }) => {
    // The launch has the first one, and Claude Code is told to ask once more.
    await using arena = await makeArena({}, {
      accepts: (token) => token === "token-1" || token === "token-3",
    });
    const { world } = arena;
    const env = await writeEvil(world);
    await world.write(scope, { env });
    await fakeRpk(world, record(world.home));
    await writeProfile(world, { auth_mode: "rpk" });
    const { code, stdout, stderr } = await arena.prompt(mode, {
      env: { RPAI_TOKEN: "" },
    });
    assertEquals({ code, stdout: stdout.trim() }, {
      code: 0,
      stdout: `Hello from the embedded gateway (${mode}).`,
    }, stderr);
    assertEquals(statuses(arena), [401, 200]);
    for (const run of [2, 3]) {
      const changed = (await reached(world, run, env))
        .filter((name) => !harmless.includes(name));
      assertEquals(changed, [], `${scope}, run ${run}`);
    }
    if (scope !== SCOPES.user) assertEquals(await ran(world), []);
  });
});
