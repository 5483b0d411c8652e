/**
 * `auth login`, `status` and `logout` through the whole program.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { LoopbackIssuerOptions } from "../support/loopback_issuer.ts";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import { inParallel } from "../support/in_parallel.ts";
import {
  CREDENTIALS,
  makeIssued,
  setExpiry,
  storeLogin,
} from "../support/issued.ts";
import { type Ended, makeWorld, type World } from "../support/program.ts";
import { fakeRpk } from "../support/stand_ins.ts";

function assertFailed(ended: Ended, text: string, code = 3): void {
  assertEquals({ code: ended.code, stdout: ended.stdout }, {
    code,
    stdout: "",
  });
  assertStringIncludes(ended.stderr, text);
  assert(/^error: .*\nhint: .*\n$/m.test(ended.stderr), ended.stderr);
}

/** A browser that agrees: it fetches the address it is given. */
function approvingBrowser(world: World): Promise<string> {
  return world.write(
    "bin/browser",
    `#!/bin/sh\necho "$1" > "$HOME/opened"\nexec ${Deno.execPath()} eval ` +
      `'await (await fetch(Deno.args[0])).text()' -- "$1"\n`,
    0o755,
  );
}

async function status(world: World): Promise<Record<string, unknown>> {
  const { stdout } = await world.run(["auth", "status", "-o", "json"]);
  return JSON.parse(stdout);
}

Deno.test("auth login shows the address and the code, and stores the login", async () => {
  await using place = await makeIssued();
  const { world, issuer } = place;
  const before = await Deno.readTextFile(`${world.home}/.rpai/config`);
  const { code, stdout, stderr } = await world.run(["auth", "login"]);
  assertEquals({ code, stdout }, { code: 0, stdout: "" }, stderr);
  assertStringIncludes(stderr, `${issuer.url}/activate?user_code=`);
  assertStringIncludes(stderr, "waiting for you to agree");
  assertStringIncludes(stderr, "signed in as dev@example.com");
  assertEquals(stderr.includes("\x1b"), false);
  const { expires_at: expires, ...rest } = await status(world);
  assert(typeof expires === "string" && Date.parse(expires) > Date.now());
  assertEquals(rest, {
    logged_in: true,
    profile: "p",
    auth_mode: "device",
    identity: "dev@example.com",
    organization: "org-1",
    refreshable: true,
  });
  assertEquals(await Deno.readTextFile(`${world.home}/.rpai/config`), before);
});

Deno.test("auth login is always a fresh grant", async () => {
  await using place = await makeIssued();
  const { world, issuer } = place;
  await world.run(["auth", "login"]);
  await world.run(["auth", "login"]);
  assertEquals(issuer.count("device_code"), 2);
  assertEquals(issuer.count("refresh_token"), 0);
});

Deno.test("auth login ends with its own words for each refusal", async () => {
  const cases: [LoopbackIssuerOptions["device"], string][] = [
    [{ interval: 0.05, outcome: "deny" }, "refused in the browser"],
    [{ interval: 0.05, outcome: "expire" }, "expired before anybody agreed"],
    [{ interval: 0.1, outcome: "never", expiresIn: 1 }, "expired before"],
  ];
  await inParallel(cases, async ([device, text]) => {
    await using place = await makeIssued({ device });
    const { world } = place;
    assertFailed(await world.run(["auth", "login"]), text);
    assertEquals((await status(world)).logged_in, false);
  });
});

Deno.test("auth login ends cleanly when the issuer answers nonsense", async () => {
  const faults = ["html", "500", "empty-object", "hang-up"] as const;
  const cases = faults.flatMap((fault) => [
    { fault, endpoint: "discovery" } as const,
    { fault, endpoint: "device" } as const,
  ]);
  await inParallel(cases, async ({ fault, endpoint }) => {
    await using place = await makeIssued();
    const { world, issuer } = place;
    issuer.fault(endpoint, fault);
    assertFailed(await world.run(["auth", "login"]), issuer.url);
  }, 4);
  await using world = await makeWorld();
  await world.write(
    ".rpai/config",
    "current_profile: p\nprofiles:\n  p:\n    auth:\n      issuer: http://127.0.0.1:1\n",
  );
  assertFailed(await world.run(["auth", "login"]), "cannot reach the issuer");
  await world.write(
    ".rpai/config",
    "current_profile: p\nprofiles:\n  p:\n    auth:\n      issuer: http://issuer.example\n",
  );
  assertFailed(await world.run(["auth", "login"]), "http://issuer.example", 2);
});

