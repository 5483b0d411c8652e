import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Probed,
  probeVerdict,
} from "../../../lib/commands/doctor/probe_verdict.ts";

const SESSION: Probed = {
  mode: "managed",
  relay: false,
  problems: [],
  arrived: ["Authorization: gateway token"],
  strays: [],
  calls: 1,
};

function verdict(more: Partial<Probed>): string[] {
  return probeVerdict({ ...SESSION, ...more }).map((
    { status, message, remedy },
  ) => `${status} ${message}${remedy === undefined ? "" : " ->"}`);
}

Deno.test("probeVerdict() of a session that held", () => {
  const held = (requests: string, how = "") => [
    `ok managed mode${how}, with your settings and environment, and made-up ` +
    `credentials: ${requests} reached the embedded gateway with ` +
    "Authorization: gateway token; nothing went anywhere else",
  ];
  assertEquals(verdict({}), held("1 request"));
  assertEquals(
    verdict({ relay: true }),
    held("1 request", " through the relay"),
  );
  assertEquals(verdict({ calls: 2 }), held("2 requests"));
});

Deno.test("probeVerdict() calls a session that asked nobody no reroute", () => {
  const ended = { calls: 0, problems: ["Claude Code ended with 3"] };
  const astray = { ...ended, strays: ["CONNECT a:443"] };
  const remedies = [ended, astray].map((more) =>
    probeVerdict({ ...SESSION, ...more }).at(-1)?.remedy ?? ""
  );
  assertStringIncludes(remedies[0], "starts by itself");
  assertStringIncludes(remedies[1], "a launch should have prevented this");
});

Deno.test("probeVerdict() names each stray host once, and what to do once", () => {
  assertEquals(
    verdict({
      strays: ["CONNECT a:443", "CONNECT a:443", "POST http://b"],
      problems: ["did not arrive: x"],
      calls: 0,
    }),
    [
      "fail no model request reached the gateway",
      "fail went elsewhere: CONNECT a:443",
      "fail went elsewhere: POST http://b",
      "fail did not arrive: x ->",
    ],
  );
  // One request astray is one too many, however many arrived.
  assertEquals(verdict({ strays: ["CONNECT a:443"] }), [
    "fail went elsewhere: CONNECT a:443 ->",
  ]);
});
