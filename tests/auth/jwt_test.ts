import { assertEquals } from "@std/assert";
import { jwtClaims, jwtExpiry } from "../../lib/auth/jwt.ts";
import { fakeJwt } from "../support/fake_sys.ts";

Deno.test("jwtExpiry() is exp in milliseconds", () => {
  assertEquals(jwtExpiry(fakeJwt({ exp: 1_700_000_000 })), 1_700_000_000_000);
  assertEquals(jwtExpiry(fakeJwt({ exp: 1.5 })), 1500);
  assertEquals(jwtExpiry(fakeJwt({ exp: 0 })), 0);
});

Deno.test("jwtExpiry() knows nothing without a usable exp", () => {
  assertEquals(jwtExpiry(fakeJwt({ sub: "x" })), undefined);
  assertEquals(jwtExpiry(fakeJwt({ exp: "1700000000" })), undefined);
  assertEquals(jwtExpiry(fakeJwt({ exp: null })), undefined);
  assertEquals(jwtExpiry("opaque-token"), undefined);
  assertEquals(jwtExpiry(""), undefined);
});

Deno.test("jwtClaims() reads base64url and UTF-8", () => {
  const claims = { name: "Zoë ÿ?~ 日本", a: "???>>>" };
  assertEquals(jwtClaims(fakeJwt(claims)), claims);
});

Deno.test("jwtClaims() has nothing for what is not a JWT", () => {
  const payloads = [btoa("not json"), btoa("[1]"), `${btoa("{}")}.extra`];
  const tokens = payloads.map((payload) => `e30.${payload}.s`);
  for (const token of ["", "a.b", "a.b.c", "..", "a.!!!.c", ...tokens]) {
    assertEquals(jwtClaims(token), undefined, token);
  }
});
