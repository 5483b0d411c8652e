import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { jwtClaims, jwtExpiry } from "../../lib/auth/jwt.ts";
import {
  type FaultyEndpoint,
  type IssuerFault,
  type LoopbackIssuer,
  type LoopbackIssuerOptions,
  ORGANIZATION_CLAIM,
  startLoopbackIssuer,
} from "../../lib/loopback/issuer/issuer.ts";

const URN = "urn:ietf:params:oauth:grant-type:device_code";
const SCOPE = "openid profile email offline_access";
const CLIENT = { client_id: "cli", audience: "aud", scope: SCOPE };
const CI = {
  grant_type: "client_credentials",
  client_id: "ci",
  client_secret: "s3cret",
  audience: "aud",
};

/** A test with the sanitizers, which are off by default. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: true, sanitizeResources: true });
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // deno-lint-ignore no-explicit-any -- answers are compared, not used
  json: any;
}

async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = headers.get("content-type") === "application/json";
  return { status, headers, text, json: isJson && JSON.parse(text) };
}

async function post(
  issuer: LoopbackIssuer,
  path: string,
  fields: Record<string, string>,
  format: "form" | "json" = "form",
): Promise<Answer> {
  return await answerOf(
    await fetch(issuer.url + path, {
      method: "POST",
      redirect: "manual",
      ...(format === "form" ? { body: new URLSearchParams(fields) } : {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(fields),
      }),
    }),
  );
}

async function get(issuer: LoopbackIssuer, path: string): Promise<Answer> {
  return await answerOf(
    await fetch(issuer.url + path, { redirect: "manual" }),
  );
}

const discover = (issuer: LoopbackIssuer) =>
  get(issuer, "/.well-known/openid-configuration");

const start = (issuer: LoopbackIssuer, fields = CLIENT) =>
  post(issuer, "/oauth/device/code", fields);

const token = (issuer: LoopbackIssuer, fields: Record<string, string>) =>
  post(issuer, "/oauth/token", fields);

const poll = (issuer: LoopbackIssuer, device_code: string) =>
  token(issuer, { grant_type: URN, client_id: "cli", device_code });

const refresh = (issuer: LoopbackIssuer, refresh_token: string) =>
  token(issuer, {
    grant_type: "refresh_token",
    client_id: "cli",
    refresh_token,
  });

/** The token answer of a whole sign-in. */
async function signIn(issuer: LoopbackIssuer) {
  const { json } = await start(issuer);
  issuer.approve(json.user_code);
  return (await poll(issuer, json.device_code)).json;
}

/** Time that passes only when told. */
function clock(): { now: () => number; pass: (seconds: number) => void } {
  let time = Date.UTC(2026, 0, 1);
  return { now: () => time, pass: (seconds) => time += seconds * 1000 };
}

/** The error codes of as many polls, each after the time. */
async function errors(
  issuer: LoopbackIssuer,
  device_code: string,
  polls: number,
  wait: () => void,
): Promise<string[]> {
  const codes: string[] = [];
  for (let each = 0; each < polls; each++) {
    wait();
    const { json, status } = await poll(issuer, device_code);
    assertEquals(status, json.error ? 400 : 200);
    codes.push(json.error ?? "granted");
  }
  return codes;
}

