/**
 * Which way to a token is taken: what a flag, a variable and the profile say,
 * and what is tried when nobody says anything.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import { makeIssued, storeLogin } from "../support/issued.ts";
import { runInProcess } from "../support/in_process.ts";
import type { Ended, World } from "../support/program.ts";
import { fakeRpk } from "../support/stand_ins.ts";

const SECRET = "hunter2secret";
const CLIENT = { RPAI_CLIENT_ID: "ci", RPAI_CLIENT_SECRET: SECRET };

/** A home whose profile names an issuer, and no auth mode unless told. */
async function makeHome(authMode?: string) {
  const place = await makeIssued({ clients: { ci: SECRET } });
  const mode = authMode === undefined ? "" : `    auth_mode: ${authMode}\n`;
  await place.world.write(
    ".rpai/config",
    `profiles:\n  p:\n${mode}    auth:\n      issuer: ${place.issuer.url}\n`,
  );
  return place;
}

async function run(
  { env, project }: World,
  args: string[],
  more: Record<string, string> = {},
): Promise<Ended> {
  const variables = { ...env, ...more };
  const ended = await runInProcess(args, variables, { cwd: () => project });
  assertFalse(`${ended.stdout}${ended.stderr}`.includes(SECRET));
  return ended;
}

Deno.test("a client with its secret in the environment signs in by itself", async () => {
  await using place = await makeHome();
  const { world, issuer } = place;
  const { stdout, stderr } = await run(world, ["auth", "token"], CLIENT);
  assertEquals(stderr, "");
  assertEquals(issuer.isValid(stdout.trim()), true);
  const status = await run(world, ["status", "-v", "-o", "json"], CLIENT);
  assertEquals(JSON.parse(status.stdout).auth_mode, "client_credentials");
  assertStringIncludes(
    status.stderr,
    "auth mode client_credentials: nobody is signed in",
  );
  const file = await world.write("secret", SECRET);
  const fromFile = await run(world, ["auth", "token"], {
    RPAI_CLIENT_ID: "ci",
    RPAI_CLIENT_SECRET_FILE: file,
  });
  assertEquals([fromFile.code, fromFile.stderr], [0, ""]);
});

Deno.test("a launch by such a client has the relay carry its token", async () => {
  await using place = await makeHome();
  const { world, issuer } = place;
  await using gateway = startLoopbackGateway({
    accepts: (token) => issuer.isValid(token),
    providers: [{ name: "a", type: "anthropic" }],
  });
  const { stdout, stderr } = await run(
    world,
    ["-s", gateway.url, "-L", "a", "--print-settings", "-v", "-o", "json"],
    CLIENT,
  );
  const { settings, unset } = JSON.parse(stdout);
  assertEquals(settings.apiKeyHelper, "echo ai-claude-relay");
  for (const name of Object.keys(CLIENT)) assert(unset.includes(name), name);
  assertStringIncludes(stderr, "auth mode client_credentials: ");
});

Deno.test("a client of the environment counts only where nothing else is named", async () => {
  const half = { RPAI_CLIENT_ID: "ci" };
  const cases = [
    { mode: "device", env: CLIENT },
    { mode: undefined, env: half },
    { mode: undefined, env: { ...CLIENT, RPAI_AUTH_MODE: "device" } },
  ];
  for (const { mode, env } of cases) {
    await using place = await makeHome(mode);
    assertEquals(await run(place.world, ["auth", "token"], env), {
      code: 3,
      stdout: "",
      stderr: 'error: not signed in to profile "p"\n' +
        "hint: set RPAI_TOKEN, or RPAI_CLIENT_ID and RPAI_CLIENT_SECRET\n",
    });
  }
  await using place = await makeHome();
  await storeLogin(place.world, place.issuer);
  const status = await run(place.world, ["status", "-o", "json"], CLIENT);
  const { auth_mode, identity } = JSON.parse(status.stdout);
  assertEquals([auth_mode, identity], ["device", "dev@example.com"]);
});

Deno.test("an auth mode is the flag's, else the variable's, else the profile's", async () => {
  await using place = await makeHome("client_credentials");
  const { world } = place;
  await fakeRpk(world, "echo rpk-token-1");
  const mode = async (args: string[], env: Record<string, string> = {}) => {
    const { stdout } = await run(
      world,
      ["auth", "status", "-o", "json", ...args],
      { ...CLIENT, ...env },
    );
    return JSON.parse(stdout).auth_mode;
  };
  assertEquals(await mode([]), "client_credentials");
  const RPAI_AUTH_MODE = "rpk";
  assertEquals(await mode([], { RPAI_AUTH_MODE }), "rpk");
  assertEquals(await mode(["--auth-mode", "none"], { RPAI_AUTH_MODE }), "none");
  const shown = await run(world, ["profile", "show", "-o", "json"], {
    RPAI_AUTH_MODE,
  });
  assertEquals(JSON.parse(shown.stdout).auth_mode, {
    value: "rpk",
    source: "RPAI_AUTH_MODE",
  });
  const token = await run(world, ["auth", "token", "--auth-mode", "rpk"]);
  assertEquals(token, { code: 0, stdout: "rpk-token-1\n", stderr: "" });
});

Deno.test("an auth mode that is none is a usage error of every command that takes one", async () => {
  await using place = await makeHome();
  for (const words of [[], ["status"], ["provider", "list"], ["doctor"]]) {
    const { code, stderr } = await run(
      place.world,
      [...words, "--auth-mode", "devise"],
    );
    assertEquals(code, 2, words.join(" "));
    assertEquals(
      stderr,
      'error: unknown auth mode "devise" (--auth-mode)\n' +
        "hint: did you mean device? " +
        "auth modes: device, rpk, client_credentials, token, none\n",
    );
  }
});
