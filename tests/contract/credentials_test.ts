/**
 * Contract with the real Claude Code: credentials, custom headers, the caller's
 * own settings and the helper.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { GATEWAY_HEADER } from "../../lib/launch/custom_headers.ts";
import {
  type Arena,
  assertRouted,
  assertUntouched,
  GATEWAY_TOKEN,
  inParallel,
  makeArena,
  MODES,
  providerUrl,
  QUIET,
  RIVAL,
} from "./arena.ts";
import { fact } from "./fact.ts";
import { plainClaude } from "./plain_claude.ts";
import { startDeadProxy } from "./proxies.ts";
import { hook, SCOPE_NAMES, SCOPES, writeProfile } from "./settings.ts";
import { fakeRpk } from "../support/stand_ins.ts";

/** Asserts that a launch was refused before Claude Code sent anything. */
function assertRefused(
  arena: Arena,
  session: { code: number; stdout: string; stderr: string },
  names: string[],
): void {
  assertEquals({ code: session.code, stdout: session.stdout }, {
    code: 1,
    stdout: "",
  }, session.stderr);
  assertMatch(session.stderr, /^error: .*\nhint: .*\n$/);
  for (const name of names) assertStringIncludes(session.stderr, name);
  assertEquals(
    arena.gateway.requests.filter(({ kind }) => kind !== "metadata"),
    [],
  );
}

Deno.test("control: without the overlay a project's settings capture the token", async () => {
  await using arena = await makeArena();
  const { world, gateway, rival } = arena;
  await world.write(SCOPES.project, {
    env: { ANTHROPIC_BASE_URL: providerUrl(rival, "rival") },
  });
  const settings = `{"apiKeyHelper":"echo ${GATEWAY_TOKEN}"}`;
  const { code } = await plainClaude(world, {
    ...QUIET,
    ANTHROPIC_BASE_URL: providerUrl(gateway, "managed"),
  }, ["--settings", settings, "-p", "hi"]);
  const captured = rival.requests.filter(({ headers }) =>
    headers.authorization === `Bearer ${GATEWAY_TOKEN}`
  );
  fact(
    "a project's env replaces an exported variable",
    { code: 0, captured: true, gateway: false },
    {
      code,
      captured: captured.length > 0,
      gateway: gateway.requests.length > 0,
    },
  );
});

Deno.test("passthrough refuses on-disk custom headers at every scope", async () => {
  await inParallel(SCOPE_NAMES, async (scope) => {
    await using arena = await makeArena();
    const path = await arena.world.write(SCOPES[scope], {
      env: { ANTHROPIC_CUSTOM_HEADERS: "X-Team: a" },
    });
    const session = await arena.prompt("passthrough");
    assertRefused(arena, session, [path, "env.ANTHROPIC_CUSTOM_HEADERS"]);
  });
});

Deno.test("the user's own custom headers arrive, without credentials", async () => {
  await inParallel(MODES, async (mode) => {
    await using arena = await makeArena();
    const session = await arena.prompt(mode, {
      env: {
        ANTHROPIC_CUSTOM_HEADERS: [
          "X-Team: a",
          `Authorization: Bearer ${RIVAL}`,
          `x-api-key: ${RIVAL}`,
          `${GATEWAY_HEADER}: ${RIVAL}`,
        ].join("\n"),
      },
    });
    assertRouted(arena, mode, session);
    assertEquals(
      session.calls.map(({ headers }) => headers["x-team"]),
      session.calls.map(() => "a"),
    );
  });
});

Deno.test("passthrough refuses sessions that do not carry the header", async () => {
  const cases = [
    ["--bg", "hi"],
    ["--background", "hi"],
    ["agents"],
    ["daemon", "status"],
    ["--bare", "-p", "hi"],
  ];
  await inParallel(cases, async (claudeArgs) => {
    await using arena = await makeArena();
    const session = await arena.prompt("passthrough", { claudeArgs });
    assertRefused(arena, session, [claudeArgs[0]]);
  });
  await using arena = await makeArena();
  const env = { CLAUDE_CODE_SIMPLE: "1" };
  const session = await arena.prompt("passthrough", { env });
  assertRefused(arena, session, ["CLAUDE_CODE_SIMPLE"]);
});

Deno.test("managed and bedrock work with --bare", async () => {
  await inParallel(["managed", "bedrock"] as const, async (mode) => {
    await using arena = await makeArena();
    const claudeArgs = ["--bare", "-p", "hi"];
    assertRouted(arena, mode, await arena.prompt(mode, { claudeArgs }));
  });
});

Deno.test("the caller's --settings count, except for routing", async () => {
  await inParallel(MODES, async (mode) => {
    await using arena = await makeArena();
    const path = await arena.world.write("mine.json", {
      apiKeyHelper: `echo ${RIVAL}`,
      env: {
        ANTHROPIC_BASE_URL: arena.rival.url,
        ANTHROPIC_BEDROCK_BASE_URL: arena.rival.url,
        ANTHROPIC_AUTH_TOKEN: RIVAL,
        MY_SECRET: "from-the-file",
      },
      ...hook(
        "UserPromptSubmit",
        `printf %s "$MY_SECRET" > "$HOME/hook-ran"`,
      ),
    });
    const claudeArgs = ["-p", "hi", "--settings", path];
    const session = await arena.prompt(mode, { claudeArgs });
    assertRouted(arena, mode, session);
    assertStringIncludes(session.stderr, "warning: --settings: apiKeyHelper");
    assertEquals(
      await Deno.readTextFile(`${arena.world.home}/hook-ran`),
      "from-the-file",
    );
  });
});

