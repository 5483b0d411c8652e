import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { jwtClaims } from "../../lib/auth/jwt.ts";
import {
  embeddedIssuer,
  ORGANIZATION_CLAIM,
} from "../../lib/loopback/issuer.ts";
import { serveLoopback } from "../../lib/loopback/server.ts";
import { startLoopbackIssuer } from "../support/loopback_issuer.ts";

const SCOPE = "openid profile email offline_access";
const DEVICE = { client_id: "cli", audience: "aud", scope: SCOPE };
const CI = {
  grant_type: "client_credentials",
  client_id: "ci",
  client_secret: "s3cret",
  audience: "aud",
};

/** Posts a form to a path below `/oauth/`. */
async function post(
  { url }: { url: string },
  path: "device/code" | "token",
  fields: Record<string, string>,
) {
  const body = new URLSearchParams(fields);
  const response = await fetch(`${url}/oauth/${path}`, {
    method: "POST",
    body,
  });
  return { status: response.status, json: await response.json() };
}

const poll = (issuer: { url: string }, device_code: string) =>
  post(issuer, "token", {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    client_id: "cli",
    device_code,
  });

const refresh = (issuer: { url: string }, refresh_token: string) =>
  post(issuer, "token", {
    grant_type: "refresh_token",
    client_id: "cli",
    refresh_token,
  });

/** The token answer of a whole sign-in. */
async function signIn(issuer: { url: string }) {
  const { json } = await post(issuer, "device/code", DEVICE);
  return (await poll(issuer, json.device_code)).json;
}

/** The refusal of a request, in one line. */
function refusal({ status, json }: Awaited<ReturnType<typeof post>>): string {
  return `${status} ${json.error}: ${json.error_description}`;
}

Deno.test("embeddedIssuer() goes from discovery to tokens", async () => {
  const issuer = embeddedIssuer({ email: "ada@example.com", interval: 1 });
  await using server = serveLoopback(issuer.handle);
  const { url } = server;
  const discovery = await fetch(`${url}/.well-known/openid-configuration`);
  assertEquals(await discovery.json(), {
    issuer: url,
    token_endpoint: `${url}/oauth/token`,
    device_authorization_endpoint: `${url}/oauth/device/code`,
    grant_types_supported: [
      "urn:ietf:params:oauth:grant-type:device_code",
      "refresh_token",
    ],
  });
  const { json: codes } = await post(server, "device/code", DEVICE);
  const { device_code, user_code, ...rest } = codes;
  assertMatch(user_code, /^[B-Z]{4}-[B-Z]{4}$/);
  assertEquals(rest, {
    verification_uri: `${url}/activate`,
    verification_uri_complete: `${url}/activate?user_code=${user_code}`,
    expires_in: 900,
    interval: 1,
  });
  const { access_token, refresh_token, ...granted } =
    (await poll(server, device_code)).json;
  assertEquals(granted, {
    token_type: "Bearer",
    expires_in: 3600,
    scope: SCOPE,
  });
  assert(refresh_token);
  assert(issuer.isValid(access_token));
  assertEquals(issuer.isValid(`${access_token}x`), false);
  const { iat, exp, jti, ...claims } = jwtClaims(access_token) ?? {};
  assertEquals(Number(exp) - Number(iat), 3600);
  assert(jti);
  assertEquals(claims, {
    iss: url,
    sub: "auth0|loopback",
    email: "ada@example.com",
    [ORGANIZATION_CLAIM]: "org-loopback",
    aud: "aud",
    azp: "cli",
    scope: SCOPE,
  });
});

Deno.test("embeddedIssuer() refuses what it did not grant", async () => {
  await using server = serveLoopback(embeddedIssuer().handle);
  const { json } = await post(server, "device/code", DEVICE);
  await poll(server, json.device_code);
  assertEquals(
    refusal(await poll(server, json.device_code)),
    "400 invalid_grant: Unknown or used device code",
  );
  assertEquals(
    refusal(await refresh(server, "made-up")),
    "400 invalid_grant: Unknown or invalid refresh token",
  );
  assertEquals(
    refusal(await post(server, "token", CI)),
    "400 unsupported_grant_type: client_credentials",
  );
  assertEquals(
    refusal(await post(server, "device/code", {})),
    "400 invalid_request: no client_id",
  );
});