test("discovery names the endpoints of a standard issuer", async () => {
  await using issuer = startLoopbackIssuer();
  const { status, headers, json } = await discover(issuer);
  assertEquals(status, 200);
  assertEquals(headers.get("content-type"), "application/json");
  assertEquals(headers.get("cache-control"), "no-store");
  assertMatch(issuer.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assertEquals(json.issuer, issuer.url);
  assertEquals(json.token_endpoint, `${issuer.url}/oauth/token`);
  assertEquals(
    json.device_authorization_endpoint,
    `${issuer.url}/oauth/device/code`,
  );
  assertEquals(json.grant_types_supported, [
    URN,
    "refresh_token",
    "client_credentials",
  ]);
});

test("the device grant goes from codes to tokens", async () => {
  await using issuer = startLoopbackIssuer();
  const { json: codes, headers, status } = await start(issuer);
  assertEquals(status, 200);
  assertEquals(headers.get("cache-control"), "no-store");
  assertMatch(codes.user_code, /^[B-Z]{4}-[B-Z]{4}$/);
  assertEquals(codes.verification_uri, `${issuer.url}/activate`);
  assertEquals(
    codes.verification_uri_complete,
    `${issuer.url}/activate?user_code=${codes.user_code}`,
  );
  assertEquals([codes.expires_in, codes.interval], [900, 5]);

  issuer.approve(codes.user_code);
  const { json, status: granted, headers: tokenHeaders } = await poll(
    issuer,
    codes.device_code,
  );
  assertEquals(granted, 200);
  assertEquals(tokenHeaders.get("content-type"), "application/json");
  assertEquals(tokenHeaders.get("cache-control"), "no-store");
  assertEquals(Object.keys(json), [
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "scope",
  ]);
  assertEquals(
    [json.token_type, json.expires_in, json.scope],
    ["Bearer", 3600, SCOPE],
  );
  assert(issuer.isValid(json.access_token));
  assertEquals(issuer.isValid(`${json.access_token}x`), false);
  assertEquals(issuer.count("device_code"), 1);

  const again = await poll(issuer, codes.device_code);
  assertEquals([again.status, again.json.error], [400, "invalid_grant"]);
  assertEquals(issuer.count("device_code"), 1);
});

test("requests are recorded with their fields and status", async () => {
  await using issuer = startLoopbackIssuer({ clients: { ci: "s3cret" } });
  await discover(issuer);
  const { json } = await start(issuer);
  await poll(issuer, json.device_code);
  await get(issuer, `/activate?user_code=${json.user_code}`);
  await get(issuer, "/favicon.ico");
  await token(issuer, CI);
  await token(issuer, { grant_type: "password" });
  assertEquals(
    issuer.requests.map(({ endpoint, method, grant, status }) =>
      [endpoint, method, grant ?? "-", status].join(" ")
    ),
    [
      "discovery GET - 200",
      "device POST - 200",
      "token POST device_code 400",
      "verify GET - 200",
      "other GET - 404",
      "token POST client_credentials 200",
      "token POST password 400",
    ],
  );
  assertEquals(issuer.requests[1].body, CLIENT);
  assertEquals(issuer.requests[3].body, { user_code: json.user_code });
  assertEquals(
    issuer.requests[3].path,
    `/activate?user_code=${json.user_code}`,
  );
  assertEquals(issuer.requests[5].body, CI);
  assertMatch(
    issuer.requests[5].contentType,
    /^application\/x-www-form-urlencoded/,
  );
});

test("a JWT carries the claims that a client reads", async () => {
  const time = clock();
  await using issuer = startLoopbackIssuer({
    now: time.now,
    accessTokenSeconds: 2.5,
    email: "ada@example.com",
    subject: "auth0|ada",
    organization: "org-1",
  });
  const { access_token, expires_in } = await signIn(issuer);
  const { jti, ...claims } = jwtClaims(access_token) ?? {};
  assertEquals(claims, {
    iss: issuer.url,
    sub: "auth0|ada",
    email: "ada@example.com",
    [ORGANIZATION_CLAIM]: "org-1",
    aud: "aud",
    azp: "cli",
    scope: SCOPE,
    iat: time.now() / 1000,
    exp: time.now() / 1000 + 2.5,
  });
  assert(jti);
  assertEquals(expires_in, 2.5);
  assertNotEquals((await signIn(issuer)).access_token, access_token);

  time.pass(2.4);
  assert(issuer.isValid(access_token));
  time.pass(0.1);
  assertEquals(issuer.isValid(access_token), false);
});

test("clockSkewMs shifts exp and nothing else", async () => {
  for (const clockSkewMs of [3_600_000, -3_600_000]) {
    const time = clock();
    await using issuer = startLoopbackIssuer({ now: time.now, clockSkewMs });
    const { access_token, expires_in } = await signIn(issuer);
    assertEquals(
      jwtExpiry(access_token),
      time.now() + 3_600_000 + clockSkewMs,
    );
    assertEquals(expires_in, 3600);
    time.pass(3599);
    assert(issuer.isValid(access_token));
    time.pass(1);
    assertEquals(issuer.isValid(access_token), false);
  }
});

test("tokens can be opaque or without exp", async () => {
  const time = clock();
  for (const tokens of ["opaque", "jwt-without-exp"] as const) {
    await using issuer = startLoopbackIssuer({ tokens, now: time.now });
    const { access_token, expires_in } = await signIn(issuer);
    assertEquals(jwtExpiry(access_token), undefined);
    assertEquals(
      jwtClaims(access_token)?.sub,
      tokens === "opaque" ? undefined : "auth0|loopback",
    );
    assertEquals(expires_in, 3600);
    assert(issuer.isValid(access_token));
    time.pass(3600);
    assertEquals(issuer.isValid(access_token), false);
  }
});

test("a refresh rotates, and a reuse revokes the family", async () => {
  await using issuer = startLoopbackIssuer();
  const first = await signIn(issuer);
  const other = await signIn(issuer);
  const second = (await refresh(issuer, first.refresh_token)).json;
  assertNotEquals(second.refresh_token, first.refresh_token);
  assertNotEquals(second.access_token, first.access_token);
  assert(issuer.isValid(first.access_token));
  assert(issuer.isValid(second.access_token));
  assertEquals(jwtClaims(second.access_token)?.aud, "aud");
  const third = (await refresh(issuer, second.refresh_token)).json;
  assertEquals(issuer.count("refresh_token"), 2);

  for (
    const [refreshToken, description] of [
      [first.refresh_token, "The refresh token was reused"],
      [third.refresh_token, "The refresh token was revoked"],
      ["made-up", "Unknown or invalid refresh token"],
    ]
  ) {
    const { status, json } = await refresh(issuer, refreshToken);
    assertEquals(status, 400);
    assertEquals(json, {
      error: "invalid_grant",
      error_description: description,
    });
  }
  assertEquals(issuer.count("refresh_token"), 2);
  assertEquals((await refresh(issuer, other.refresh_token)).status, 200);
});

test("the refresh token before the current one works within its leeway", async () => {
  const time = clock();
  await using issuer = startLoopbackIssuer({
    now: time.now,
    refreshLeewaySeconds: 10,
  });
  const first = await signIn(issuer);
  const second = (await refresh(issuer, first.refresh_token)).json;
  time.pass(9);
  const third = await refresh(issuer, first.refresh_token);
  assertEquals(third.status, 200);
  assertNotEquals(third.json.refresh_token, second.refresh_token);
  // Only the one before the current one, and only for so long.
  assertEquals((await refresh(issuer, first.refresh_token)).status, 400);
  const other = await signIn(issuer);
  assertEquals((await refresh(issuer, other.refresh_token)).status, 200);
  time.pass(10);
  assertEquals((await refresh(issuer, other.refresh_token)).status, 400);
});

test("twenty refreshes at once are one grant and a reuse", async () => {
  await using issuer = startLoopbackIssuer();
  const { refresh_token } = await signIn(issuer);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => refresh(issuer, refresh_token)),
  );
  assertEquals(answers.filter(({ status }) => status === 200).length, 1);
  assertEquals(issuer.count("refresh_token"), 1);
});