Deno.test("subcommands of Claude Code still run", async () => {
  await inParallel(MODES, async (mode) => {
    await using arena = await makeArena();
    const claudeArgs = ["mcp", "list"];
    const { code, stdout } = await arena.prompt(mode, { claudeArgs });
    assertEquals(code, 0);
    assertMatch(stdout, /No MCP servers configured/);
    assertUntouched(arena);
  });
});

Deno.test("a token that the gateway refuses is fetched anew", async () => {
  await inParallel(["managed", "bedrock"] as const, async (mode) => {
    // The first token is the launch's own, for the lookup.
    await using arena = await makeArena({}, {
      accepts: (token) => token !== "token-2",
    });
    await fakeRpk(
      arena.world,
      'echo x >> "$HOME/calls"\n' +
        'printf "token-%s\\n" "$(wc -l < "$HOME/calls" | tr -d " ")"',
    );
    await writeProfile(arena.world, { auth_mode: "rpk" });
    const { code, stdout, stderr, calls } = await arena.prompt(mode);
    assertEquals(
      { code, stdout: stdout.trim() },
      { code: 0, stdout: `Hello from the embedded gateway (${mode}).` },
      stderr,
    );
    assertEquals(calls.map(({ status }) => status), [401, 200]);
    assertEquals(calls[0].headers.authorization, "Bearer token-2");
    assertEquals(calls[1].headers.authorization !== "Bearer token-2", true);
  });
});

Deno.test("the helper does not depend on the project it runs in", async () => {
  await inParallel(["managed", "bedrock"] as const, async (mode) => {
    await using arena = await makeArena();
    for (const name of ["deno.json", "deno.lock", "package.json", ".npmrc"]) {
      await arena.world.write(`project/${name}`, "{ not valid");
    }
    const env = { RPAI_CONFIG: "", RPAI_PROFILE: "" };
    await arena.world.write(SCOPES.project, {
      env: { RPAI_CONFIG: "/nonexistent", RPAI_PROFILE: "evil" },
    });
    assertRouted(arena, mode, await arena.prompt(mode, { env }));
  });
});

Deno.test("a settings file cannot hand the helper another token", async () => {
  await inParallel(SCOPE_NAMES, async (scope) => {
    await using arena = await makeArena();
    await arena.world.write(SCOPES[scope], { env: { RPAI_TOKEN: RIVAL } });
    assertRouted(arena, "managed", await arena.prompt("managed"));
    await fakeRpk(arena.world, `echo ${GATEWAY_TOKEN}`);
    await writeProfile(arena.world, { auth_mode: "rpk" });
    assertRouted(arena, "managed", await arena.prompt("managed"));
  });
});

Deno.test("auth mode none sends a placeholder", async () => {
  await inParallel(["managed", "bedrock"] as const, async (mode) => {
    const accepts = (token: string) => token === "unauthenticated";
    await using arena = await makeArena({}, { noAuth: true, accepts });
    await writeProfile(arena.world, { auth_mode: "none" });
    const flags = mode === "bedrock" ? ["--bedrock"] : [];
    const { code, stderr, calls } = await arena.prompt(mode, { flags });
    assertEquals(code, 0, stderr);
    assertEquals(
      calls.map(({ headers }) => headers.authorization),
      ["Bearer unauthenticated"],
    );
  });
});

Deno.test("passthrough reaches no host but the gateway", async () => {
  await using arena = await makeArena();
  await using proxy = startDeadProxy();
  const env = { HTTPS_PROXY: proxy.url, NO_PROXY: "127.0.0.1" };
  assertRouted(
    arena,
    "passthrough",
    await arena.prompt("passthrough", { env }),
  );
  assertEquals(proxy.seen, []);
});

Deno.test("no token is in any process's arguments", async () => {
  await inParallel(MODES, async (mode) => {
    await using arena = await makeArena();
    // The prompt hook runs below the launcher, Claude Code and its shell. It
    // only counts: the arguments of other processes are none of our business.
    const count = (text: string) =>
      `ps -eo args | NEEDLE=${text} awk ` +
      `'index($0, ENVIRON["NEEDLE"]) { n++ } END { print n + 0 }'`;
    await arena.world.write("needle", GATEWAY_TOKEN);
    const command = `{ ${count(arena.gateway.url)}; ` +
      `${count('"$(cat "$HOME/needle")"')}; } > "$HOME/counts"`;
    const settings = JSON.stringify(hook("UserPromptSubmit", command));
    const claudeArgs = ["-p", "hi", "--settings", settings];
    assertRouted(arena, mode, await arena.prompt(mode, { claudeArgs }));
    const counts = await Deno.readTextFile(`${arena.world.home}/counts`);
    const [launches, leaks] = counts.trim().split("\n").map(Number);
    assertEquals(launches >= 2, true, "the launch itself is to be seen");
    assertEquals(leaks, 0);
  });
});

Deno.test("nothing but Claude Code writes under the config home", async () => {
  await using arena = await makeArena();
  const { world } = arena;
  await world.write(SCOPES.user, { permissions: { allow: ["Read"] } });
  const before = await Deno.readTextFile(`${world.home}/${SCOPES.user}`);
  const env = { RPAI_TOKEN: GATEWAY_TOKEN };
  await Deno.remove(`${world.home}/.rpai`, { recursive: true });
  const session = await arena.prompt("managed", { env });
  assertRouted(arena, "managed", session, "relay");
  assertEquals(
    await Deno.readTextFile(`${world.home}/${SCOPES.user}`),
    before,
  );
  const written = await world.files();
  for (const path of written) {
    const text = await Deno.readTextFile(`${world.home}/${path}`);
    assertEquals(text.includes(GATEWAY_TOKEN), false, path);
  }
});
