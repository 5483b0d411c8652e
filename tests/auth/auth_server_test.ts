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

Deno.test("authServer() is Redpanda Cloud by default", () => {
  assertEquals(authServer(undefined), BUILT_IN);
  assertEquals(authServer(profile()), BUILT_IN);
  assertEquals(authServer(profile({})), BUILT_IN);
});

Deno.test("authServer() knows Redpanda Cloud when the profile names it", () => {
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

Deno.test("authServer() takes http on loopback", () => {
  for (const host of ["127.0.0.1:8080", "localhost:1", "[::1]:9"]) {
    const issuer = `http://${host}`;
    assertEquals(authServer(profile({ issuer })).issuer, issuer);
  }
});

Deno.test("authServer() refuses an issuer that is not safe", () => {
  const bad = [
    "http://login.example",
    "http://127.0.0.1.example",
    "http://localhost.example",
    "ftp://login.example",
    "login.example",
    "",
    "https://login.example/?x=1",
    "https://login.example/#x",
  ];
  for (const issuer of bad) {
    const error = assertThrows(() => authServer(profile({ issuer })), CliError);
    assertEquals(shown(error), {
      code: "usage",
      message: `bad issuer "${issuer}" (auth.issuer of profile "dev")`,
      hint: "an issuer is an https URL, or http on loopback",
    });
  }
});

Deno.test("authServer() does not repeat a password in an issuer", () => {
  const issuer = "https://me:s3cret-word@login.example";
  const error = assertThrows(() => authServer(profile({ issuer })), CliError);
  assertEquals(error.code, "usage");
  assertFalse(error.message.includes("s3cret-word"), error.message);
});