test("a refresh token is for its own client", async () => {
  await using issuer = startLoopbackIssuer();
  const { refresh_token } = await signIn(issuer);
  const { json } = await token(issuer, {
    grant_type: "refresh_token",
    client_id: "another",
    refresh_token,
  });
  assertEquals(json.error, "invalid_grant");
  assertEquals((await refresh(issuer, refresh_token)).status, 200);
});

test("no refresh token without the scope or when switched off", async () => {
  await using issuer = startLoopbackIssuer();
  const { json } = await start(issuer, { ...CLIENT, scope: "openid" });
  issuer.approve();
  const granted = (await poll(issuer, json.device_code)).json;
  assertEquals(granted.refresh_token, undefined);
  assertEquals(granted.scope, "openid");

  await using without = startLoopbackIssuer({ refreshTokens: false });
  const { refresh_token, scope } = await signIn(without);
  assertEquals(refresh_token, undefined);
  assertEquals(scope, "openid profile email");
});

test("client credentials need the right secret", async () => {
  await using issuer = startLoopbackIssuer({ clients: { ci: "s3cret" } });
  const { status, json } = await token(issuer, CI);
  assertEquals(status, 200);
  assertEquals(Object.keys(json), [
    "access_token",
    "token_type",
    "expires_in",
    "scope",
  ]);
  const claims = jwtClaims(json.access_token);
  assertEquals(claims?.sub, "ci@clients");
  assertEquals(claims?.email, undefined);
  assertEquals(claims?.[ORGANIZATION_CLAIM], "org-loopback");
  assert(issuer.isValid(json.access_token));
  assertEquals(issuer.count("client_credentials"), 1);

  for (
    const [fields, description] of [
      [{ client_secret: "wrong" }, "Wrong client secret"],
      [{ client_id: "stranger" }, "Unknown client"],
      [{ client_id: "constructor" }, "Unknown client"],
    ] as const
  ) {
    const refused = await token(issuer, { ...CI, ...fields });
    assertEquals(refused.status, 401);
    assertEquals(refused.json, {
      error: "invalid_client",
      error_description: description,
    });
  }
  const missing = await token(issuer, { ...CI, client_secret: "" });
  assertEquals(missing.status, 400);
  assertEquals(missing.json.error, "invalid_request");
  assertEquals(issuer.count("client_credentials"), 1);
});

