/**
 * Stored tokens through the whole program: refreshed once, by one process, and
 * never handed out expired.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { IssuerFault } from "../support/issuer_faults.ts";
import {
  type LoopbackIssuer,
  type LoopbackIssuerOptions,
  startLoopbackIssuer,
} from "../support/loopback_issuer.ts";
import { type Ended, makeWorld, type World } from "../support/program.ts";

const CREDENTIALS = ".rpai/ai-claude.credentials";

/** A world whose profile signs in at an issuer. */
async function makeIssued(
  options: LoopbackIssuerOptions,
  authMode = "device",
): Promise<{ world: World; issuer: LoopbackIssuer } & AsyncDisposable> {
  const issuer = startLoopbackIssuer({
    device: { interval: 0.05 },
    ...options,
  });
  const world = await makeWorld();
  await world.write(
    ".rpai/config",
    `current_profile: p
profiles:
  p:
    auth_mode: ${authMode}
    auth:
      issuer: ${issuer.url}
`,
  );
  return {
    world,
    issuer,
    [Symbol.asyncDispose]: async () => {
      await issuer.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Signs in and, unless told otherwise, lets the token expire. */
async function signIn(world: World, expireMs = 0): Promise<void> {
  const { code, stderr } = await world.run(["auth", "login"]);
  assertEquals(code, 0, stderr);
  await pause(expireMs);
}

/** Makes the stored access token look expired, keeping the refresh token. */
async function expire(world: World): Promise<void> {
  const path = `${world.home}/${CREDENTIALS}`;
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(
    path,
    text.replace(/expires_at: .*/, "expires_at: '2020-01-01T00:00:00.000Z'"),
  );
}

function assertFailed(ended: Ended, code = 3): void {
  assertEquals({ code: ended.code, stdout: ended.stdout }, {
    code,
    stdout: "",
  });
  assert(/^error: .*\nhint: .*\n$/.test(ended.stderr), ended.stderr);
}

const refreshes = (issuer: LoopbackIssuer) =>
  issuer.requests.filter(({ grant }) => grant === "refresh_token");

Deno.test("twenty helpers on an expired token make one refresh request", async () => {
  await using place = await makeIssued({});
  const { world, issuer } = place;
  await signIn(world);
  await expire(world);
  const runs = await Promise.all(
    Array.from({ length: 20 }, () => world.run(["auth", "token"])),
  );
  const lines = new Set(runs.map(({ stdout }) => stdout));
  assertEquals(runs.map(({ code }) => code), runs.map(() => 0));
  assertEquals(lines.size, 1);
  const [line] = lines;
  assert(issuer.isValid(line.trim()));
  assertEquals(refreshes(issuer).length, 1);
});

Deno.test("twenty jobs with an empty store mint one token", async () => {
  await using place = await makeIssued(
    { clients: { ci: "secret-under-test" } },
    "client_credentials",
  );
  const { world, issuer } = place;
  const env = { RPAI_CLIENT_ID: "ci", RPAI_CLIENT_SECRET: "secret-under-test" };
  const runs = await Promise.all(
    Array.from({ length: 20 }, () => world.run(["auth", "token"], { env })),
  );
  assertEquals(runs.map(({ code }) => code), runs.map(() => 0));
  assertEquals(new Set(runs.map(({ stdout }) => stdout)).size, 1);
  assertEquals(issuer.count("client_credentials"), 1);
});

Deno.test("a minted token is minted again at 80% of its life", async () => {
  await using place = await makeIssued({
    clients: { ci: "s" },
    accessTokenSeconds: 4,
  }, "client_credentials");
  const { world, issuer } = place;
  const secret = await world.write("secret", "s\n");
  const mint = async () => {
    const { code, stdout, stderr } = await world.run(
      ["auth", "token", "--refresh-within", "0"],
      { env: { RPAI_CLIENT_ID: "ci", RPAI_CLIENT_SECRET_FILE: secret } },
    );
    assertEquals(code, 0, stderr);
    return stdout;
  };
  const first = await mint();
  assertEquals(await mint(), first);
  await pause(3_300);
  const second = await mint();
  assert(second !== first && issuer.isValid(second.trim()));
});

Deno.test("a wrong or missing client secret ends with 3 and the issuer's words", async () => {
  await using place = await makeIssued(
    { clients: { ci: "s" } },
    "client_credentials",
  );
  const { world } = place;
  const wrong = await world.run(["auth", "token"], {
    env: { RPAI_CLIENT_ID: "ci", RPAI_CLIENT_SECRET: "wrong-secret-value" },
  });
  assertFailed(wrong);
  assertStringIncludes(wrong.stderr, "invalid_client");
  assertEquals(wrong.stderr.includes("wrong-secret-value"), false);
  const incomplete: Record<string, string>[] = [
    {},
    { RPAI_CLIENT_ID: "ci" },
    { RPAI_CLIENT_ID: "ci", RPAI_CLIENT_SECRET_FILE: "/dev/null/none" },
  ];
  for (const env of incomplete) {
    assertFailed(await world.run(["auth", "token"], { env }));
  }
});

Deno.test("a lock of somebody else does not keep back a valid token", async () => {
  await using place = await makeIssued({ accessTokenSeconds: 40 });
  const { world, issuer } = place;
  await signIn(world);
  // Within the last minute it would be refreshed, were the lock to be had.
  using file = await Deno.open(`${world.home}/${CREDENTIALS}.lock`, {
    write: true,
    create: true,
  });
  await file.lock(true);
  await file.write(
    new TextEncoder().encode(`{"pid":1,"since":"${new Date().toISOString()}"}`),
  );
  const { code, stdout } = await world.run(["auth", "token"]);
  assertEquals(code, 0);
  assert(issuer.isValid(stdout.trim()));
  assertEquals(refreshes(issuer), []);
});

Deno.test("a refresh killed before its answer leaves the next one unhindered", async () => {
  await using place = await makeIssued({});
  const { world, issuer } = place;
  await signIn(world);
  await expire(world);
  issuer.fault("discovery", "slow", 1);
  const before = issuer.requests.length;
  const child = world.start(["auth", "token"]);
  while (issuer.requests.length === before) await pause(20);
  child.kill("SIGKILL");
  await Promise.all([child.stdin.close(), child.stdout.cancel()]);
  await child.stderr.cancel();
  await child.status;
  const { code, stdout } = await world.run(["auth", "token"]);
  assertEquals(code, 0);
  assert(issuer.isValid(stdout.trim()));
});

/** Refreshes the expired login in a process that sends itself a signal then. */
async function refreshAndDie(
  world: World,
  moment: string,
): Promise<Deno.Signal | null> {
  await signIn(world);
  await expire(world);
  const driver = new URL("../testdata/killed_refresh.ts", import.meta.url);
  const { signal } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", driver.pathname, moment],
    cwd: world.project,
    env: world.env,
    clearEnv: true,
  }).output();
  return signal;
}

for (const moment of ["before-write", "half-written", "before-rename"]) {
  Deno.test(`a refresh killed ${moment} leaves a usable file`, async () => {
    await using place = await makeIssued({});
    const { world, issuer } = place;
    assertEquals(await refreshAndDie(world, moment), "SIGKILL");
    const next = await world.run(["auth", "token"]);
    const text = await Deno.readTextFile(`${world.home}/${CREDENTIALS}`);
    assertStringIncludes(text, "refresh_token: ");
    if (moment === "before-rename") {
      // The whole answer is on disk: it is taken up.
      assertEquals(next.code, 0, next.stderr);
      assert(issuer.isValid(next.stdout.trim()));
      assertEquals(refreshes(issuer).length, 1);
    } else {
      // The answer died with the process: no expired token is printed.
      assertFailed(next);
    }
  });
}

for (const moment of ["before-write", "half-written"]) {
  Deno.test(`a refresh killed ${moment} is made good where the issuer has a leeway`, async () => {
    await using place = await makeIssued({ refreshLeewaySeconds: 60 });
    const { world, issuer } = place;
    assertEquals(await refreshAndDie(world, moment), "SIGKILL");
    const { code, stdout, stderr } = await world.run(["auth", "token"]);
    assertEquals(code, 0, stderr);
    assert(issuer.isValid(stdout.trim()));
    assertEquals(refreshes(issuer).length, 2);
  });
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  Deno.test(`${signal} waits until a refresh is stored`, async () => {
    await using place = await makeIssued({});
    const { world, issuer } = place;
    assertEquals(await refreshAndDie(world, signal), signal);
    const { code, stdout, stderr } = await world.run(["auth", "token"]);
    assertEquals(code, 0, stderr);
    assert(issuer.isValid(stdout.trim()));
    assertEquals(refreshes(issuer).length, 1);
  });
}

const FAULTS: readonly IssuerFault[] = [
  "html",
  "wrong-content-type",
  "empty-object",
  "truncated",
  "500",
  "hang-up",
  "redirect",
  "control-characters",
  "expires-in-string",
  "no-expires-in",
  "other-issuer",
];

for (const endpoint of ["discovery", "token"] as const) {
  Deno.test(`an expired token is never printed while ${endpoint} fails`, async () => {
    for (const fault of FAULTS) {
      await using place = await makeIssued({});
      const { world, issuer } = place;
      await signIn(world);
      await expire(world);
      const stored = await Deno.readTextFile(`${world.home}/${CREDENTIALS}`);
      issuer.fault(endpoint, fault);
      const ended = await world.run(["auth", "token"]);
      if (ended.code === 0) {
        assert(issuer.isValid(ended.stdout.trim()), fault);
      } else {
        assertFailed(ended);
        assertEquals(
          (await Deno.readTextFile(`${world.home}/${CREDENTIALS}`))
            .includes(/refresh_token: (\S+)/.exec(stored)![1]),
          true,
          fault,
        );
      }
      // Nothing that a refusal says may be a secret.
      const secret = /refresh_token: (\S+)/.exec(stored)![1];
      assertEquals(ended.stderr.includes(secret), false, fault);
      const elsewhere = issuer.requests.filter(({ endpoint }) =>
        endpoint === "other"
      );
      assertEquals(elsewhere, [], fault);
    }
  });
}

Deno.test("a token that is still valid serves while the issuer is down", async () => {
  await using place = await makeIssued({ accessTokenSeconds: 40 });
  const { world, issuer } = place;
  await signIn(world);
  issuer.fault("token", "500");
  const { code, stdout } = await world.run(["auth", "token"]);
  assertEquals(code, 0);
  assert(issuer.isValid(stdout.trim()));
});

Deno.test("opaque tokens, tokens without exp and wrong clocks work", async () => {
  const cases: LoopbackIssuerOptions[] = [
    { tokens: "opaque" },
    { tokens: "jwt-without-exp" },
    { clockSkewMs: 3_600_000 },
    { clockSkewMs: -3_600_000 },
  ];
  for (const options of cases) {
    await using place = await makeIssued({
      accessTokenSeconds: 600,
      ...options,
    });
    const { world } = place;
    await signIn(world);
    const { code, stdout } = await world.run(["auth", "status", "-o", "json"]);
    assertEquals(code, 0);
    const left = Date.parse(JSON.parse(stdout).expires_at) - Date.now();
    assert(left > 500_000 && left < 600_000, `${left} ms left`);
  }
});

Deno.test("without a refresh token an expired login says how to sign in", async () => {
  await using place = await makeIssued({
    refreshTokens: false,
    accessTokenSeconds: 0.2,
  });
  const { world } = place;
  await signIn(world, 250);
  const ended = await world.run(["auth", "token"]);
  assertFailed(ended);
  assertStringIncludes(ended.stderr, "ai-claude auth login");
});

Deno.test("a credentials file that others can read is refused, with the fix", async () => {
  await using place = await makeIssued({});
  const { world } = place;
  await signIn(world);
  const path = `${world.home}/${CREDENTIALS}`;
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  await Deno.chmod(path, 0o644);
  const wide = await world.run(["auth", "token"]);
  assertFailed(wide);
  assertStringIncludes(wide.stderr, `chmod 600 ${path}`);
  await Deno.chmod(path, 0o600);
  await Deno.chmod(`${world.home}/.rpai`, 0o777);
  const open = await world.run(["auth", "token"]);
  assertFailed(open);
  assertStringIncludes(open.stderr, `chmod 700 ${world.home}/.rpai`);
});

Deno.test("a corrupt credentials file is left alone, but for a new login", async () => {
  await using place = await makeIssued({});
  const { world } = place;
  const path = await world.write(CREDENTIALS, "issuers: [nonsense\n", 0o600);
  assertFailed(await world.run(["auth", "token"]));
  assertFailed(await world.run(["auth", "logout", "--all"]), 1);
  assertEquals(await Deno.readTextFile(path), "issuers: [nonsense\n");
  const login = await world.run(["auth", "login"]);
  assertEquals(login.code, 0, login.stderr);
  assertStringIncludes(login.stderr, "moved to");
  const aside = (await world.files()).filter((name) =>
    name.includes(".corrupt-")
  );
  assertEquals(aside.length, 1);
  assertEquals((await world.run(["auth", "token"])).code, 0);
});

Deno.test("a symbolic link to the credentials file stays one", async () => {
  await using place = await makeIssued({});
  const { world } = place;
  await signIn(world);
  const path = `${world.home}/${CREDENTIALS}`;
  await Deno.mkdir(`${world.home}/vault`, { mode: 0o700 });
  await Deno.rename(path, `${world.home}/vault/kept`);
  await Deno.symlink(`${world.home}/vault/kept`, path);
  await expire(world);
  assertEquals((await world.run(["auth", "token"])).code, 0);
  assert((await Deno.lstat(path)).isSymlink);
  assertStringIncludes(
    await Deno.readTextFile(`${world.home}/vault/kept`),
    "access_token",
  );
});

Deno.test("a full disk does not cost the refresh token", async () => {
  await using place = await makeIssued({});
  const { world, issuer } = place;
  await signIn(world);
  const disk = `${world.home}/disk`;
  await Deno.mkdir(disk, { mode: 0o700 });
  const mount = await new Deno.Command("mount", {
    args: ["-t", "tmpfs", "-o", "size=16k,mode=700", "tmpfs", disk],
    stderr: "null",
  }).output().catch(() => undefined);
  if (!mount?.success) return; // only root can
  try {
    await expire(world);
    await Deno.copyFile(`${world.home}/${CREDENTIALS}`, `${disk}/kept`);
    await Deno.chmod(`${disk}/kept`, 0o600);
    await Deno.writeFile(`${disk}/filler`, new Uint8Array(8192));
    const env = { RPAI_CREDENTIALS: `${disk}/kept` };
    const before = await Deno.readTextFile(`${disk}/kept`);
    const ended = await world.run(["auth", "token"], { env });
    assertFailed(ended);
    assertEquals(refreshes(issuer), []);
    assertEquals(await Deno.readTextFile(`${disk}/kept`), before);
    await Deno.remove(`${disk}/filler`);
    assertEquals((await world.run(["auth", "token"], { env })).code, 0);
  } finally {
    await new Deno.Command("umount", { args: [disk] }).output();
  }
});

Deno.test("two organizations are kept apart", async () => {
  await using place = await makeIssued({ organization: "org-a" });
  const { world, issuer } = place;
  await signIn(world);
  // The same file, another organization: as a second login at one issuer.
  const path = `${world.home}/${CREDENTIALS}`;
  const text = await Deno.readTextFile(path);
  assertStringIncludes(text, "org-a");
  await Deno.writeTextFile(
    path,
    text.replace(
      "      org-a:\n",
      `      org-b:
        access_token: token-b
        expires_at: '2999-01-01T00:00:00.000Z'
        obtained_at: '2026-01-01T00:00:00.000Z'
        future: kept
      org-a:
`,
    ),
  );
  const config = (organization: string) =>
    world.write(
      ".rpai/config",
      `current_profile: p
profiles:
  p:
    auth:
      issuer: ${issuer.url}
      organization: ${organization}
`,
    );
  await config("org-b");
  assertEquals((await world.run(["auth", "token"])).stdout, "token-b\n");
  await config("org-a");
  assert(
    issuer.isValid((await world.run(["auth", "token"])).stdout.trim()),
  );
  await config("org-c");
  const missing = await world.run(["auth", "token"]);
  assertFailed(missing);
  assertStringIncludes(missing.stderr, "org-b, org-a");
  await config("org-a");
  assertEquals((await world.run(["auth", "logout"])).code, 0);
  assertStringIncludes(await Deno.readTextFile(path), "future: kept");
});