Deno.test("auth login at Ctrl-C changes nothing and ends with 130", async () => {
  await using place = await makeIssued({ device: { outcome: "never" } });
  const { world } = place;
  const child = world.start(["auth", "login"]);
  await child.stdin.close();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("waiting")) text += (await reader.read()).value ?? "";
  child.kill("SIGINT");
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    text += value;
  }
  await child.stdout.cancel();
  assertEquals((await child.status).code, 130);
  assertStringIncludes(text, "error: sign-in cancelled");
  assertEquals((await world.files()).includes(CREDENTIALS), false);
});

Deno.test("auth login opens the browser unless told otherwise", async () => {
  await using place = await makeIssued({
    device: { interval: 0.05, outcome: "never" },
  });
  const { world } = place;
  const browser = await approvingBrowser(world);
  const { code, stderr } = await world.run(["auth", "login"], {
    env: { BROWSER: browser },
  });
  assertEquals(code, 0, stderr);
  assertStringIncludes(
    await Deno.readTextFile(`${world.home}/opened`),
    "/activate?user_code=",
  );
});

Deno.test("auth login --no-browser opens none", async () => {
  await using place = await makeIssued({
    device: { interval: 0.05, outcome: "never", expiresIn: 1 },
  });
  const { world, issuer } = place;
  const browser = await approvingBrowser(world);
  // The browser would agree.
  assertFailed(
    await world.run(["auth", "login", "--no-browser"], {
      env: { BROWSER: browser },
    }),
    "expired before anybody agreed",
  );
  assertEquals((await world.files()).includes("opened"), false);
  assertEquals(
    issuer.requests.filter(({ endpoint }) => endpoint === "other"),
    [],
  );
});

Deno.test({
  name: "a browser that stays open outlives the code and the program",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using place = await makeIssued({
      device: { interval: 0.05, outcome: "never", expiresIn: 1 },
    });
    const { world } = place;
    const browser = await world.write(
      "bin/browser",
      '#!/bin/sh\necho $$ > "$HOME/pid.new"\nmv "$HOME/pid.new" "$HOME/pid"\n' +
        "exec sleep 600\n",
      0o755,
    );
    const env = { BROWSER: browser };
    assertFailed(await world.run(["auth", "login"], { env }), "expired before");
    const pid = Number(await Deno.readTextFile(`${world.home}/pid`));
    // Fails where there is no such process.
    Deno.kill(pid, "SIGTERM");
  },
});

Deno.test("auth login finds out that it cannot store before anybody is asked", async () => {
  await using place = await makeIssued();
  const { world, issuer } = place;
  const file = await world.write("file", "");
  const env = { AI_CLAUDE_CREDENTIALS: `${file}/credentials.json` };
  assertFailed(await world.run(["auth", "login"], { env }), file, 1);
  const wide = await world.write("wide.json", "{}", 0o644);
  const other = { AI_CLAUDE_CREDENTIALS: wide };
  const ended = await world.run(["auth", "login"], { env: other });
  assertFailed(ended, "other users can read it", 1);
  assertStringIncludes(ended.stderr, `chmod 600 ${wide}`);
  assertEquals(issuer.requests, []);
});

Deno.test("the files of rpk ai are neither read nor written", async () => {
  await using place = await makeIssued();
  const { world, issuer } = place;
  const text = "not: ours\n";
  await world.write(".rpai/credentials", text, 0o644);
  const theirs = await world.write("theirs", text, 0o644);
  const env = { RPAI_CREDENTIALS: theirs };
  const login = await world.run(["auth", "login"], { env });
  assertEquals(login.code, 0, login.stderr);
  const { code, stdout } = await world.run(["auth", "token"], { env });
  assertEquals(code, 0);
  assert(issuer.isValid(stdout.trim()));
  assertEquals((await world.run(["auth", "logout", "--all"], { env })).code, 0);
  for (const path of [".rpai/credentials", "theirs"]) {
    assertEquals(await Deno.readTextFile(`${world.home}/${path}`), text);
  }
});

Deno.test("RPAI_TOKEN that outranks a valid login is named, but not to Claude Code", async () => {
  await using place = await makeIssued();
  const { world, issuer } = place;
  await storeLogin(world, issuer);
  await world.fakeClaude("exit 0");
  await using gateway = startLoopbackGateway({
    providers: [{ name: "a", type: "anthropic" }],
  });
  const env = { RPAI_TOKEN: "static-token" };
  const launch = ["-s", gateway.url, "-L", "a"];
  for (const args of [["auth", "status"], launch]) {
    const { code, stderr } = await world.run(args, { env });
    assertEquals(code, 0, stderr);
    assertEquals(stderr.match(/RPAI_TOKEN is used/g)?.length, 1, stderr);
  }
  const ended = await world.run(["auth", "token"], { env });
  assertEquals(ended, { code: 0, stdout: "static-token\n", stderr: "" });
});