test("only the expected client and audience are served", async () => {
  await using issuer = startLoopbackIssuer({
    clientId: "cli",
    audience: "aud",
    clients: { ci: "s3cret" },
  });
  const { json: codes, status } = await start(issuer);
  assertEquals(status, 200);
  const stranger = await start(issuer, { ...CLIENT, client_id: "stranger" });
  assertEquals([stranger.status, stranger.json.error], [401, "invalid_client"]);
  const nobody = await start(issuer, { ...CLIENT, client_id: "" });
  assertEquals([nobody.status, nobody.json.error], [400, "invalid_request"]);
  for (
    const refused of [
      await start(issuer, { ...CLIENT, audience: "else" }),
      await token(issuer, { ...CI, audience: "else" }),
    ]
  ) {
    assertEquals(refused.status, 403);
    assertEquals(refused.json, {
      error: "access_denied",
      error_description: "Service not found: else",
    });
  }
  for (
    const fields of [
      { grant_type: URN, device_code: codes.device_code },
      { grant_type: "refresh_token", refresh_token: "any" },
    ] as Record<string, string>[]
  ) {
    const refused = await token(issuer, { ...fields, client_id: "stranger" });
    assertEquals(refused.json.error, "invalid_client");
  }
});

test("a token request that lacks something is refused", async () => {
  await using issuer = startLoopbackIssuer();
  for (
    const [fields, error] of [
      [{}, "invalid_request"],
      [{ grant_type: "password" }, "unsupported_grant_type"],
      [{ grant_type: "device_code" }, "unsupported_grant_type"],
      [{ grant_type: "toString" }, "unsupported_grant_type"],
      [{ grant_type: URN }, "invalid_request"],
      [{ grant_type: URN, client_id: "cli" }, "invalid_request"],
      [
        { grant_type: URN, client_id: "cli", device_code: "x" },
        "invalid_grant",
      ],
      [{ grant_type: URN, device_code: "x" }, "invalid_request"],
      [{ grant_type: "refresh_token", client_id: "cli" }, "invalid_request"],
    ] as [Record<string, string>, string][]
  ) {
    const { status, json } = await token(issuer, fields);
    assertEquals(status, 400);
    assertEquals(json.error, error);
    assert(json.error_description);
  }
});

