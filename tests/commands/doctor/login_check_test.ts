import { assert, assertEquals } from "@std/assert";
import type { Captured, Invocation } from "../../../lib/system/sys.ts";
import { examine, HOME, machine, only, startGateway } from "./machine.ts";

/** A machine whose Claude Code answers `auth status` like this. */
async function login(answer: Partial<Captured>, flags = {}, env = {}) {
  await using gateway = startGateway();
  const asked: Invocation[] = [];
  const sys = machine(gateway.url, {
    env: { CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat01-mine", ...env },
    capture: (program) => {
      const isVersion = program.args[0] === "--version";
      if (!isVersion) asked.push(program);
      return {
        ...{ code: 0, stderr: "", timedOut: false },
        ...isVersion ? { stdout: "2.1.332" } : { stdout: "", ...answer },
      };
    },
  });
  const { code, checks } = await examine(sys, {
    llmprovider: "own-login",
    ...flags,
  });
  return { code, checks: only(checks, "login"), asked };
}

Deno.test("checkLogin() is a row of passthrough alone", async () => {
  const { checks, asked } = await login({}, { llmprovider: "main" });
  assertEquals([checks, asked], [[], []]);
});

Deno.test("checkLogin() says what Claude Code says of its login", async () => {
  const answer = (said: unknown, more: Partial<Captured> = {}) =>
    login({ stdout: JSON.stringify(said), ...more });
  const signedIn = await answer({
    ...{ loggedIn: true, authMethod: "claude.ai", subscriptionType: "max" },
  });
  assertEquals([signedIn.code, signedIn.checks], [0, [{
    name: "login",
    status: "ok",
    message: "Claude Code is signed in (claude.ai), subscription max",
  }]]);
  const token = await answer({ loggedIn: true, authMethod: "oauth_token" });
  assertEquals(
    token.checks[0].message,
    "Claude Code is signed in (oauth_token)",
  );
  const nobody = await answer({ loggedIn: false }, { code: 1 });
  assertEquals([nobody.code, nobody.checks], [1, [{
    name: "login",
    status: "fail",
    message:
      "passthrough sends your own Claude login, and Claude Code is not signed in",
    remedy: "sign in: claude auth login, or set CLAUDE_CODE_OAUTH_TOKEN " +
      "(`claude setup-token` makes one)",
  }]]);
});

Deno.test("checkLogin() takes no answer for none", async () => {
  const answers: Partial<Captured>[] = [
    { stdout: "" },
    { stdout: "Segmentation fault", code: 139 },
    { stdout: '{"loggedIn":"no"}' },
    { stdout: '{"loggedIn":false}', code: 143, timedOut: true },
  ];
  for (const answer of answers) {
    const { code, checks } = await login(answer);
    assertEquals(
      [answer, code, checks.map(({ status }) => status)],
      [answer, 0, ["skip"]],
    );
  }
});

Deno.test("checkLogin() asks as the launch would, and writes nothing of the user's", async () => {
  const { asked: [{ args, env, cwd }] } = await login({});
  assertEquals([args[0], args.slice(2)], ["--settings", ["auth", "status"]]);
  assertEquals(JSON.parse(args[1]).apiKeyHelper, "");
  assertEquals(env.CLAUDE_CODE_OAUTH_TOKEN, "sk-ant-oat01-mine");
  assertEquals(env.CLAUDE_CONFIG_DIR, "/tmp/x");
  assertEquals(env.CLAUDE_SECURESTORAGE_CONFIG_DIR, "");
  assertEquals(cwd, undefined);
  const named = await login({}, { "claude-config-dir": "/elsewhere" });
  assertEquals(
    named.asked[0].env.CLAUDE_SECURESTORAGE_CONFIG_DIR,
    "/elsewhere",
  );
  const own = `${HOME}/keys`;
  const kept = await login({}, {}, { CLAUDE_SECURESTORAGE_CONFIG_DIR: own });
  assertEquals(kept.asked[0].env.CLAUDE_SECURESTORAGE_CONFIG_DIR, own);
});

Deno.test("checkLogin() names the folder of the settings to sign in to", async () => {
  const { checks } = await login({ stdout: '{"loggedIn":false}' }, {
    "claude-config-dir": "/else where",
  });
  assert(
    checks[0].remedy?.startsWith(
      'sign in: CLAUDE_CONFIG_DIR="/else where" claude auth login,',
    ),
    checks[0].remedy,
  );
});
