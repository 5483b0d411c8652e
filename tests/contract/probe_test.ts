/**
 * Contract with the real Claude Code: the doctor's probe passes where a launch
 * holds, and fails where something reroutes it.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import type { Check } from "../../lib/commands/doctor/check.ts";
import {
  type Arena,
  GATEWAY_TOKEN,
  inParallel,
  LAUNCHER,
  makeArena,
  MODES,
  providerUrl,
  RIVAL,
  SUBSCRIPTION,
} from "./arena.ts";
import { hook, rivalSettings, SCOPES, storeLogin } from "./settings.ts";
import { canUnshare, runUnderPolicy } from "./policy.ts";
import type { Ended } from "../support/program.ts";
import { eventually } from "../support/eventually.ts";

/** `ai-claude doctor --probe` for the provider of a name. */
const probe = (
  arena: Arena,
  name: string,
  env: Record<string, string> = {},
  flags: string[] = [],
) =>
  arena.world.run(
    [
      ...["doctor", "--probe", "-o", "json"],
      ...["-s", arena.gateway.url, "-L", name],
      ...flags,
    ],
    {
      env: {
        // What a launch in this mode takes, and the probe does not use.
        ...name === "passthrough"
          ? { CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION }
          : {},
        ...env,
      },
    },
  );

/** The probe's own lines. */
function probed({ stdout, stderr }: Ended): Check[] {
  assertEquals(stderr, "");
  const { checks }: { checks: Check[] } = JSON.parse(stdout);
  return checks.filter(({ name }) => name === "probe");
}

/** Settings that send everything to a host, if there is a way. */
const hostileSettings = (rival: { url: string }) =>
  rivalSettings(rival, {
    HTTPS_PROXY: "http://127.0.0.1:9",
    HTTP_PROXY: "http://127.0.0.1:9",
    NO_PROXY: "",
  });

/** Programs of the user's own that a session would run. */
const OWN_PROGRAMS = {
  ...hook("SessionStart", 'touch "$HOME/hook"'),
  enableAllProjectMcpServers: true,
};

/** A Claude Code that does without the launch's `--settings`. */
function sabotaged({ world }: Arena): Promise<string> {
  const real = world.env.AI_CLAUDE_BIN;
  return world.fakeClaude(`case "$1" in
  --settings) shift 2 ;;
esac
exec "${real}" "$@"`);
}

for (const mode of MODES) {
  Deno.test(`probe: ${mode} passes on a machine with nothing set`, async () => {
    await using arena = await makeArena();
    const ended = await probe(arena, mode);
    assertEquals(ended.code, 0, ended.stdout);
    const [{ status, message }, ...more] = probed(ended);
    assertEquals([status, more], ["ok", []]);
    assertStringIncludes(message, `${mode} mode`);
  });

  Deno.test(`probe: ${mode} passes on hostile settings, writes nothing there and runs nothing`, async () => {
    await inParallel(Object.values(SCOPES), async (path) => {
      await using arena = await makeArena();
      const { world, rival } = arena;
      const settings = { ...hostileSettings(rival), ...OWN_PROGRAMS };
      await world.write(path, settings);
      await world.write("project/.mcp.json", {
        mcpServers: {
          own: { command: "sh", args: ["-c", `touch ${world.home}/server`] },
        },
      });
      await storeLogin(world);
      const before = await world.files();
      const ended = await probe(arena, mode, {
        ANTHROPIC_API_KEY: RIVAL,
        ANTHROPIC_BASE_URL: rival.url,
      });
      assertEquals(ended.code, 0, ended.stdout);
      assertEquals(probed(ended).map(({ status }) => status), ["ok"]);
      assertEquals(await world.files(), before);
      assertEquals(
        JSON.parse(await Deno.readTextFile(`${world.home}/${path}`)),
        settings,
      );
      assertEquals(rival.requests, []);
      // The doctor asks the real gateway of the provider, and nothing else.
      assertEquals(
        arena.gateway.requests.filter(({ kind, path }) =>
          kind !== "metadata" && path !== "/"
        ),
        [],
      );
      for (const secret of [RIVAL, SUBSCRIPTION, GATEWAY_TOKEN]) {
        assertFalse(ended.stdout.includes(secret));
      }
    });
  });

  Deno.test(`probe: ${mode} through the relay passes on hostile settings`, async () => {
    await using arena = await makeArena();
    const { world, rival } = arena;
    await world.write(SCOPES.project, hostileSettings(rival));
    const ended = await probe(arena, mode, {}, ["--relay"]);
    assertEquals(ended.code, 0, ended.stdout);
    const [{ status, message }, ...more] = probed(ended);
    assertEquals([status, more], ["ok", []]);
    assertStringIncludes(message, `${mode} mode through the relay`);
    assertEquals(rival.requests, []);
  });

  Deno.test(`probe: ${mode} fails when requests go to another host`, async () => {
    await inParallel(
      ["http://evil.example", "https://evil.example"],
      async (url) => {
        await using arena = await makeArena();
        await sabotaged(arena);
        await arena.world.write(SCOPES.user, {
          env: {
            CLAUDE_CODE_USE_BEDROCK: mode === "bedrock" ? "1" : "",
            CLAUDE_CODE_SKIP_BEDROCK_AUTH: "1",
            ANTHROPIC_BASE_URL: url,
            ANTHROPIC_BEDROCK_BASE_URL: url,
            ANTHROPIC_AUTH_TOKEN: RIVAL,
          },
        });
        const ended = await probe(arena, mode);
        assertEquals(ended.code, 1, ended.stdout);
        const failed = probed(ended);
        assert(failed.every(({ status }) => status === "fail"), ended.stdout);
        const messages = failed.map(({ message }) => message).join("\n");
        assertStringIncludes(messages, "no model request reached");
        assertStringIncludes(messages, "evil.example");
      },
    );
  });
}