Deno.test("auth login refuses where the profile has another way", async () => {
  for (const mode of ["rpk", "token", "none", "client_credentials"]) {
    await using world = await makeWorld();
    await world.write(
      ".rpai/config",
      `current_profile: p\nprofiles:\n  p:\n    auth_mode: ${mode}\n`,
    );
    assertFailed(await world.run(["auth", "login"]), mode, 2);
  }
});

Deno.test("auth status has five formats and never shows a token", async () => {
  await using place = await makeIssued();
  const { world, issuer } = place;
  const out = await world.run(["auth", "status"]);
  assertEquals(out.code, 3);
  assertStringIncludes(out.stdout, "logged_in     false");
  assertStringIncludes(out.stderr, "RPAI_CLIENT_ID");
  await storeLogin(world, issuer);
  const token = (await world.run(["auth", "token"])).stdout.trim();
  for (const format of ["table", "wide", "json", "yaml", "markdown"]) {
    const { code, stdout, stderr } = await world.run(
      ["auth", "status", "-o", format],
    );
    assertEquals(code, 0);
    assertStringIncludes(stdout, "dev@example.com");
    assertEquals(`${stdout}${stderr}`.includes(token), false);
  }
});

Deno.test("auth status says that the login is the one of rpk", async () => {
  await using world = await makeWorld();
  await fakeRpk(world, "echo rpk-token-1");
  const { code, stderr } = await world.run(["auth", "status"]);
  assertEquals({ code, stderr }, {
    code: 0,
    stderr: "warning: no stored login: using the one of rpk\n",
  });
});

Deno.test("auth logout forgets the profile's login, --all every one", async () => {
  await using place = await makeIssued();
  const { world, issuer } = place;
  await world.run(["auth", "login"]);
  const logout = await world.run(["auth", "logout"]);
  assertEquals(logout.code, 0);
  assertStringIncludes(logout.stderr, "dev@example.com");
  assertEquals((await status(world)).logged_in, false);
  const again = await world.run(["auth", "logout"]);
  assertEquals(again.code, 0);
  assertStringIncludes(again.stderr, `nobody is signed in at ${issuer.url}`);
  await world.run(["auth", "login"]);
  assertEquals((await world.run(["auth", "logout", "--all"])).code, 0);
  const text = await Deno.readTextFile(`${world.home}/${CREDENTIALS}`);
  assertEquals(JSON.parse(text), { issuers: {} });
});

Deno.test("auth token takes durations, and says which it does not", async () => {
  await using place = await makeIssued({ accessTokenSeconds: 400 });
  const { world, issuer } = place;
  await storeLogin(world, issuer);
  for (const within of ["90", "90s", "5m"]) {
    const run = await world.run(["auth", "token", "--refresh-within", within]);
    assertEquals(run.code, 0);
  }
  assertEquals(issuer.count("refresh_token"), 0);
  await world.run(["auth", "token", "--refresh-within", "1h"]);
  assertEquals(issuer.count("refresh_token"), 1);
  for (const bad of ["x", "5d", "1.5h", "-1"]) {
    const run = await world.run(["auth", "token", `--refresh-within=${bad}`]);
    assertFailed(run, "--refresh-within", 2);
  }
});

Deno.test("a launch without a login or a terminal says what to run", async () => {
  await using place = await makeIssued();
  const { world } = place;
  await world.fakeClaude("exit 0");
  const ended = await world.run(["-s", "http://127.0.0.1:1", "-L", "a"]);
  assertFailed(ended, "RPAI_CLIENT_SECRET");
});

Deno.test("a passthrough launch takes a token that lasts, or warns", async () => {
  for (const refreshTokens of [true, false]) {
    await using place = await makeIssued({
      refreshTokens,
      accessTokenSeconds: refreshTokens ? 1200 : 300,
    });
    const { world, issuer } = place;
    await using gateway = startLoopbackGateway({
      accepts: (token) => issuer.isValid(token),
      providers: [{ name: "pass", type: "anthropic", passthrough: true }],
    });
    await world.fakeClaude("exit 0");
    await world.run(["auth", "login"]);
    // Five minutes left, of whatever it was.
    await setExpiry(world, Date.now() + 300_000);
    const { code, stderr } = await world.run(["-s", gateway.url, "-L", "pass"]);
    assertEquals(code, 0, stderr);
    assertEquals(stderr.includes("expires in"), !refreshTokens, stderr);
    assertEquals(issuer.count("refresh_token"), refreshTokens ? 1 : 0);
  }
});
