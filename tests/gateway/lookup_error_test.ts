import { assertEquals } from "@std/assert";
import type { LookupFailure } from "../../lib/gateway/client.ts";
import { lookupError } from "../../lib/gateway/lookup_error.ts";
import { shown } from "../support/fake_sys.ts";

Deno.test("lookupError() tells a refusal from an outage", () => {
  const of = (kind: LookupFailure["kind"]) =>
    shown(lookupError({ kind, message: "why" }, "the providers"));
  assertEquals(of("unauthenticated"), {
    code: "unauthenticated",
    message: "the gateway refused the token: why",
    hint: "sign in with `ai-claude auth login`, or pass RPAI_TOKEN",
  });
  const failure = { kind: "unauthenticated", message: "why" } as const;
  assertEquals(
    lookupError(failure, "the providers", "RPAI_TOKEN").hint,
    "pass a fresh one, or leave it out to use the profile's login",
  );
  assertEquals(of("permission_denied"), {
    code: "unauthenticated",
    message: "the providers cannot be read with this token: why",
    hint: "reading needs dataplane_adp_llmprovider_get; a launch does not: " +
      "ai-claude --llmprovider NAME",
  });
  for (const kind of ["unavailable", "not_found"] as const) {
    assertEquals(of(kind), {
      code: "unavailable",
      message: "cannot read the providers: why",
      hint: "check the URL, the network and proxy variables, then try again",
    });
  }
});