test("approve() and deny() decide as the person would", async () => {
  const time = clock();
  await using issuer = startLoopbackIssuer({ now: time.now });
  const wait = () => time.pass(5);
  const codes = (await start(issuer)).json;
  const other = (await start(issuer)).json;
  assertEquals(await errors(issuer, codes.device_code, 2, wait), [
    "authorization_pending",
    "authorization_pending",
  ]);
  issuer.deny(codes.user_code);
  assertEquals(await errors(issuer, codes.device_code, 2, wait), [
    "access_denied",
    "access_denied",
  ]);
  assertEquals(await errors(issuer, other.device_code, 1, wait), [
    "authorization_pending",
  ]);
  issuer.approve();
  assertEquals(await errors(issuer, other.device_code, 1, wait), ["granted"]);

  assertThrows(() => issuer.approve(), RangeError, "Cannot approve");
  assertThrows(() => issuer.deny(codes.user_code), RangeError, "waits");
  assertThrows(() => issuer.approve("WDJB-MJHT"), RangeError, "WDJB-MJHT");
});

test("opening the verification page approves", async () => {
  await using issuer = startLoopbackIssuer();
  const { json } = await start(issuer);
  const form = await get(issuer, "/activate");
  assertEquals(form.status, 200);
  assertMatch(form.text, /<input name="user_code"/);

  const wrong = await get(issuer, "/activate?user_code=%3Cscript%3E");
  assertEquals(wrong.status, 404);
  assert(!wrong.text.includes("<script>"));
  assertEquals(
    (await poll(issuer, json.device_code)).json.error,
    "authorization_pending",
  );

  await using visited = startLoopbackIssuer();
  const codes = (await start(visited)).json;
  const page = await answerOf(await fetch(codes.verification_uri_complete));
  assertEquals(page.status, 200);
  assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
  assertMatch(page.text, /You are signed in/);
  assertEquals((await poll(visited, codes.device_code)).status, 200);
});

test("a user code may be typed without its dash, in small letters", async () => {
  await using issuer = startLoopbackIssuer();
  const { json } = await start(issuer);
  issuer.approve(json.user_code.toLowerCase().replace("-", " "));
  assertEquals((await poll(issuer, json.device_code)).status, 200);
});

test("an outcome comes by itself after so many polls", async () => {
  for (
    const [outcome, end] of [
      ["approve", "granted"],
      ["deny", "access_denied"],
      ["expire", "expired_token"],
      ["never", "authorization_pending"],
    ] as const
  ) {
    const time = clock();
    await using issuer = startLoopbackIssuer({
      now: time.now,
      device: { outcome, afterPolls: 2, interval: 1 },
    });
    const { json } = await start(issuer);
    assertEquals(json.interval, 1);
    assertEquals(
      await errors(issuer, json.device_code, 3, () => time.pass(1)),
      ["authorization_pending", "authorization_pending", end],
    );
    if (outcome === "never") issuer.approve();
    else assertThrows(() => issuer.approve(), RangeError);
  }
});

test("codes expire", async () => {
  const time = clock();
  await using issuer = startLoopbackIssuer({
    now: time.now,
    device: { expiresIn: 10 },
  });
  const { json } = await start(issuer);
  assertEquals(json.expires_in, 10);
  assertEquals(
    await errors(issuer, json.device_code, 2, () => time.pass(5)),
    ["authorization_pending", "expired_token"],
  );
  assertThrows(() => issuer.approve(), RangeError);
  const page = await get(issuer, `/activate?user_code=${json.user_code}`);
  assertEquals(page.status, 404);
});

test("polling too fast is told slow_down and costs 5 seconds", async () => {
  const time = clock();
  await using issuer = startLoopbackIssuer({ now: time.now });
  const { json } = await start(issuer);
  const told = async (seconds: number) =>
    (await errors(issuer, json.device_code, 1, () => time.pass(seconds)))[0];
  assertEquals(await told(0), "authorization_pending");
  assertEquals(await told(4), "authorization_pending");
  assertEquals(await told(3.9), "slow_down");
  assertEquals(await told(7.9), "slow_down");
  assertEquals(await told(12), "authorization_pending");
  issuer.approve();
  assertEquals(await told(1), "slow_down");
  assertEquals(await told(20), "granted");
});

