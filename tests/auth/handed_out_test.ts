import { assertEquals } from "@std/assert";
import { tokenForHelper } from "../../lib/auth/handed_out.ts";
import { loginFromFlags } from "../../lib/auth/login_flags.ts";
import { authServer } from "../../lib/auth/auth_server.ts";
import { denoBase } from "../../lib/system/deno_base.ts";
import { CREDENTIALS, makeIssued, storeLogin } from "../support/issued.ts";

const MINUTE = 60_000;

/** A login, and what a session is given for it at some time of its life. */
async function makeSessions() {
  const issued = await makeIssued({ accessTokenSeconds: 24 * 3600 });
  const { world, issuer } = issued;
  await storeLogin(world, issuer);
  const server = authServer({ name: "p", auth: { issuer: issuer.url } });
  const login = loginFromFlags({
    "auth-mode": "device",
    issuer: server.issuer,
    "client-id": server.clientId,
    audience: server.audience,
    credentials: `${world.home}/${CREDENTIALS}`,
  }, "linux");
  const start = Date.now();
  return {
    ...issued,
    ask: async (
      minutes: number,
      parentPid = 1,
      env: Record<string, string> = {},
    ) => {
      const now = () => start + minutes * MINUTE;
      const sys = { ...denoBase(), env, parentPid, now };
      return (await tokenForHelper(login, sys)).value;
    },
    [Symbol.asyncDispose]: () => issued[Symbol.asyncDispose](),
  };
}

Deno.test("tokenForHelper() gives a session another token when it asks again too soon", async () => {
  await using sessions = await makeSessions();
  const { ask } = sessions;
  const first = await ask(0);
  const second = await ask(2);
  assertEquals(second === first, false);
  // Not more often than once a minute.
  assertEquals(await ask(2.5), second);
  assertEquals(await ask(4) === second, false);
});

Deno.test("tokenForHelper() gives the same token at the usual time, and to every session once", async () => {
  await using sessions = await makeSessions();
  const { ask } = sessions;
  const first = await ask(0);
  assertEquals(await ask(1, 2), first);
  assertEquals(await ask(4.9), first);
  assertEquals(await ask(9.8), first);
  // As often as the user has Claude Code ask.
  const env = { CLAUDE_CODE_API_KEY_HELPER_TTL_MS: "1000" };
  assertEquals(await ask(9.9, 1, env), first);
});

Deno.test("tokenForHelper() knows what is too soon where Claude Code asks seldom", async () => {
  await using sessions = await makeSessions();
  const { ask } = sessions;
  const env = { CLAUDE_CODE_API_KEY_HELPER_TTL_MS: "3600000" };
  const first = await ask(0, 1, env);
  assertEquals(await ask(58, 1, env), first);
  assertEquals(await ask(58 + 30, 1, env) === first, false);
});

Deno.test("tokenForHelper() makes do with a file that is damaged, and with an issuer that is down", async () => {
  await using sessions = await makeSessions();
  const { ask, world, issuer } = sessions;
  const path = `${world.home}/${CREDENTIALS}.handed-out`;
  const first = await ask(0);
  for (const text of ["", "{", "[]", '{"1": 7, "2": {"at": "x"}}']) {
    await Deno.writeTextFile(path, text);
    assertEquals(await ask(1), first);
  }
  issuer.fault("token", "500");
  assertEquals(await ask(2), first);
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
});
