import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Probed,
  probeVerdict,
} from "../../../lib/commands/doctor/probe_verdict.ts";

const call = (headers: Record<string, string>) => ({ headers });

const SESSION: Probed = {
  mode: "managed",
  relay: false,
  problems: [],
  arrived: ["Authorization: gateway token"],
  strays: [],
  calls: [call({ "x-api-key": "t" })],
  token: "t",
};

function verdict(more: Partial<Probed>): string[] {
  return probeVerdict({ ...SESSION, ...more }).map((
    { status, message, remedy },
  ) => `${status} ${message}${remedy === undefined ? "" : " ->"}`);
}

Deno.test("probeVerdict() of a session that held", () => {
  const held = "ok managed mode, with your settings and environment: ";
  assertEquals(verdict({}), [
    `${held}1 request reached the gateway with Authorization: gateway token; ` +
    "nothing went anywhere else",
  ]);
  assertEquals(verdict({ relay: true }), [
    "ok managed mode through the relay, with your settings and environment: " +
    "1 request reached the gateway with Authorization: gateway token; " +
    "nothing went anywhere else",
  ]);
  assertEquals(verdict({ calls: [call({}), call({})] }), [
    `${held}2 requests reached the gateway with Authorization: gateway token; ` +
    "nothing went anywhere else",
  ]);
});

Deno.test("probeVerdict() calls a session that asked nobody no reroute", () => {
  const ended = { calls: [], problems: ["Claude Code ended with 3"] };
  const astray = { ...ended, strays: ["CONNECT a:443"] };
  const remedies = [ended, astray].map((more) =>
    probeVerdict({ ...SESSION, ...more }).at(-1)?.remedy ?? ""
  );
  assertStringIncludes(remedies[0], "starts by itself");
  assertStringIncludes(remedies[1], "a launch should have prevented this");
});

Deno.test("probeVerdict() warns of a key of the user's own", () => {
  assertEquals(verdict({ calls: [call({ "x-api-key": "mine" })] }).slice(1), [
    "warn an X-Api-Key of your own travels to the gateway beside the launch's " +
    "credential ->",
  ]);
});

Deno.test("probeVerdict() names each stray host once, and what to do once", () => {
  assertEquals(
    verdict({
      strays: ["CONNECT a:443", "CONNECT a:443", "POST http://b"],
      problems: ["did not arrive: x"],
      calls: [],
    }),
    [
      "fail no request for an answer reached the gateway",
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
