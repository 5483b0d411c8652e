/**
 * Stored tokens through the whole program: refreshed once, by one process, and
 * never handed out expired.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import type { IssuerFault } from "../support/issuer_faults.ts";
import type {
  LoopbackIssuer,
  LoopbackIssuerOptions,
} from "../support/loopback_issuer.ts";
import { eventually } from "../support/eventually.ts";
import { inParallel } from "../support/in_parallel.ts";
import { runInProcess } from "../support/in_process.ts";
import {
  CREDENTIALS,
  makeIssued,
  setExpiry,
  setObtained,
  storeLogin,
} from "../support/issued.ts";
import { type Ended, runCommand, type World } from "../support/program.ts";

/** Makes the stored access token look expired, keeping the refresh token. */
const expire = (world: World) => setExpiry(world, Date.UTC(2020, 0, 1));

const DAY_MS = 24 * 3600 * 1000;

/** With it, a token that is valid for an hour is refreshed if that can be done. */
const WITHIN = ["--refresh-within", "2h"];

function assertFailed(ended: Ended, code = 3): void {
  assertEquals({ code: ended.code, stdout: ended.stdout }, {
    code,
    stdout: "",
  });
  assert(/^error: .*\nhint: .*\n$/.test(ended.stderr), ended.stderr);
}

/** What a launch would have Claude Code run. */
async function helperOf(world: World): Promise<{ helper: string }> {
  const args = ["-s", "http://127.0.0.1:1", "-L", "a", "--print-settings"];
  const { stdout, stderr } = await world.run([...args, "-o", "json"]);
  assertStringIncludes(stderr, "warning:");
  return { helper: JSON.parse(stdout).settings.apiKeyHelper };
}

/** Runs a helper as a session of its own does: by a process of its own. */
async function runHelper(world: World, helper: string): Promise<Ended> {
  return await runCommand("/bin/sh", ["-c", `(${helper}); exit $?`], {
    cwd: world.project,
    env: world.env,
  });
}

const refreshes = (issuer: LoopbackIssuer) =>
  issuer.requests.filter(({ grant }) => grant === "refresh_token");

