import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
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

Deno.test("embeddedIssuer() grants once for each code and each refresh token", async () => {
  const issuer = embeddedIssuer();
  await using server = serveLoopback(issuer.handle);
  const { json: { device_code: code } } = await post(
    server,
    "device/code",
    DEVICE,
  );
  const { json: first } = await poll(server, code);
  const { json: second } = await refresh(server, first.refresh_token);
  assertNotEquals(second.refresh_token, first.refresh_token);
  assert(issuer.isValid(second.access_token));
  const refused = [
    [poll(server, code), "invalid_grant: Unknown or used device code"],
    [
      refresh(server, first.refresh_token),
      "invalid_grant: Unknown or used refresh token",
    ],
    [
      post(server, "token", CI),
      "unsupported_grant_type: client_credentials",
    ],
    [post(server, "device/code", {}), "invalid_request: no client_id"],
  ] as const;
  for (const [answer, expected] of refused) {
    const { status, json } = await answer;
    assertEquals(
      `${status} ${json.error}: ${json.error_description}`,
      `400 ${expected}`,
    );
  }
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