test("slow_down can be asked for, and is gentle on short intervals", async () => {
  const time = clock();
  await using issuer = startLoopbackIssuer({
    now: time.now,
    device: { interval: 0.05, slowDown: 2, outcome: "approve", afterPolls: 1 },
  });
  const { json } = await start(issuer);
  assertEquals(json.interval, 0.05);
  const told = async (seconds: number) =>
    (await errors(issuer, json.device_code, 1, () => time.pass(seconds)))[0];
  assertEquals(await told(0.05), "slow_down");
  assertEquals(await told(0.1), "slow_down");
  assertEquals(await told(0.15), "authorization_pending");
  assertEquals(await told(0.1), "slow_down");
  assertEquals(await told(0.2), "granted");
});

test("each style takes its own kind of body", async () => {
  await using standard = startLoopbackIssuer();
  await using cloud = startLoopbackIssuer({
    style: "cloud-api",
    clients: { ci: "s3cret" },
  });
  for (const path of ["/oauth/device/code", "/oauth/token"]) {
    for (
      const refused of [
        await post(standard, path, CLIENT, "json"),
        await post(cloud, path, CLIENT, "form"),
      ]
    ) {
      assertEquals(refused.status, 415);
      assertEquals(refused.json.error, "invalid_request");
    }
  }
  assertEquals(cloud.requests[0].body, CLIENT);
  assertEquals((await discover(cloud)).status, 404);

  const { json } = await post(cloud, "/oauth/device/code", CLIENT, "json");
  assertMatch(json.verification_uri, /\/activate$/);
  cloud.approve(json.user_code);
  const { device_code } = json;
  const granted = await post(cloud, "/oauth/token", {
    grant_type: URN,
    client_id: "cli",
    device_code,
  }, "json");
  assertEquals(granted.status, 200);
  const minted = await post(cloud, "/oauth/token", CI, "json");
  assertEquals(minted.status, 200);
  assertEquals(cloud.requests.at(-1)?.contentType, "application/json");
  assertEquals(cloud.requests.at(-1)?.body, CI);
});

test("a body that is not what its type says has no fields", async () => {
  await using issuer = startLoopbackIssuer({ style: "cloud-api" });
  for (const body of ["{", "[]", "null", '{"client_id":7}', ""]) {
    const { status, json } = await answerOf(
      await fetch(`${issuer.url}/oauth/device/code`, {
        method: "POST",
        headers: { "content-type": "application/json; charset=utf-8" },
        body,
      }),
    );
    assertEquals([status, json.error], [400, "invalid_request"]);
    assertEquals(issuer.requests.at(-1)?.body, {});
  }
});

test("other methods, paths and hosts are refused", async () => {
  await using issuer = startLoopbackIssuer();
  assertEquals((await get(issuer, "/oauth/token")).status, 405);
  assertEquals((await get(issuer, "/oauth/device/code")).status, 405);
  assertEquals((await post(issuer, "/activate", {})).status, 405);
  assertEquals((await get(issuer, "/oauth/authorize")).status, 404);

  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(issuer.url).port),
  });
  await connection.write(new TextEncoder().encode(
    "GET /activate HTTP/1.1\r\nHost: rebound.example\r\n\r\n",
  ));
  const bytes = new Uint8Array(1024);
  const length = await connection.read(bytes) ?? 0;
  assertMatch(
    new TextDecoder().decode(bytes.subarray(0, length)),
    /^HTTP\/1\.1 403 /,
  );
});

/** A request to each endpoint that an issuer in order grants. */
const ASK: Record<
  FaultyEndpoint,
  (issuer: LoopbackIssuer) => Promise<Answer>
> = {
  discovery: discover,
  device: start,
  token: (issuer) => token(issuer, CI),
};
const ENDPOINTS = ["discovery", "device", "token"] as const;

