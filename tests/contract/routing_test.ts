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
  assertRouted,
  inParallel,
  makeArena,
  MODES,
  RIVAL,
  type Scope,
  SCOPES,
  SUBSCRIPTION,
} from "./arena.ts";

const SCOPE_NAMES = Object.keys(SCOPES) as Scope[];

/** Variables that a launch in this mode does not leave to the user. */
function guarded(mode: Mode): string[] {
  return ROUTING_RULES
    .filter(({ action }) => ["set", "scrub"].includes(action[mode]))
    .flatMap(({ match }) => match instanceof RegExp ? [] : [...match]);
}

/** A value that would do harm. */
function hostileValue(name: string, rivalUrl: string): string {
  if (/URL$/.test(name)) return `${rivalUrl}/llm/v1/providers/rival`;
  if (/_USE_|_SKIP_|MANAGED_BY_HOST|_SIMPLE/.test(name)) return "1";
  if (/FILE_DESCRIPTOR$/.test(name)) return "7";
  if (/SOCKET$|FILE$/.test(name)) return "/nonexistent/rival";
  return RIVAL;
}

/** Variables that are refused, not removed, where the user exports them. */
const REFUSED_IN_ENV = ["CLAUDE_CODE_SIMPLE"];

function inheritable(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !REFUSED_IN_ENV.includes(name)),
  );
}

function hostileEnv(mode: Mode, rivalUrl: string): Record<string, string> {
  return Object.fromEntries(
    guarded(mode).map((name) => [name, hostileValue(name, rivalUrl)]),
  );
}

for (const mode of MODES) {
  Deno.test(`${mode} answers in a home with nothing in it`, async () => {
    await using arena = await makeArena();
    assertRouted(arena, mode, await arena.prompt(mode));
  });

  Deno.test(`${mode} withstands every rival variable at once, per settings scope`, async () => {
    await inParallel(SCOPE_NAMES, async (scope) => {
      await using arena = await makeArena();
      await arena.world.write(SCOPES[scope], {
        apiKeyHelper: `echo ${RIVAL}`,
        env: hostileEnv(mode, arena.rival.url),
      });
      assertRouted(arena, mode, await arena.prompt(mode));
    });
  });

  Deno.test(`${mode} withstands every rival variable at once, inherited`, async () => {
    await using arena = await makeArena();
    const env = inheritable(hostileEnv(mode, arena.rival.url));
    assertRouted(arena, mode, await arena.prompt(mode, { env }));
  });

  // A rival variable may only bite when the others do not get in its way.
  Deno.test(`${mode} withstands each rival variable alone`, async () => {
    const cases = guarded(mode).map((name, index) => ({
      name,
      scope: SCOPE_NAMES[index % SCOPE_NAMES.length],
    }));
    await inParallel(cases, async ({ name, scope }) => {
      await using arena = await makeArena();
      const env = { [name]: hostileValue(name, arena.rival.url) };
      await arena.world.write(SCOPES[scope], { env });
      try {
        const inherited = inheritable(env);
        const session = await arena.prompt(mode, { env: inherited });
        assertRouted(arena, mode, session);
      } catch (error) {
        throw new Error(`${name} at ${scope} scope`, { cause: error });
      }
    });
  });

  Deno.test(`${mode} withstands an apiKeyHelper on disk, per settings scope`, async () => {
    await inParallel(SCOPE_NAMES, async (scope) => {
      await using arena = await makeArena();
      await arena.world.write(SCOPES[scope], { apiKeyHelper: `echo ${RIVAL}` });
      assertRouted(arena, mode, await arena.prompt(mode));
    });
  });

  Deno.test(`${mode} withstands a provider switch that nobody knows yet`, async () => {
    await using arena = await makeArena();
    const env = {
      CLAUDE_CODE_USE_SOMETHING_NEW: "1",
      CLAUDE_CODE_SKIP_SOMETHING_NEW_AUTH: "1",
      ANTHROPIC_SOMETHING_NEW_BASE_URL: arena.rival.url,
    };
    await arena.world.write(SCOPES.project, { env });
    assertRouted(arena, mode, await arena.prompt(mode, { env }));
  });
}

Deno.test("managed keeps a stored subscription private", async () => {
  await using arena = await makeArena();
  await arena.world.write(".claude/.credentials.json", storedLogin());
  assertRouted(arena, "managed", await arena.prompt("managed"));
  const carriers = arena.gateway.requests.filter((request) =>
    JSON.stringify(request).includes(SUBSCRIPTION)
  );
  assertEquals(carriers, []);
});

Deno.test("passthrough uses the stored subscription", async () => {
  await using arena = await makeArena();
  await arena.world.write(".claude/.credentials.json", storedLogin());
  const env = { CLAUDE_CODE_OAUTH_TOKEN: "" };
  assertRouted(
    arena,
    "passthrough",
    await arena.prompt("passthrough", { env }),
  );
});

/** A login as `/login` stores it, valid for an hour. */
function storedLogin(): object {
  return {
    claudeAiOauth: {
      accessToken: SUBSCRIPTION,
      refreshToken: "sk-ant-ort01-under-test",
      expiresAt: Date.now() + 3_600_000,
      scopes: ["user:inference", "user:profile"],
      subscriptionType: "max",
    },
  };
}
