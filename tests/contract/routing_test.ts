/**
 * Contract with the real Claude Code: a launch cannot be rerouted, whatever the
 * environment and the settings files on disk say.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Mode } from "../../lib/gateway/mode.ts";
import { ROUTING_RULES } from "../../lib/launch/routing.ts";
import {
  type Arena,
  assertRouted,
  inParallel,
  makeArena,
  MODES,
  providerUrl,
  RIVAL,
  SUBSCRIPTION,
} from "./arena.ts";
import { fact } from "./fact.ts";
import { plainClaude } from "./plain_claude.ts";
import { sessionEnv, SHOW_ENV, UNSEEN } from "./session_env.ts";
import { type Scope, SCOPE_NAMES, SCOPES, storeLogin } from "./settings.ts";

/** With this one no hook runs. */
const NO_HOOKS = "CLAUDE_CODE_SIMPLE";

/** Claude Code takes these from no settings file of a project. */
const NOT_OF_A_PROJECT = [
  "ANTHROPIC_CONFIG_DIR",
  "CLAUDE_CODE_CUSTOM_OAUTH_URL",
  "CLAUDE_CODE_OAUTH_REFRESH_TOKEN",
  "CLAUDE_CODE_OAUTH_SCOPES",
];

/** Whether a hook shows which value counts. */
function isSeen(name: string): boolean {
  return name !== NO_HOOKS && !UNSEEN.includes(name);
}

/** Variables that a launch in this mode does not leave to the user. */
function guarded(mode: Mode): string[] {
  return ROUTING_RULES
    .filter(({ action }) => ["set", "scrub"].includes(action[mode]))
    .flatMap(({ match }) => match instanceof RegExp ? [] : [...match]);
}

const SWITCH = /_USE_|_SKIP_|MANAGED_BY_HOST|_SIMPLE/;

/** A value that would do harm, and that no launch sets itself. */
function hostileValue(name: string, { rival }: Arena): string {
  if (/URL$/.test(name)) return `${providerUrl(rival, "rival")}/${name}`;
  if (SWITCH.test(name)) return "true";
  if (/FILE_DESCRIPTOR$/.test(name)) return "7";
  if (/SOCKET$|FILE$/.test(name)) return `/nonexistent/${name}`;
  return `${RIVAL}-${name}`;
}

function hostileEnv(
  names: readonly string[],
  arena: Arena,
): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [name, hostileValue(name, arena)]),
  );
}

/** What the user exports; one of them would be refused there, not removed. */
function inheritable(env: Record<string, string>): Record<string, string> {
  const { [NO_HOOKS]: _, ...rest } = env;
  return rest;
}

/** Writes the settings of a scope, and a hook that shows what counts. */
async function writeSettings(
  { world }: Arena,
  scope: Scope,
  settings: object,
): Promise<void> {
  await world.write(SCOPES.user, SHOW_ENV);
  const more = scope === "user" ? SHOW_ENV : {};
  await world.write(SCOPES[scope], { ...settings, ...more });
}

/** Which of the values came through to a session. */
async function arrived(
  { world }: Arena,
  env: Record<string, string>,
): Promise<string[]> {
  const session = await sessionEnv(world);
  return Object.keys(env).filter((name) => session.get(name) === env[name]);
}

/** A launch holds against variables of a scope, and of the environment or not. */
async function assertWithstands(
  mode: Mode,
  scope: Scope,
  names: readonly string[],
  options: { inherited: boolean; apiKeyHelper?: string },
): Promise<void> {
  const { inherited, apiKeyHelper } = options;
  await using arena = await makeArena();
  const env = hostileEnv(names, arena);
  await writeSettings(arena, scope, { apiKeyHelper, env });
  const session = await arena.prompt(mode, {
    env: inherited ? inheritable(env) : {},
  });
  try {
    assertRouted(arena, mode, session);
    assertEquals(await arrived(arena, env), []);
  } catch (cause) {
    const what = names.length === 1 ? names[0] : `${names.length} variables`;
    throw new Error(`${what} at ${scope} scope: ${cause}`, { cause });
  }
}