function faulty(
  fault: IssuerFault,
  options: LoopbackIssuerOptions = {},
  times?: number,
): LoopbackIssuer {
  const issuer = startLoopbackIssuer({ clients: { ci: "s3cret" }, ...options });
  for (const endpoint of ENDPOINTS) issuer.fault(endpoint, fault, times);
  return issuer;
}

for (
  const [fault, check, grants] of [
    ["html", ({ status, headers, text }) => {
      assertEquals(status, 200);
      assertMatch(headers.get("content-type") ?? "", /^text\/html/);
      assertMatch(text, /^<!doctype html>/);
    }, 0],
    ["wrong-content-type", ({ status, headers, text }) => {
      assertEquals(status, 200);
      assertEquals(headers.get("content-type"), "text/plain");
      assert(Object.keys(JSON.parse(text)).length > 3);
    }, 1],
    ["empty-object", ({ status, json }) => {
      assertEquals(status, 200);
      assertEquals(json, {});
    }, 0],
    ["500", ({ status, text }) => {
      assertEquals(status, 500);
      assertEquals(text, "Internal Server Error");
    }, 0],
    ["redirect", ({ status, headers }) => {
      assertEquals(status, 307);
      assertMatch(
        headers.get("location") ?? "",
        /^http:\/\/localhost:\d+\/redirected$/,
      );
    }, 0],
  ] as [IssuerFault, (answer: Answer) => void, number][]
) {
  test(`fault ${fault} hits every endpoint, as often as asked`, async () => {
    await using issuer = faulty(fault, {}, 1);
    for (const endpoint of ENDPOINTS) {
      check(await ASK[endpoint](issuer));
      assertEquals(
        issuer.count("client_credentials"),
        endpoint === "token" ? grants : 0,
      );
      const { status, json } = await ASK[endpoint](issuer);
      assertEquals(status, 200);
      assert(Object.keys(json).length > 3);
    }
    assertEquals(issuer.count("client_credentials"), grants + 1);
  });
}

test("fault truncated sends half of the JSON", async () => {
  await using issuer = faulty("truncated");
  const response = await fetch(
    `${issuer.url}/.well-known/openid-configuration`,
  );
  assertEquals(response.headers.get("content-type"), "application/json");
  await assertRejects(() => response.json(), SyntaxError);
  for (const endpoint of ["device", "token"] as const) {
    await assertRejects(() => ASK[endpoint](issuer), SyntaxError);
  }
  assertEquals(issuer.count("client_credentials"), 1);
});

test("fault hang-up closes the connection after half of the answer", async () => {
  await using issuer = faulty("hang-up");
  for (const endpoint of ENDPOINTS) {
    await assertRejects(() => ASK[endpoint](issuer), TypeError);
  }
  const response = await fetch(
    `${issuer.url}/.well-known/openid-configuration`,
  );
  const announced = Number(response.headers.get("content-length"));
  let received = 0;
  await assertRejects(async () => {
    for await (const chunk of response.body ?? []) received += chunk.length;
  }, TypeError);
  assert(received > 0 && received < announced, `${received} of ${announced}`);
});

test("a refresh whose answer was lost has rotated all the same", async () => {
  await using issuer = startLoopbackIssuer();
  const { refresh_token } = await signIn(issuer);
  issuer.fault("token", "hang-up", 1);
  await assertRejects(() => refresh(issuer, refresh_token), TypeError);
  assertEquals(issuer.count("refresh_token"), 1);
  assertEquals(
    (await refresh(issuer, refresh_token)).json.error_description,
    "The refresh token was reused",
  );
});

test("a refresh that never reached the issuer can be repeated", async () => {
  await using issuer = startLoopbackIssuer();
  const { refresh_token } = await signIn(issuer);
  issuer.fault("token", "500", 2);
  assertEquals((await refresh(issuer, refresh_token)).status, 500);
  issuer.fault("token", undefined);
  assertEquals((await refresh(issuer, refresh_token)).status, 200);
});

test("fault slow answers nothing until the client leaves", async () => {
  await using issuer = faulty("slow");
  await assertRejects(
    () =>
      fetch(`${issuer.url}/oauth/token`, { signal: AbortSignal.timeout(50) }),
    DOMException,
    "timeout",
  );
  assertEquals(
    issuer.requests.map(({ endpoint, status }) => `${endpoint} ${status}`),
    ["token 0"],
  );
});

