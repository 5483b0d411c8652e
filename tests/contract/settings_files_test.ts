/**
 * Contract with the real Claude Code: of a damaged or odd settings file, the
 * inspection sees what the client takes from it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { readSettings, settingsEnv } from "../../lib/claude/claude_settings.ts";
import { denoSys } from "../../lib/system/deno_sys.ts";
import type { Check } from "../../lib/commands/doctor/check.ts";
import {
  assertRouted,
  GATEWAY_TOKEN,
  inParallel,
  makeArena,
  providerUrl,
  QUIET,
  RIVAL,
} from "./arena.ts";
import { fact } from "./fact.ts";
import { plainClaude } from "./plain_claude.ts";
import { sessionEnv, SHOW_ENV } from "./session_env.ts";
import { SCOPE_NAMES, SCOPES } from "./settings.ts";
import { MAIN, type World } from "../support/program.ts";

type Env = Record<string, string>;

/** Settings with `env`, somehow damaged. */
interface Case {
  name: string;
  /** Whether the client takes `env` from it. */
  taken: boolean;
  /** What is in the file, or what is done instead of writing it. */
  content: (
    env: Env,
  ) => string | Uint8Array | ((path: string) => Promise<void>);
}

const padded = (env: Env, bytes: number) =>
  JSON.stringify({ env, pad: "x".repeat(bytes) });
const nested = (env: Env, depth: number) =>
  `{"env":${JSON.stringify(env)},"pad":${"[".repeat(depth)}${
    "]".repeat(depth)
  }}`;

function utf16(text: string): Uint8Array {
  const units = Array.from(`\ufeff${text}`, (unit) => unit.charCodeAt(0));
  return new Uint8Array(units.flatMap((unit) => [unit & 0xff, unit >> 8]));
}

const CASES: readonly Case[] = [
  { name: "plain", taken: true, content: (env) => JSON.stringify({ env }) },
  { name: "1.9 MiB", taken: true, content: (env) => padded(env, 1_992_294) },
  { name: "2.1 MiB", taken: false, content: (env) => padded(env, 2_202_009) },
  { name: "10 MB", taken: false, content: (env) => padded(env, 10_000_000) },
  { name: "nested", taken: true, content: (env) => nested(env, 100_000) },
  {
    name: "with comments",
    taken: false,
    content: (env) => `// hi\n${JSON.stringify({ env })}`,
  },
  {
    name: "cut off",
    taken: false,
    content: (env) => JSON.stringify({ env }).slice(0, -1),
  },
  {
    name: "with a byte order mark",
    taken: true,
    content: (env) => `\ufeff${JSON.stringify({ env })}`,
  },
  {
    name: "UTF-16",
    taken: true,
    content: (env) => utf16(JSON.stringify({ env })),
  },
  {
    name: "with bytes that are no UTF-8",
    taken: true,
    content: (env) =>
      new TextEncoder().encode(JSON.stringify({ env, pad: "@@" }))
        .map((byte) => byte === 64 ? 0xff : byte),
  },
  {
    name: "binary",
    taken: false,
    content: () => crypto.getRandomValues(new Uint8Array(65_536)),
  },
  {
    name: "with a variable that is no scalar",
    taken: true,
    content: (env) => JSON.stringify({ env: { ...env, X: { a: 1 }, Y: null } }),
  },
  {
    name: "with env as a list",
    taken: false,
    content: (env) => JSON.stringify({ env: [env] }),
  },
  {
    name: "a symbolic link",
    taken: true,
    content: (env) => async (path) => {
      await Deno.writeTextFile(`${path}.real`, JSON.stringify({ env }));
      await Deno.symlink(`${path}.real`, path);
    },
  },
  {
    name: "a loop of symbolic links",
    taken: false,
    content: () => async (path) => {
      await Deno.symlink(path, `${path}.other`);
      await Deno.symlink(`${path}.other`, path);
    },
  },
  {
    name: "a directory",
    taken: false,
    content: () => (path) => Deno.mkdir(path),
  },
  {
    name: "a pipe",
    taken: false,
    content: () => async (path) => {
      await new Deno.Command("mkfifo", { args: [path] }).output();
    },
  },
];

/** A case's file at its place. */
interface Placed extends Case {
  scope: string;
  path: string;
}

/** Some cases at once, one for each scope. */
const TOGETHER: readonly Placed[][] = Array.from(
  { length: Math.ceil(CASES.length / SCOPE_NAMES.length) },
  (_, group) =>
    SCOPE_NAMES.flatMap((scope, index) => {
      const each = CASES[group * SCOPE_NAMES.length + index];
      return each ? [{ ...each, scope, path: SCOPES[scope] }] : [];
    }),
);

/** A file of the client's own, which holds settings too. */
const STATE: Placed = {
  name: "10 MB of the client's own state",
  taken: true,
  content: (env) => padded(env, 10_000_000),
  scope: "state",
  path: ".claude.json",
};

async function place(
  { home }: World,
  { content, path }: Placed,
  env: Env,
): Promise<void> {
  const full = `${home}/${path}`;
  await Deno.mkdir(full.slice(0, full.lastIndexOf("/")), { recursive: true });
  const made = content(env);
  if (typeof made === "function") await made(full);
  else if (typeof made === "string") await Deno.writeTextFile(full, made);
  else await Deno.writeFile(full, made);
}

/** What Claude Code goes by without a launch. */
const PLAIN = { ...QUIET, ANTHROPIC_AUTH_TOKEN: GATEWAY_TOKEN };