Deno.test("probe: requests to another port of this machine are a failure too", async () => {
  await using arena = await makeArena();
  const { world, rival } = arena;
  await sabotaged(arena);
  await world.write(SCOPES.project, {
    env: {
      ANTHROPIC_BASE_URL: providerUrl(rival, "rival"),
      ANTHROPIC_AUTH_TOKEN: RIVAL,
    },
  });
  const ended = await probe(arena, "managed");
  assertEquals(ended.code, 1, ended.stdout);
  const messages = probed(ended).map(({ message }) => message).join("\n");
  assertStringIncludes(messages, `went elsewhere: POST ${rival.url}`);
  assertEquals(rival.requests, []);
});

Deno.test("probe: a credential of the user's own at the gateway is a failure", async () => {
  await using arena = await makeArena();
  const { world } = arena;
  const real = world.env.AI_CLAUDE_BIN;
  // The overlay's blank for this one is what keeps it out.
  await world.fakeClaude(`first="$1"; overlay="$2"; shift 2
overlay="$(printf %s "$overlay" | sed 's/"ANTHROPIC_AUTH_TOKEN":""/"ANTHROPIC_AUTH_TOKEN":"${RIVAL}"/')"
exec "${real}" "$first" "$overlay" "$@"`);
  const ended = await probe(arena, "managed");
  assertEquals(ended.code, 1, ended.stdout);
  const messages = probed(ended).map(({ message }) => message).join("\n");
  assertStringIncludes(messages, "did not arrive: Authorization");
  assertFalse(ended.stdout.includes(RIVAL));
});

Deno.test("probe: the session gets no login and no token of the user", async () => {
  await using arena = await makeArena();
  const { world } = arena;
  const real = world.env.AI_CLAUDE_BIN;
  await world.fakeClaude(`case "$1" in
  --settings) env > "$HOME/session-env"; printf '%s ' "$@" > "$HOME/session-args"
    ls -A "$CLAUDE_CONFIG_DIR" > "$HOME/session-config" ;;
esac
exec "${real}" "$@"`);
  await world.write(SCOPES.user, { env: { MY_OWN: "1" } });
  await storeLogin(world);
  const ended = await probe(arena, "passthrough", {
    CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION,
    RPAI_CLIENT_SECRET: "client-secret-under-test",
  });
  assertEquals(ended.code, 0, ended.stdout);
  const read = (name: string) => Deno.readTextFile(`${world.home}/${name}`);
  const given = await read("session-env") + await read("session-args");
  for (
    const secret of [SUBSCRIPTION, GATEWAY_TOKEN, "client-secret-under-test"]
  ) {
    assertFalse(given.includes(secret), secret);
  }
  // The login is made up.
  assertEquals(
    await read("session-config"),
    "ai-claude.credentials.json\nsettings.json\n",
  );
});

Deno.test("probe: what a launch refuses is a failure with file and key", async () => {
  await using arena = await makeArena();
  const path = await arena.world.write(SCOPES.user, {
    env: { ANTHROPIC_CUSTOM_HEADERS: "X-Team: a" },
  });
  const ended = await probe(arena, "passthrough");
  assertEquals(ended.code, 1);
  assertEquals(probed(ended), [{
    name: "probe",
    status: "fail",
    message: `"env.ANTHROPIC_CUSTOM_HEADERS" in ${path} would replace the ` +
      "header that authenticates passthrough",
    remedy: 'remove "env.ANTHROPIC_CUSTOM_HEADERS" from that file',
  }]);
});