test("close() ends an answer that fault slow holds back", async () => {
  const issuer = faulty("slow");
  const answer = assertRejects(() => discover(issuer), TypeError);
  while (issuer.requests.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await issuer.close();
  await answer;
  assertEquals(issuer.requests[0].status, 0);
  await issuer.close();
});

test("faults of expires_in hit codes and tokens alone", async () => {
  for (
    const [fault, device, token] of [
      ["expires-in-string", "900", "3600"],
      ["no-expires-in", undefined, undefined],
    ] as const
  ) {
    await using issuer = faulty(fault);
    assertEquals((await ASK.discovery(issuer)).json.issuer, issuer.url);
    const codes = await ASK.device(issuer);
    assertEquals(codes.json.expires_in, device);
    assertEquals(codes.json.interval, 5);
    const granted = await ASK.token(issuer);
    assertEquals(granted.json.expires_in, token);
    assertEquals(granted.headers.get("cache-control"), "no-store");
    assert(issuer.isValid(granted.json.access_token));
  }
});

test("fault control-characters breaks what the user would see", async () => {
  await using issuer = faulty("control-characters");
  const { json: codes } = await ASK.device(issuer);
  for (
    const field of [
      "user_code",
      "verification_uri",
      "verification_uri_complete",
    ]
  ) {
    assert(codes[field].includes("\x1b[2J"), field);
  }
  assert(!codes.device_code.includes("\x1b"));
  const { access_token } = (await ASK.token(issuer)).json;
  assertMatch(access_token, /^[^\n]+\n[^\n]+$/);
  assertEquals(issuer.isValid(access_token), false);
  assert(issuer.isValid(access_token.replace("\n", "")));
});

test("a fault of a field waits for an answer that has it", async () => {
  const time = clock();
  await using issuer = startLoopbackIssuer({
    now: time.now,
    device: { outcome: "approve", afterPolls: 2 },
  });
  issuer.fault("token", "no-expires-in", 1);
  const { json } = await start(issuer);
  assertEquals(
    await errors(issuer, json.device_code, 2, () => time.pass(5)),
    ["authorization_pending", "authorization_pending"],
  );
  time.pass(5);
  const granted = (await poll(issuer, json.device_code)).json;
  assertEquals(granted.expires_in, undefined);
  const again = (await refresh(issuer, granted.refresh_token)).json;
  assertEquals(again.expires_in, 3600);
});

test("who follows fault redirect or other-issuer is recorded", async () => {
  await using issuer = startLoopbackIssuer({ clients: { ci: "s3cret" } });
  issuer.fault("discovery", "other-issuer");
  issuer.fault("token", "redirect");
  const { json } = await discover(issuer);
  assertEquals(json.issuer, issuer.url);
  assertEquals(
    json.device_authorization_endpoint,
    `${issuer.url}/oauth/device/code`,
  );
  assertNotEquals(new URL(json.token_endpoint).origin, issuer.url);

  const body = new URLSearchParams(CI);
  const followed = await fetch(`${issuer.url}/oauth/token`, {
    method: "POST",
    body,
  });
  const elsewhere = await fetch(json.token_endpoint, { method: "POST", body });
  assertEquals([followed.status, elsewhere.status], [404, 404]);
  await followed.body?.cancel();
  await elsewhere.body?.cancel();
  assertEquals(
    issuer.requests.slice(2).map(({ endpoint, path, body }) =>
      `${endpoint} ${path} ${body.client_secret}`
    ),
    ["other /redirected s3cret", "other /other-issuer s3cret"],
  );
});

test("two issuers know nothing of each other", async () => {
  await using one = startLoopbackIssuer();
  await using two = startLoopbackIssuer();
  const { access_token, refresh_token } = await signIn(one);
  assertEquals(two.isValid(access_token), false);
  assertEquals((await refresh(two, refresh_token)).status, 400);
});