Deno.test("a refresh rotates, and a reuse revokes what came of one sign-in", async () => {
  await using issuer = startLoopbackIssuer();
  const first = await signIn(issuer);
  const other = await signIn(issuer);
  const second = (await refresh(issuer, first.refresh_token)).json;
  assertNotEquals(second.refresh_token, first.refresh_token);
  assert(issuer.isValid(second.access_token));
  assertEquals(
    refusal(await refresh(issuer, first.refresh_token)),
    "400 invalid_grant: The refresh token was reused",
  );
  assertEquals(
    refusal(await refresh(issuer, second.refresh_token)),
    "400 invalid_grant: The refresh token was revoked",
  );
  assertEquals(issuer.count("refresh_token"), 1);
  assertEquals((await refresh(issuer, other.refresh_token)).status, 200);
});

Deno.test("client credentials need the right secret", async () => {
  await using issuer = startLoopbackIssuer({ clients: { ci: "s3cret" } });
  const { json } = await post(issuer, "token", CI);
  assertEquals("refresh_token" in json, false);
  assertEquals(jwtClaims(json.access_token)?.sub, "ci@clients");
  assert(issuer.isValid(json.access_token));
  const wrong = [
    [{ client_secret: "wrong" }, "401 invalid_client: Wrong client secret"],
    [{ client_id: "constructor" }, "401 invalid_client: Unknown client"],
  ] as const;
  for (const [fields, expected] of wrong) {
    const refused = await post(issuer, "token", { ...CI, ...fields });
    assertEquals(refusal(refused), expected);
  }
  assertEquals(issuer.count("client_credentials"), 1);
  assertEquals(issuer.requests[0], {
    endpoint: "token",
    method: "POST",
    grant: "client_credentials",
    body: CI,
    contentType: "application/x-www-form-urlencoded;charset=UTF-8",
  });
});

Deno.test("an access token is what the options say", async () => {
  await using issuer = startLoopbackIssuer({
    organization: "org-1",
    clockSkewMs: 3_600_000,
  });
  const { access_token } = await signIn(issuer);
  const claims = jwtClaims(access_token) ?? {};
  assertEquals(claims[ORGANIZATION_CLAIM], "org-1");
  assert(Number(claims.iat) * 1000 > Date.now() + 3_000_000);
  assertEquals(Number(claims.exp) - Number(claims.iat), 3600);
  for (const tokens of ["opaque", "jwt-without-exp"] as const) {
    await using issuer = startLoopbackIssuer({ tokens });
    const { access_token } = await signIn(issuer);
    assertEquals(jwtClaims(access_token)?.exp, undefined);
    assertEquals(jwtClaims(access_token) === undefined, tokens === "opaque");
    assert(issuer.isValid(access_token));
  }
  await using expired = startLoopbackIssuer({ accessTokenSeconds: 0 });
  assertEquals(expired.isValid((await signIn(expired)).access_token), false);
});

Deno.test("faults that a client has to bear spoil as many answers as planned", async () => {
  const faults = [
    ["wrong-content-type", /^text\/plain \{.*\}$/],
    ["expires-in-string", /^application\/json .*"expires_in":"3600"/],
    ["no-expires-in", /^application\/json (?!.*expires_in)/],
  ] as const;
  for (const [fault, expected] of faults) {
    await using issuer = startLoopbackIssuer({ clients: { ci: "s3cret" } });
    issuer.fault("token", fault, 1);
    const response = await fetch(`${issuer.url}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams(CI),
    });
    const type = response.headers.get("content-type");
    assertMatch(`${type} ${await response.text()}`, expected);
    const { json } = await post(issuer, "token", CI);
    assertEquals(json.expires_in, 3600);
    assert(issuer.isValid(json.access_token));
  }
});

Deno.test("fault hang-up loses the answer to a refresh that has rotated", async () => {
  await using issuer = startLoopbackIssuer();
  const { refresh_token } = await signIn(issuer);
  issuer.fault("token", "hang-up", 1);
  await assertRejects(() => refresh(issuer, refresh_token), TypeError);
  assertEquals(issuer.count("refresh_token"), 1);
  assertEquals(
    refusal(await refresh(issuer, refresh_token)),
    "400 invalid_grant: The refresh token was reused",
  );
});
