import { assertEquals, assertFalse, assertThrows } from "@std/assert";
import { authServer } from "../../lib/auth/auth_server.ts";
import { AUTH_DEFAULTS } from "../../lib/profile/auth_defaults.ts";
import type { Profile, ProfileAuth } from "../../lib/profile/config.ts";
import { CliError } from "../../lib/base/errors.ts";
import { shown } from "../support/fake_sys.ts";

function profile(auth?: ProfileAuth): Profile {
  return { name: "dev", auth };
}

const BUILT_IN = {
  issuer: "https://auth.prd.cloud.redpanda.com",
  clientId: "ehNhbNUwjPIWUinE2b7njFyE4VBrxXZm",
  audience: "cloudv2-production.redpanda.cloud",
  endpoints: {
    device: "https://cloud-api.prd.cloud.redpanda.com/oauth/device/code",
    token: "https://cloud-api.prd.cloud.redpanda.com/oauth/token",
    clientCredentials: "https://auth.prd.cloud.redpanda.com/oauth/token",
    json: true,
  },
};

Deno.test("authServer() is Redpanda Cloud by default, and when the profile names that", () => {
  assertEquals(authServer(undefined), BUILT_IN);
  assertEquals(authServer(profile()), BUILT_IN);
  for (const slashes of ["", "/", "//"]) {
    const issuer = AUTH_DEFAULTS.issuer + slashes;
    assertEquals(authServer(profile({ issuer })), BUILT_IN);
  }
});

Deno.test("authServer() takes each value of the auth block", () => {
  assertEquals(
    authServer(profile({
      issuer: "https://login.example/realm/",
      clientId: "cli",
      audience: "aud",
      organization: "org",
    })),
    {
      issuer: "https://login.example/realm",
      clientId: "cli",
      audience: "aud",
      organization: "org",
    },
  );
  assertEquals(authServer(profile({ clientId: "cli", audience: "aud" })), {
    ...BUILT_IN,
    clientId: "cli",
    audience: "aud",
  });
});

Deno.test("authServer() takes http on loopback, and an issuer with a path of its own", () => {
  for (
    const issuer of [
      "http://127.0.0.1:8080",
      "http://localhost:1",
      "http://[::1]:9",
      "https://login.example/oauth2/default",
      "https://login.example/tenant/v2.0",
    ]
  ) assertEquals(authServer(profile({ issuer })).issuer, issuer);
});

Deno.test("authServer() refuses an issuer that is not safe", () => {
  const [clear, query] = [
    "a token would travel in clear text",
    "it must not hold a query or fragment",
  ];
  const bad = [
    ["http://login.example", clear],
    ["http://127.0.0.1.example", clear],
    ["http://localhost.example", clear],
    ["ftp://login.example", '"ftp:" is not https'],
    ["login.example", "https:// is missing", "login.example"],
    ["", "not a URL"],
    ["https://login.example/?x=1", query, "login.example"],
    ["https://login.example/#x", query, "login.example"],
    [
      "https://login.example/realm/.well-known/openid-configuration",
      "it must end before /.well-known/openid-configuration",
      "login.example/realm",
    ],
    [
      "https://login.example/oauth/token",
      "it must end before /oauth/token",
      "login.example",
    ],
  ];
  for (const [issuer, reason, meant] of bad) {
    const error = assertThrows(() => authServer(profile({ issuer })), CliError);
    const { code, message, hint } = shown(error);
    assertEquals([code, hint], [
      "usage",
      meant === undefined
        ? "an issuer is an https URL, or http on loopback"
        : `did you mean https://${meant}?`,
    ]);
    assertEquals(
      message.replace(/"[^"]*"/, "URL"),
      `bad issuer URL (auth.issuer of profile "dev"): ${reason}`,
    );
  }
});

Deno.test("authServer() does not repeat a password in an issuer", () => {
  const issuer = "https://me:s3cret-word@login.example";
  const error = assertThrows(() => authServer(profile({ issuer })), CliError);
  assertEquals(error.code, "usage");
  assertFalse(error.message.includes("s3cret-word"), error.message);
});