Deno.test("the inspection takes from an odd file what Claude Code takes", async () => {
  await inParallel([...TOGETHER, [STATE]], async (cases) => {
    await using arena = await makeArena();
    const { world, gateway, rival } = arena;
    for (const each of cases) {
      await place(world, each, {
        ANTHROPIC_BASE_URL: providerUrl(rival, each.scope),
        [`FROM_${each.scope}`]: "1",
      });
    }
    const files = await readSettings({
      ...denoSys(`file://${MAIN}`),
      env: world.env,
      cwd: () => world.project,
    });
    for (const { name, taken, scope } of cases) {
      const seen = files.some(({ values }) =>
        `FROM_${scope}` in settingsEnv(values, "linux")
      );
      assertEquals({ name, seen }, { name, seen: taken });
    }
    await plainClaude(world, {
      ...PLAIN,
      ANTHROPIC_BASE_URL: providerUrl(gateway, "managed"),
    }, ["--settings", JSON.stringify(SHOW_ENV), "-p", "hi"]);
    const session = await sessionEnv(world);
    for (const { name, taken, scope } of cases) {
      fact(
        `whether a settings file counts that is ${name}`,
        taken,
        session.has(`FROM_${scope}`),
      );
    }
    const winner = cases.findLast(({ taken }) => taken);
    const requests = [...gateway.requests, ...rival.requests];
    assertEquals(
      [...new Set(requests.map(({ path }) => path.split("/")[4]))],
      [winner?.scope ?? "managed"],
    );
  });
});

Deno.test("a launch holds whatever the settings files are", async () => {
  await inParallel(TOGETHER, async (cases) => {
    await using arena = await makeArena();
    for (const each of cases) {
      await place(arena.world, each, {
        ANTHROPIC_BASE_URL: providerUrl(arena.rival, each.scope),
        ANTHROPIC_AUTH_TOKEN: RIVAL,
      });
    }
    try {
      assertRouted(arena, "managed", await arena.prompt("managed"));
    } catch (cause) {
      const names = cases.map(({ name }) => name).join(", ");
      throw new Error(`${names}: ${cause}`, { cause });
    }
  });
});

Deno.test("a file that nobody may read is as good as none", async () => {
  await using arena = await makeArena();
  const { world, rival } = arena;
  const path = await world.write(SCOPES.user, {
    env: { ANTHROPIC_BASE_URL: providerUrl(rival, "rival") },
  });
  // Root reads it all the same, and so does Claude Code then.
  await Deno.chmod(path, 0o000);
  const { code, stdout } = await arena.prompt("managed");
  assertEquals(code, 0, stdout);
  assertEquals(rival.requests, []);
});

Deno.test("a launch holds without HOME, and with a config folder that is none", async () => {
  // Without a home no login is found.
  const machines: [Env, "helper" | "relay"][] = [
    [{ HOME: "", RPAI_TOKEN: GATEWAY_TOKEN }, "relay"],
    [{ CLAUDE_CONFIG_DIR: "../file" }, "helper"],
  ];
  await inParallel(machines, async ([env, carrier]) => {
    await using arena = await makeArena();
    const { world, rival } = arena;
    await world.write("file", "not a directory");
    await world.write(SCOPES.project, {
      env: { ANTHROPIC_BASE_URL: providerUrl(rival, "rival") },
    });
    const session = await arena.prompt("managed", { env });
    assertRouted(arena, "managed", session, carrier);
  });
});

Deno.test("the doctor names a file that Claude Code ignores for one key", async () => {
  const cases: [Record<string, unknown>, what: string | undefined][] = [
    [{ model: "opus", hooks: {}, unknown: [1] }, undefined],
    [{ permissions: { allow: ["Read"], defaultMode: "plan" } }, undefined],
    [{ forceLoginMethod: "claudeai", forceLoginOrgUUID: "x" }, undefined],
    // Bad keys, for which it ignores nothing else.
    [{ hooks: "x", permissions: { allow: [1] } }, undefined],
    [{ model: {} }, '"model" (Expected string, but received object)'],
    [
      { permissions: "x" },
      '"permissions" (Expected object, but received string)',
    ],
    [
      { env: [], model: 7 },
      '"env" (Expected record, but received array), ' +
      '"model" (Expected string, but received number)',
    ],
    [
      { apiKeyHelper: 7 },
      '"apiKeyHelper" (Expected string, but received number)',
    ],
  ];
  await inParallel(cases, async ([values, what]) => {
    await using arena = await makeArena();
    const { world, rival } = arena;
    const path = await world.write(SCOPES.user, {
      env: { ANTHROPIC_BASE_URL: providerUrl(rival, "rival") },
      ...values,
    });
    const { stdout } = await world.run(["doctor", "-o", "json"]);
    const { checks }: { checks: Check[] } = JSON.parse(stdout);
    const ignored = checks.filter(({ message }) =>
      message.includes("ignores the whole file")
    );
    assertEquals(
      ignored.map(({ name, status, message }) => [name, status, message]),
      what === undefined ? [] : [[
        "settings",
        "warn",
        `Claude Code does not accept ${what} in ${path} and ignores the ` +
        "whole file",
      ]],
    );
    await plainClaude(world, {
      ...PLAIN,
      ANTHROPIC_BASE_URL: "http://127.0.0.1:9",
      CLAUDE_CODE_MAX_RETRIES: "0",
    });
    // That is what it does: its address counts, or it does not.
    fact(
      `whether a settings file counts with ${JSON.stringify(values)}`,
      what === undefined,
      rival.requests.length > 0,
    );
  });
});