Deno.test("control: without a launch each rival variable counts, and a hook shows it", async () => {
  const names = [...new Set(MODES.flatMap(guarded))]
    .filter((name) => name !== NO_HOOKS);
  await inParallel([...SCOPE_NAMES, undefined], async (scope) => {
    await using arena = await makeArena();
    // Exported, some of the unseen ones hide others.
    const env = hostileEnv(scope ? names : names.filter(isSeen), arena);
    await writeSettings(arena, scope ?? "user", scope ? { env } : {});
    await plainClaude(arena.world, {
      CLAUDE_CODE_MAX_RETRIES: "0",
      ...(scope ? {} : env),
    });
    const seen = await arrived(arena, env);
    fact(
      `which variables of ${scope ?? "the environment"} no hook sees`,
      scope === undefined
        ? []
        : scope === "user"
        ? UNSEEN.toSorted()
        : [...UNSEEN, ...NOT_OF_A_PROJECT].sort(),
      Object.keys(env).filter((name) => !seen.includes(name)).sort(),
    );
  });
});

for (const mode of MODES) {
  Deno.test(`${mode} answers in a home with nothing in it`, async () => {
    await using arena = await makeArena();
    assertRouted(arena, mode, await arena.prompt(mode));
  });

  Deno.test(`${mode} withstands every rival variable at once, per settings scope`, async () => {
    await inParallel(
      SCOPE_NAMES,
      (scope) =>
        assertWithstands(mode, scope, guarded(mode), {
          inherited: false,
          apiKeyHelper: `echo ${RIVAL}`,
        }),
    );
  });

  Deno.test(`${mode} withstands every rival variable at once, inherited`, async () => {
    await using arena = await makeArena();
    await arena.world.write(SCOPES.user, SHOW_ENV);
    const env = inheritable(hostileEnv(guarded(mode), arena));
    assertRouted(arena, mode, await arena.prompt(mode, { env }));
    assertEquals(await arrived(arena, env), []);
  });

  // A rival variable may only bite when others do not get in its way.
  Deno.test(`${mode} withstands each kind of rival variable, an apiKeyHelper and switches that nobody knows yet, per settings scope`, async () => {
    const names = guarded(mode).filter(isSeen);
    const addresses = names.filter((name) => /URL$/.test(name));
    const switches = names.filter((name) => SWITCH.test(name));
    const credentials = names.filter((name) =>
      !addresses.includes(name) && !switches.includes(name)
    );
    const unknown = [
      "CLAUDE_CODE_USE_SOMETHING_NEW",
      "CLAUDE_CODE_SKIP_SOMETHING_NEW_AUTH",
      "ANTHROPIC_SOMETHING_NEW_BASE_URL",
    ];
    const kinds = [credentials, addresses, switches];
    await inParallel(
      [...kinds.entries()],
      ([index, kind]) =>
        assertWithstands(mode, SCOPE_NAMES[index], [...kind, ...unknown], {
          inherited: true,
          apiKeyHelper: `echo ${RIVAL}`,
        }),
    );
  });

  Deno.test(`${mode} withstands each rival variable alone that no hook sees`, async () => {
    const cases = guarded(mode)
      .filter((name) => !isSeen(name))
      .map((name, index) => ({
        name,
        scope: SCOPE_NAMES[index % SCOPE_NAMES.length],
      }));
    await inParallel(
      cases,
      ({ name, scope }) =>
        assertWithstands(mode, scope, [name], { inherited: true }),
    );
  });
}

Deno.test("managed keeps a stored subscription private", async () => {
  await using arena = await makeArena();
  await storeLogin(arena.world);
  assertRouted(arena, "managed", await arena.prompt("managed"));
  const carriers = arena.gateway.requests.filter((request) =>
    JSON.stringify(request).includes(SUBSCRIPTION)
  );
  assertEquals(carriers, []);
});

Deno.test("passthrough uses the stored subscription", async () => {
  await using arena = await makeArena();
  await storeLogin(arena.world);
  const env = { CLAUDE_CODE_OAUTH_TOKEN: "" };
  assertRouted(
    arena,
    "passthrough",
    await arena.prompt("passthrough", { env }),
  );
});