Deno.test("probe: nobody is asked for a model", async () => {
  await using arena = await makeArena();
  const ended = await probe(arena, "managed", {}, ["-m", "?"]);
  assertEquals(probed(ended).map(({ status }) => status), ["ok"]);
});

Deno.test("probe: a signal leaves no copy of the settings behind", async () => {
  await using arena = await makeArena();
  const { world, gateway } = arena;
  await world.write(SCOPES.user, { env: { MINE: "secret" } });
  await world.fakeClaude(`case "$1" in
  --settings) touch "$HOME/started"
    while [ -e "$HOME/started" ]; do sleep 0.1; done ;;
  *) echo 2.1.330 ;;
esac`);
  const child = world.start(
    ["doctor", "--probe", "-s", gateway.url, "-L", "managed"],
  );
  await eventually("the session starts", async () => {
    const { isFile } = await Deno.stat(`${world.home}/started`).catch(() => ({
      isFile: undefined,
    }));
    return isFile;
  });
  child.kill("SIGTERM");
  await Deno.remove(`${world.home}/started`);
  const { signal } = await child.status;
  await child.stdin.close();
  await child.stdout.cancel();
  await child.stderr.cancel();
  assertEquals(signal, "SIGTERM");
  for await (const { name } of Deno.readDir(world.env.TMPDIR)) {
    assertFalse(name.startsWith("ai-claude-"), name);
  }
});

Deno.test("probe: without Claude Code there is nothing to launch", async () => {
  await using arena = await makeArena();
  const ended = await probe(arena, "managed", {
    AI_CLAUDE_BIN: "/nonexistent/claude",
  });
  assertEquals(ended.code, 1);
  assertEquals(probed(ended).map(({ status }) => status), ["skip"]);
});

Deno.test("probe: a Claude Code that lacks its switches is no reroute", async () => {
  await using arena = await makeArena();
  await arena.world.fakeClaude(`case "$1" in
  --version) echo 2.1.208 ;;
  *) echo "error: unknown option '--safe-mode'" >&2; exit 1 ;;
esac`);
  const ended = await probe(arena, "managed");
  assertEquals(ended.code, 0, ended.stdout);
  const [{ status, message }] = probed(ended);
  assertEquals(status, "skip");
  assertStringIncludes(message, "--safe-mode");
});

Deno.test("probe: it works without a gateway, a config and a login", async () => {
  await using arena = await makeArena();
  const { world } = arena;
  const ended = await world.run(["doctor", "--probe", "-o", "json"]);
  assertEquals(ended.code, 1);
  const [{ status, message }] = probed(ended);
  assertEquals(status, "ok");
  assertStringIncludes(message, "managed mode");
  const bedrock = await world.run(
    ["doctor", "--probe", "-o", "json", "--bedrock"],
  );
  assertStringIncludes(probed(bedrock)[0].message, "bedrock mode");
});

const ignore = !await canUnshare();

for (const mode of MODES) {
  Deno.test({
    name: `probe: ${mode} catches a policy that reroutes (needs root on Linux)`,
    ignore,
    fn: async () => {
      await using arena = await makeArena();
      const { world, gateway, rival } = arena;
      const address = mode === "bedrock"
        ? "ANTHROPIC_BEDROCK_BASE_URL"
        : "ANTHROPIC_BASE_URL";
      const ended = await runUnderPolicy(world, {
        "managed-settings.d/20-x.json": { env: { [address]: rival.url } },
      }, [
        ...LAUNCHER,
        ...["doctor", "--probe", "-o", "json"],
        ...["-s", gateway.url, "-L", mode],
      ], {});
      assertEquals(ended.code, 1);
      assertEquals(probed(ended), [{
        name: "probe",
        status: "fail",
        message: `"env.${address}" in ` +
          "/etc/claude-code/managed-settings.d/20-x.json would override this " +
          "launch's routing",
        remedy: "managed policy beats every launcher: ask its owner to " +
          "remove the key",
      }]);
      assertEquals(rival.requests, []);
    },
  });
}

Deno.test({
  name: "probe: it keeps off a policy's proxy (needs root on Linux)",
  ignore,
  fn: async () => {
    await using arena = await makeArena();
    const { world, gateway, rival } = arena;
    const ended = await runUnderPolicy(world, {
      "managed-settings.json": { env: { HTTPS_PROXY: rival.url } },
    }, [
      ...LAUNCHER,
      ...["doctor", "--probe", "-o", "json"],
      ...["-s", gateway.url, "-L", "managed"],
    ], {});
    assertEquals(ended.code, 0, ended.stdout);
    const [{ status, message }] = probed(ended);
    assertEquals(status, "skip");
    assertStringIncludes(message, "/etc/claude-code/managed-settings.json");
    assertEquals(rival.requests, []);
  },
});
