import { assertEquals } from "@std/assert";
import { lastChoice, rememberChoice } from "../../lib/gateway/last_choice.ts";
import type { ReplaceOptions } from "../../lib/system/sys.ts";
import {
  type FakeMachine,
  type FakeSys,
  fakeSys,
} from "../support/fake_sys.ts";

const PATH = "/home/me/.rpai/ai-claude.state";
const GATEWAY = "https://gw.example.com";
const PROD = { gatewayUrl: GATEWAY, profile: "prod" };

/** A machine with a disk, and what was written to it. */
function machine(
  text?: string,
  more: FakeMachine = {},
): { sys: FakeSys; files: Record<string, string>; modes: ReplaceOptions[] } {
  const files: Record<string, string> = text === undefined
    ? {}
    : { [PATH]: text };
  const modes: ReplaceOptions[] = [];
  const sys = fakeSys({ env: { HOME: "/home/me" }, files, ...more });
  sys.replaceTextFile = (path, text, options) => {
    files[path] = text;
    modes.push(options);
    return Promise.resolve();
  };
  return { sys, files, modes };
}

Deno.test("rememberChoice() keeps a choice per gateway and profile", async () => {
  const { sys, modes } = machine();
  const places = [PROD, { gatewayUrl: GATEWAY }, {
    gatewayUrl: "https://other.example.com",
    profile: "prod",
  }];
  for (const [index, place] of places.entries()) {
    assertEquals(await lastChoice(place, sys), undefined);
    await rememberChoice(place, `p${index}`, sys);
  }
  for (const [index, place] of places.entries()) {
    assertEquals(await lastChoice(place, sys), `p${index}`);
  }
  assertEquals(modes[0], { file: 0o600, dir: 0o700 });
});

Deno.test("rememberChoice() writes only what is new and keeps other keys", async () => {
  const { sys, files, modes } = machine('{"future":[1],"last_provider":{}}');
  await rememberChoice(PROD, "a", sys);
  await rememberChoice(PROD, "a", sys);
  assertEquals(modes.length, 1);
  assertEquals(JSON.parse(files[PATH]), {
    future: [1],
    last_provider: { [`${GATEWAY} prod`]: "a" },
  });
});

Deno.test("lastChoice() of a broken file is nothing, and the file is mended", async () => {
  for (
    const text of [
      "",
      "{",
      "[]",
      "null",
      '"x"',
      "\0\ufffd",
      '{"last_provider":[]}',
      `{"last_provider":{"${GATEWAY} prod":7}}`,
      "[".repeat(100_000),
    ]
  ) {
    const { sys } = machine(text);
    assertEquals(await lastChoice(PROD, sys), undefined, text.slice(0, 40));
    await rememberChoice(PROD, "a", sys);
    assertEquals(await lastChoice(PROD, sys), "a", text.slice(0, 40));
  }
});

Deno.test("a state file that cannot be used is no memory and no error", async () => {
  const unreadable = machine(undefined, {
    files: { [PATH]: new Error("Permission denied (os error 13)") },
  });
  await rememberChoice(PROD, "a", unreadable.sys);
  assertEquals(await lastChoice(PROD, unreadable.sys), undefined);
  assertEquals(unreadable.modes, [], "not overwritten either");

  const { sys } = machine();
  sys.replaceTextFile = () => Promise.reject(new Error("read-only"));
  await rememberChoice(PROD, "a", sys);
  assertEquals(await lastChoice(PROD, sys), undefined);

  const homeless = machine(undefined, { env: {} });
  await rememberChoice(PROD, "a", homeless.sys);
  assertEquals(await lastChoice(PROD, homeless.sys), undefined);
  assertEquals([homeless.sys.read, homeless.files], [[], {}]);
});
