import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { AUTH_MODES, type AuthMode } from "../../lib/profile/config.ts";
import { CliError } from "../../lib/base/errors.ts";
import type { Captured, StreamName } from "../../lib/system/sys.ts";
import { authServer } from "../../lib/auth/auth_server.ts";
import { NO_TOKEN, resolveToken, tokenOf } from "../../lib/auth/token.ts";
import {
  fakeJwt,
  type FakeMachine,
  fakeSys,
  NOW,
  shown,
} from "../support/fake_sys.ts";

const RPK = "/usr/bin/rpk";
const VALID = fakeJwt({ exp: NOW / 1000 + 60 });
const EXPIRED = fakeJwt({ exp: NOW / 1000 - 60 });
const MALFORMED =
  "it holds a blank, a line break or a character that is not ASCII";
const SIGN_IN = "sign in: rpk ai auth login";

function machine(result?: Partial<Captured> | Error): FakeMachine {
  return {
    env: { PATH: "/usr/bin", HOME: "/home/me" },
    executables: [RPK],
    capture: () =>
      result instanceof Error
        ? result
        : { code: 0, stdout: "", stderr: "", ...result },
  };
}

function fromRpk(
  result: Partial<Captured> | Error,
  authMode: AuthMode = "rpk",
) {
  return resolveToken({ authMode }, fakeSys(machine(result)));
}

const refusalOf = async (promise: Promise<unknown>) =>
  shown(await assertRejects(() => promise, CliError));

function fromStatic(value: string) {
  const request = {
    static: { value, source: "--token" },
    authMode: "rpk",
  } as const;
  return resolveToken(request, fakeSys());
}

Deno.test("NO_TOKEN is the documented word", () => {
  assertEquals(NO_TOKEN, "unauthenticated");
});

Deno.test("resolveToken() takes a static token in every auth mode", async () => {
  const given = { value: "opaque", source: "RPAI_TOKEN" };
  for (const authMode of AUTH_MODES) {
    const sys = fakeSys(machine());
    assertEquals(await resolveToken({ static: given, authMode }, sys), {
      ...given,
      login: { authMode: "token" },
      refreshable: false,
    });
    assertEquals(sys.ran, [], "rpk is not asked");
  }
});

Deno.test("resolveToken() reads when a token expires", async () => {
  assertEquals((await fromStatic(VALID)).expiresAt, NOW + 60_000);
});

Deno.test("resolveToken() refuses a given token that is not valid", async () => {
  const forging = ["two words", " tok", "tok\n", "tok\r\nX-Evil: 1", "tok\ttab"]
    .concat("tök", "tok\x00", "tok\x7f", " ");
  const cases: Record<string, string> = {
    [EXPIRED]: "it expired at 2026-07-31T23:59:00.000Z",
    [fakeJwt({ exp: NOW / 1000 })]: "it expired at 2026-08-01T00:00:00.000Z",
    [fakeJwt({ exp: -1e20 })]: "it expired ages ago",
    "": "it is empty",
    ...Object.fromEntries(forging.map((value) => [value, MALFORMED])),
  };
  for (const [value, what] of Object.entries(cases)) {
    assertEquals(await refusalOf(fromStatic(value)), {
      code: "unauthenticated",
      message: `bad token from --token: ${what}`,
      hint: "pass a fresh one, or leave it out to use the profile's login",
    });
  }
});

Deno.test("resolveToken() has no token with auth mode none", async () => {
  const sys = fakeSys(machine());
  assertEquals(await resolveToken({ authMode: "none" }, sys), {
    source: "none",
    login: { authMode: "none" },
    refreshable: false,
  });
  assertEquals(sys.ran, []);
});

Deno.test("resolveToken() refuses auth mode token without one", async () => {
  assertEquals(
    await refusalOf(resolveToken({ authMode: "token" }, fakeSys(machine()))),
    {
      code: "unauthenticated",
      message: "no token: auth_mode is token",
      hint: "set RPAI_TOKEN (or pass --token)",
    },
  );
});

