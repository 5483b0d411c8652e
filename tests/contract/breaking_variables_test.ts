/**
 * Contract with the real Claude Code: the variables that the doctor warns of end
 * a session, from where the doctor says they do, and only these values.
 *
 * @module
 */

import { BREAKING_VARIABLES } from "../../lib/commands/doctor/breaking_variables.ts";
import type { Mode } from "../../lib/gateway/mode.ts";
import { findOnPath } from "../../lib/system/find_program.ts";
import { denoSys } from "../../lib/system/deno_sys.ts";
import { assertEquals } from "@std/assert";
import { MAIN } from "../support/program.ts";
import { inParallel, makeArena } from "./arena.ts";
import { fact } from "./fact.ts";
import { SCOPES } from "./settings.ts";

/** Values that end a session and values that do not. */
const CASES: Readonly<
  Record<string, { bad: string; good?: string; mode: Mode }>
> = {
  CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE: {
    ...{ bad: "1", good: "x", mode: "managed" },
  },
  CLAUDE_CODE_CLIENT_DATA_URL: { bad: "https://x.example", mode: "bedrock" },
  CLAUDE_CODE_SUBPROCESS_ENV_SCRUB: {
    ...{ bad: "1", good: "0", mode: "managed" },
  },
  CLAUDE_CODE_OAUTH_SCOPES: {
    bad: "user:profile",
    good: "user:profile user:inference",
    mode: "passthrough",
  },
};

const isolates =
  await findOnPath("bwrap", denoSys(`file://${MAIN}`)) !== undefined;

Deno.test("variables that the doctor names end a session, and harmless values do not", async () => {
  assertEquals(
    Object.keys(CASES).sort(),
    BREAKING_VARIABLES.map(({ name }) => name).sort(),
  );
  const harmless = Object.fromEntries(
    Object.entries(CASES).flatMap(([name, { good }]) =>
      good === undefined ? [] : [[name, good]]
    ),
  );
  const sessions = [
    ...BREAKING_VARIABLES.map(({ name, fromProjects }) => ({
      name,
      env: { [name]: CASES[name].bad },
      mode: CASES[name].mode,
      scope: fromProjects ? SCOPES.project : SCOPES.user,
      ends: name !== "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB" || !isolates,
    })),
    {
      ...{ name: "harmless values", env: harmless, ends: false },
      ...{ mode: "passthrough" as const, scope: SCOPES.user },
    },
    {
      name: "from a project",
      env: Object.fromEntries(
        BREAKING_VARIABLES.filter(({ fromProjects }) => !fromProjects)
          .map(({ name }) => [name, CASES[name].bad]),
      ),
      ...{ mode: "passthrough" as const, scope: SCOPES.project, ends: false },
    },
  ];
  await inParallel(sessions, async ({ name, env, mode, scope, ends }) => {
    await using arena = await makeArena();
    await arena.world.write(scope, { env });
    const { calls } = await arena.prompt(mode);
    fact(
      `whether a session asks nobody with ${name}`,
      ends,
      calls.length === 0,
    );
  });
});