Deno.test("twenty helpers on an expired token make one refresh request", async () => {
  await using place = await makeIssued();
  const { world, issuer } = place;
  await storeLogin(world, issuer);
  await expire(world);
  const { helper } = await helperOf(world);
  assertEquals(refreshes(issuer), [], "a dry run spends no refresh token");
  const runs = await Promise.all(
    Array.from(
      { length: 20 },
      (_, i) =>
        i % 2 === 0 ? runHelper(world, helper) : world.run(["auth", "token"]),
    ),
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

Deno.test("a job without a home mints a token for itself", async () => {
  await using place = await makeIssued(
    { clients: { ci: "s" } },
    "client_credentials",
  );
  const { world, issuer } = place;
  const env = {
    HOME: "",
    RPAI_CONFIG: `${world.home}/.rpai/config`,
    RPAI_CLIENT_ID: "ci",
    RPAI_CLIENT_SECRET: "s",
  };
  const minted = await world.run(["auth", "token"], { env });
  assertEquals([minted.code, minted.stderr], [0, ""]);
  assert(issuer.isValid(minted.stdout.trim()));
  env.RPAI_CLIENT_SECRET = "wrong";
  const refused = await world.run(["auth", "token"], { env });
  assertFailed(refused);
  assertStringIncludes(refused.stderr, "RPAI_CLIENT_SECRET");
});

Deno.test("a minted token is minted again at 80% of its life", async () => {
  await using place = await makeIssued({
    clients: { ci: "s" },
    accessTokenSeconds: DAY_MS / 1000,
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
  const ago = async (part: number) => {
    const obtained = Date.now() - part * DAY_MS;
    await setObtained(world, obtained);
    await setExpiry(world, obtained + DAY_MS);
  };
  await ago(0.75);
  assertEquals(await mint(), first);
  await ago(0.8);
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
  await using place = await makeIssued({ accessTokenSeconds: 3600 });
  const { world, issuer } = place;
  await storeLogin(world, issuer);
  using file = await Deno.open(`${world.home}/${CREDENTIALS}.lock`, {
    write: true,
    create: true,
  });
  await file.lock(true);
  await file.write(
    new TextEncoder().encode(`{"pid":1,"since":"${new Date().toISOString()}"}`),
  );
  const { code, stdout } = await world.run(["auth", "token", ...WITHIN]);
  assertEquals(code, 0);
  assert(issuer.isValid(stdout.trim()));
  assertEquals(refreshes(issuer), []);
  await file.unlock();
  await world.run(["auth", "token", ...WITHIN]);
  assertEquals(refreshes(issuer).length, 1);
});

Deno.test("a refresh killed before its answer leaves the next one unhindered", async () => {
  await using place = await makeIssued();
  const { world, issuer } = place;
  await storeLogin(world, issuer);
  await expire(world);
  issuer.fault("discovery", "slow", 1);
  const before = issuer.requests.length;
  const child = world.start(["auth", "token"]);
  await eventually(
    "the request",
    () => issuer.requests.length > before || undefined,
  );
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
  { world, issuer }: { world: World; issuer: LoopbackIssuer },
  moment: string,
): Promise<Deno.Signal | null> {
  await storeLogin(world, issuer);
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
    await using place = await makeIssued();
    const { world, issuer } = place;
    assertEquals(await refreshAndDie(place, moment), "SIGKILL");
    const next = await world.run(["auth", "token"]);
    const text = await Deno.readTextFile(`${world.home}/${CREDENTIALS}`);
    assertStringIncludes(text, "refresh_token");
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
    assertEquals(await refreshAndDie(place, moment), "SIGKILL");
    const { code, stdout, stderr } = await world.run(["auth", "token"]);
    assertEquals(code, 0, stderr);
    assert(issuer.isValid(stdout.trim()));
    assertEquals(refreshes(issuer).length, 2);
  });
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  Deno.test(`${signal} waits until a refresh is stored`, async () => {
    await using place = await makeIssued();
    const { world, issuer } = place;
    assertEquals(await refreshAndDie(place, signal), signal);
    const { code, stdout, stderr } = await world.run(["auth", "token"]);
    assertEquals(code, 0, stderr);
    assert(issuer.isValid(stdout.trim()));
    assertEquals(refreshes(issuer).length, 1);
  });
}

const ENDPOINTS = ["discovery", "token"] as const;
type Endpoint = typeof ENDPOINTS[number];

/** Faults of the issuer, and the endpoints at which they cost the token. */
const FAULTS: Record<Exclude<IssuerFault, "slow">, readonly Endpoint[]> = {
  html: ENDPOINTS,
  "wrong-content-type": [],
  "empty-object": ENDPOINTS,
  truncated: ENDPOINTS,
  "500": ENDPOINTS,
  "hang-up": ENDPOINTS,
  redirect: ENDPOINTS,
  "control-characters": ["token"],
  "expires-in-string": [],
  "no-expires-in": [],
  "other-issuer": ["discovery"],
};

for (const endpoint of ENDPOINTS) {
  Deno.test(`an expired token is never printed while ${endpoint} fails`, async () => {
    const cases = Object.entries(FAULTS) as [IssuerFault, Endpoint[]][];
    await inParallel(cases, async ([fault, fatalAt]) => {
      await using place = await makeIssued();
      const { world, issuer } = place;
      await storeLogin(world, issuer);
      await expire(world);
      const path = `${world.home}/${CREDENTIALS}`;
      const stored = await Deno.readTextFile(path);
      const [, secret] = /"refresh_token": ?"([^"]+)"/.exec(stored)!;
      issuer.fault(endpoint, fault);
      const ended = await world.run(["auth", "token"]);
      if (fatalAt.includes(endpoint)) {
        assertFailed(ended);
        assertStringIncludes(await Deno.readTextFile(path), secret, fault);
      } else {
        assertEquals(ended.code, 0, `${fault}: ${ended.stderr}`);
        assert(issuer.isValid(ended.stdout.trim()), fault);
      }
      // Nothing that a refusal says may be a secret.
      assertFalse(ended.stderr.includes(secret), fault);
      const elsewhere = issuer.requests.filter(({ endpoint }) =>
        endpoint === "other"
      );
      assertEquals(elsewhere, [], fault);
    }, 4);
  });
}

Deno.test("a token that is still valid serves while the issuer is down", async () => {
  await using place = await makeIssued({ accessTokenSeconds: 3600 });
  const { world, issuer } = place;
  await storeLogin(world, issuer);
  issuer.fault("token", "500");
  const { code, stdout } = await world.run(["auth", "token", ...WITHIN]);
  assertEquals(code, 0);
  assert(issuer.isValid(stdout.trim()));
  assertEquals(refreshes(issuer).length, 1, "it was tried");
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
    const { world, issuer } = place;
    const before = Date.now();
    await storeLogin(world, issuer);
    const after = Date.now();
    const { code, stdout } = await world.run(["auth", "status", "-o", "json"]);
    assertEquals(code, 0);
    const granted = Date.parse(JSON.parse(stdout).expires_at) - 600_000;
    assert(granted >= before && granted <= after, JSON.stringify(options));
  }
});

Deno.test("without a refresh token an expired login says how to sign in", async () => {
  await using place = await makeIssued({
    refreshTokens: false,
  });
  const { world, issuer } = place;
  await storeLogin(world, issuer);
  await expire(world);
  const ended = await world.run(["auth", "token"]);
  assertFailed(ended);
  assertStringIncludes(ended.stderr, "ai-claude auth login");
});

Deno.test("a credentials file that others can read is refused, with the fix", async () => {
  await using place = await makeIssued();
  const { world } = place;
  assertEquals((await world.run(["auth", "login"])).code, 0);
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
  await using place = await makeIssued();
  const { world } = place;
  const path = await world.write(CREDENTIALS, "{ nonsense\n", 0o600);
  assertFailed(await world.run(["auth", "token"]));
  assertFailed(await world.run(["auth", "logout", "--all"]), 1);
  assertEquals(await Deno.readTextFile(path), "{ nonsense\n");
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
  await using place = await makeIssued();
  const { world, issuer } = place;
  await storeLogin(world, issuer);
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

/** A directory on another file system than temporary ones, where there is one. */
async function elsewhere(): Promise<string | undefined> {
  const device = async (path: string) =>
    (await Deno.stat(path).catch(() => undefined))?.dev;
  const [here, there] = await Promise.all([
    device(Deno.env.get("TMPDIR") ?? "/tmp"),
    device("/dev/shm"),
  ]);
  return there === undefined || there === here ? undefined : "/dev/shm";
}
const ELSEWHERE = await elsewhere();

Deno.test({
  name: "a link to a credentials file on another file system is refreshed",
  ignore: ELSEWHERE === undefined,
  fn: async () => {
    await using place = await makeIssued({});
    const { world, issuer } = place;
    await storeLogin(world, issuer);
    await expire(world);
    const path = `${world.home}/${CREDENTIALS}`;
    const vault = await Deno.makeTempDir({ dir: ELSEWHERE });
    try {
      await Deno.copyFile(path, `${vault}/kept`);
      await Deno.chmod(`${vault}/kept`, 0o600);
      await Deno.remove(path);
      await Deno.symlink(`${vault}/kept`, path);
      const { code, stdout, stderr } = await world.run(["auth", "token"]);
      assertEquals(code, 0, stderr);
      assert(issuer.isValid(stdout.trim()));
      const kept = await Deno.readTextFile(`${vault}/kept`);
      assertStringIncludes(kept, stdout.trim());
      await Deno.chmod(`${vault}/kept`, 0o644);
      assertFailed(await world.run(["auth", "token"]));
    } finally {
      await Deno.remove(vault, { recursive: true });
    }
  },
});

Deno.test("a full disk does not cost the refresh token", async () => {
  await using place = await makeIssued();
  const { world, issuer } = place;
  await storeLogin(world, issuer);
  await expire(world);
  const path = `${world.home}/${CREDENTIALS}`;
  const before = await Deno.readTextFile(path);
  const full = () => Promise.reject(new Error("No space left on device"));
  const ended = await runInProcess(["auth", "token"], world.env, {
    replaceTextFile: full,
  });
  assertFailed(ended);
  assertEquals(refreshes(issuer), []);
  assertEquals(await Deno.readTextFile(path), before);
  assertEquals((await world.run(["auth", "token"])).code, 0);
});

Deno.test("a helper keeps to its organization when somebody signs in to another", async () => {
  await using place = await makeIssued({ organization: "org-a" });
  const { world, issuer } = place;
  await storeLogin(world, issuer);
  const { helper } = await helperOf(world);
  await expire(world);
  assertStringIncludes(helper, "--organization=org-a");
  const path = `${world.home}/${CREDENTIALS}`;
  const file = JSON.parse(await Deno.readTextFile(path));
  const server = file.issuers[issuer.url];
  server.current_organization = "org-b";
  server.organizations["org-b"] = {
    ...server.organizations["org-a"],
    access_token: "token-b",
    expires_at: "2999-01-01T00:00:00.000Z",
  };
  await Deno.writeTextFile(path, JSON.stringify(file));
  const { code, stdout, stderr } = await runHelper(world, helper);
  assertEquals(code, 0, stderr);
  assert(issuer.isValid(stdout.trim()));
  // Its refresh does not make it the current one again.
  assertEquals((await world.run(["auth", "token"])).stdout, "token-b\n");
});

Deno.test("two organizations are kept apart", async () => {
  await using place = await makeIssued({ organization: "org-a" });
  const { world, issuer } = place;
  await storeLogin(world, issuer);
  // The same file, another organization: as a second login at one issuer.
  const path = `${world.home}/${CREDENTIALS}`;
  const text = await Deno.readTextFile(path);
  assertStringIncludes(text, "org-a");
  await Deno.writeTextFile(
    path,
    text.replace(
      '"organizations":{',
      '"organizations":{"org-b":{"access_token":"token-b",' +
        '"expires_at":"2999-01-01T00:00:00.000Z",' +
        '"obtained_at":"2026-01-01T00:00:00.000Z","future":["kept"]},',
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
  const { issuers } = JSON.parse(await Deno.readTextFile(path));
  const { organizations } = issuers[issuer.url];
  assertEquals(organizations["org-b"].future, ["kept"]);
  assertEquals(Object.keys(organizations), ["org-b"]);
});