Deno.test("resolveToken() asks rpk for its token", async () => {
  const timeouts: number[] = [];
  const sys = fakeSys({
    ...machine(),
    capture: (_program, timeoutMs) => {
      timeouts.push(timeoutMs);
      return { code: 0, stdout: `${VALID}\n`, stderr: "a notice" };
    },
  });
  assertEquals(await resolveToken({ authMode: "rpk" }, sys), {
    value: VALID,
    source: "rpk ai auth token",
    login: { authMode: "rpk", rpk: RPK },
    expiresAt: NOW + 60_000,
    refreshable: true,
  });
  assertEquals(sys.ran, [{
    path: RPK,
    args: ["ai", "auth", "token"],
    env: { PATH: "/usr/bin", HOME: "/home/me" },
  }]);
  assertEquals(timeouts, [20_000]);
});

Deno.test("resolveToken() tries rpk for auth mode device, and says so", async () => {
  assertEquals(await fromRpk({ stdout: "opaque\n" }, "device"), {
    value: "opaque",
    source: "rpk ai auth token",
    // From now on it is rpk's, whoever signs in here meanwhile.
    login: { authMode: "rpk", rpk: RPK },
    refreshable: true,
    notice: "no stored login: using the one of rpk",
  });
});

Deno.test("resolveToken() tells a person to sign in, and a machine what to set", async () => {
  const refusal = (terminals: StreamName[]) =>
    refusalOf(resolveToken({ authMode: "device" }, fakeSys({ terminals })));
  const notSignedIn = { code: "unauthenticated", message: "not signed in" };
  assertEquals<unknown>(await refusal(["stderr"]), {
    ...notSignedIn,
    hint: "sign in with `ai-claude auth login`, or pass RPAI_TOKEN",
  });
  assertEquals<unknown>(await refusal([]), {
    ...notSignedIn,
    hint: "set RPAI_TOKEN, or RPAI_CLIENT_ID and RPAI_CLIENT_SECRET",
  });
});

Deno.test("resolveToken() says how rpk failed", async () => {
  const cause = "Exec format error (os error 8)";
  const cases: [FakeMachine, message: string, hint: string][] = [
    [
      {},
      "auth_mode is rpk, but rpk is not on PATH",
      "install rpk, or set RPAI_TOKEN",
    ],
    [
      machine(new Error(cause)),
      `cannot start ${RPK}: ${cause}`,
      "install rpk again, or set RPAI_TOKEN",
    ],
    [
      machine({ code: 1, stderr: "\nnot logged in\nusage: ...\n" }),
      "rpk ai auth token failed with exit code 1: not logged in",
      SIGN_IN,
    ],
    [
      machine({ code: 2, stdout: "opaque\n" }),
      "rpk ai auth token failed with exit code 2: it printed nothing",
      SIGN_IN,
    ],
    [
      machine({ code: 143, timedOut: true }),
      "rpk ai auth token gave no answer within 20 s",
      SIGN_IN,
    ],
  ];
  for (const [rpk, message, hint] of cases) {
    assertEquals(
      await refusalOf(resolveToken({ authMode: "rpk" }, fakeSys(rpk))),
      { code: "unauthenticated", message, hint },
    );
  }
});

Deno.test("resolveToken() refuses anything of rpk but one line with a valid token", async () => {
  const cases: Record<string, string> = {
    [`${EXPIRED}\n`]: "it expired at 2026-07-31T23:59:00.000Z",
    "": "it is empty",
    "\n": "it is empty",
    "\n\n": MALFORMED,
    " tok\n": MALFORMED,
    "A new version is available\ntok\n": MALFORMED,
    "tok\ntok\n": MALFORMED,
  };
  for (const [stdout, what] of Object.entries(cases)) {
    assertEquals(await refusalOf(fromRpk({ stdout })), {
      code: "unauthenticated",
      message: `bad token from rpk ai auth token: ${what}`,
      hint: SIGN_IN,
    });
  }
});

