/**
 * Contract with the real Claude Code: the doctor's row about the login of
 * passthrough says what a launch would meet, and writes nothing.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Check } from "../../lib/commands/doctor/check.ts";
import {
  GATEWAY_TOKEN,
  inParallel,
  makeArena,
  RIVAL,
  SUBSCRIPTION,
} from "./arena.ts";
import { rivalSettings, SCOPES, storeLogin } from "./settings.ts";
import { fact } from "./fact.ts";
import type { World } from "../support/program.ts";

/** What a machine has, and what its session in passthrough sends. */
interface Case {
  name: string;
  prepare?(world: World): Promise<unknown>;
  env?: Record<string, string>;
  flags?: string[];
  /** Whether the row is good, and a session gets an answer. */
  signedIn: boolean;
}

const CASES: readonly Case[] = [
  { name: "nothing", signedIn: false },
  { name: "a stored login", prepare: storeLogin, signedIn: true },
  {
    name: "a stored login, and settings elsewhere",
    prepare: storeLogin,
    flags: ["--claude-config-dir", "elsewhere"],
    signedIn: false,
  },
  {
    name: "a token in the environment, which rival settings cannot hide",
    prepare: (world) =>
      world.write(SCOPES.user, rivalSettings({ url: "http://127.0.0.1:9" })),
    env: { CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION },
    signedIn: true,
  },
  {
    name: "a key, which a launch blanks",
    env: { ANTHROPIC_API_KEY: RIVAL },
    signedIn: false,
  },
  {
    name: "a token in the user's settings",
    prepare: (world) =>
      world.write(SCOPES.user, {
        env: { CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION },
      }),
    signedIn: true,
  },
];

Deno.test("the doctor says whether Claude Code has a login for passthrough", async () => {
  await inParallel(
    CASES,
    async ({ name, prepare, env, flags = [], signedIn }) => {
      await using arena = await makeArena();
      const { world, gateway } = arena;
      await prepare?.(world);
      const before = await world.files();
      const { code, stdout } = await world.run(
        [
          ...["doctor", "-o", "json", "-s", gateway.url, "-L", "passthrough"],
          ...flags,
        ],
        { env: { RPAI_TOKEN: GATEWAY_TOKEN, ...env } },
      );
      const { checks }: { checks: Check[] } = JSON.parse(stdout);
      const login = checks.filter(({ name }) => name === "login");
      assertEquals(
        [name, code, login.map(({ status }) => status)],
        signedIn ? [name, 0, ["ok"]] : [name, 1, ["fail"]],
      );
      assertEquals(await world.files(), before);
      const session = await arena.prompt("passthrough", {
        flags,
        env: { CLAUDE_CODE_OAUTH_TOKEN: "", ...env },
      });
      fact(
        `whether passthrough has a login with ${name}`,
        signedIn,
        session.calls.some(({ headers }) =>
          headers.authorization === `Bearer ${SUBSCRIPTION}`
        ),
      );
    },
  );
});
