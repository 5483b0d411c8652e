import { assertEquals } from "@std/assert";
import { examine, findings, HOME, machine, startGateway } from "./machine.ts";
import type { FakeMachine } from "../../support/fake_sys.ts";

/** The variables that are named, each with its place. */
async function named(more: FakeMachine, llmprovider = "main") {
  await using gateway = startGateway();
  const { code, checks } = await examine(machine(gateway.url, more), {
    llmprovider,
  });
  assertEquals(code, 0);
  return findings(checks).map((finding) =>
    /^settings warn (\w+) is set in (.*?): /.exec(finding)?.slice(1).join(" ")
  );
}

const everything = {
  CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE: "1000",
  CLAUDE_CODE_CLIENT_DATA_URL: "https://x.example",
  CLAUDE_CODE_SUBPROCESS_ENV_SCRUB: "1",
  CLAUDE_CODE_OAUTH_SCOPES: "user:profile",
};
const NAMES = Object.keys(everything);

Deno.test("breakingVariables() names what ends a session, and where it is set", async () => {
  const user = `${HOME}/.claude/settings.json`;
  const project = "/src/project/.claude/settings.json";
  const inFile = JSON.stringify({ env: everything });
  const each = (names: string[], place: string) =>
    names.map((name) => `${name} ${place}`);
  assertEquals(
    await named({ env: everything }),
    each(NAMES.slice(0, 3), "the environment"),
  );
  assertEquals(
    await named({ env: everything }, "own-login"),
    each(NAMES, "the environment"),
  );
  assertEquals(
    await named({ files: { [user]: inFile }, env: everything }, "own-login"),
    each(NAMES, user),
  );
  // From a project Claude Code takes only one of them.
  assertEquals(
    await named({ files: { [project]: inFile } }, "own-login"),
    each(NAMES.slice(0, 1), project),
  );
});

Deno.test("breakingVariables() leaves harmless values alone", async () => {
  const env = {
    CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE: "x",
    CLAUDE_CODE_CLIENT_DATA_URL: "",
    CLAUDE_CODE_SUBPROCESS_ENV_SCRUB: "0",
    CLAUDE_CODE_OAUTH_SCOPES: "user:profile user:inference",
  };
  assertEquals(await named({ env }, "own-login"), []);
  const scrub = { CLAUDE_CODE_SUBPROCESS_ENV_SCRUB: "1" };
  const executables = ["/opt/bin/claude", "/opt/bin/bwrap"];
  assertEquals(await named({ env: scrub, executables }), []);
  assertEquals(await named({ env: scrub, platform: "darwin" }), []);
});