Deno.test("resolveToken() never repeats a token in an error", async () => {
  for (
    const promise of [
      fromStatic("hunter2 secret"),
      fromStatic("hunter2\nsecret"),
      fromRpk({ stdout: "hunter2\nsecret\n" }),
      fromRpk({ stdout: "hunter2secret\n", code: 1 }),
      fromStatic(EXPIRED),
    ]
  ) {
    const { message, hint } = await refusalOf(promise);
    for (const secret of ["hunter2", EXPIRED]) {
      assertFalse(`${message} ${hint}`.includes(secret), message);
    }
  }
});

const CREDENTIALS = "/home/me/.rpai/ai-claude.credentials.json";

/** A credentials file with one login of the default issuer. */
function credentials(expiresAt: number): Record<string, string> {
  const login = {
    access_token: "stored-token",
    expires_at: new Date(expiresAt).toISOString(),
    obtained_at: new Date(NOW).toISOString(),
    identity: "dev@example.com",
  };
  const issuer = "https://auth.prd.cloud.redpanda.com";
  const server = { current_organization: "org", organizations: { org: login } };
  return { [CREDENTIALS]: JSON.stringify({ issuers: { [issuer]: server } }) };
}

Deno.test("resolveToken() names the organization of a stored login, and its file", async () => {
  const files = credentials(NOW + 3_600_000);
  const sys = fakeSys({ ...machine(), files });
  const { value, login } = await resolveToken({ authMode: "device" }, sys);
  assertEquals(value, "stored-token");
  assert(login.authMode === "device");
  assertEquals(login.credentials, CREDENTIALS);
  assertEquals(login.server.organization, "org");
});

Deno.test("resolveToken() finds the credentials where AI_CLAUDE_CREDENTIALS says", async () => {
  const [text] = Object.values(credentials(NOW + 3_600_000));
  const env = {
    AI_CLAUDE_CREDENTIALS: "kept.json",
    RPAI_CREDENTIALS: "/rpk/credentials",
  };
  const sys = fakeSys({ env, files: { "/src/project/kept.json": text } });
  const { value } = await resolveToken({ authMode: "device" }, sys);
  assertEquals(value, "stored-token");
  assertEquals(sys.read, ["/src/project/kept.json"]);
});

Deno.test("resolveToken() says when RPAI_TOKEN outranks a login that is valid", async () => {
  const notice = async (source: string, expiresAt: number, mode: AuthMode) => {
    const sys = fakeSys({ ...machine(), files: credentials(expiresAt) });
    const given = { value: "opaque", source };
    return (await resolveToken({ static: given, authMode: mode }, sys)).notice;
  };
  const later = NOW + 1;
  assertEquals(
    await notice("RPAI_TOKEN", later, "device"),
    "RPAI_TOKEN is used instead of the stored login of dev@example.com, " +
      "which is valid: unset RPAI_TOKEN to use that",
  );
  assertEquals(await notice("--token", later, "device"), undefined);
  assertEquals(await notice("RPAI_TOKEN", NOW, "device"), undefined);
  assertEquals(await notice("RPAI_TOKEN", later, "rpk"), undefined);
});

Deno.test("tokenOf() asks the rpk that it is told of, wherever PATH leads", async () => {
  const sys = fakeSys(machine({ stdout: "opaque\n" }));
  await tokenOf({ authMode: "rpk", rpk: "/opt/rpk" }, sys);
  assertEquals(sys.ran.map(({ path }) => path), ["/opt/rpk"]);
});

Deno.test("tokenOf() falls back to nothing without a stored login", async () => {
  const sys = fakeSys(machine({ stdout: "opaque\n" }));
  const server = authServer(undefined);
  await assertRejects(
    () => tokenOf({ authMode: "device", server, credentials: "/none" }, sys),
    CliError,
    "not signed in",
  );
  assertEquals(sys.ran, []);
});
