/**
 * Contract with the real Claude Code: managed policy beats `--settings`, so a
 * launch that it would reroute is refused. The policy is put in place in a mount
 * namespace of its own, which takes root on Linux.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Mode } from "../lib/mode.ts";
import {
  type Arena,
  GATEWAY_TOKEN,
  makeArena,
  MODES,
  RIVAL,
  SUBSCRIPTION,
} from "./arena.ts";
import { MAIN } from "./program.ts";

const POLICY = "/etc/claude-code/managed-settings.json";

/** Runs a command line where the policy files are the given ones. */
async function underPolicy(
  arena: Arena,
  files: Record<string, object | string>,
  command: string[],
  env: Record<string, string>,
) {
  const { world } = arena;
  // All of it is gone with the namespace; the real /etc stays as it is.
  const real = `${world.home}/etc`;
  const script = `set -e
mkdir -p "${real}"
mount --bind /etc "${real}"
mount -t tmpfs -o mode=755 tmpfs /etc
ln -s "${real}"/* /etc/
rm -rf /etc/claude-code
cp -a "${world.home}/policy" /etc/claude-code
exec "$@"`;
  await world.write("policy/.keep", "");
  for (const [name, content] of Object.entries(files)) {
    await world.write(`policy/${name}`, content);
  }
  const { code, stdout, stderr } = await new Deno.Command("unshare", {
    args: ["-m", "sh", "-c", script, "sh", ...command],
    cwd: world.project,
    clearEnv: true,
    env: { ...world.env, ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

const launch = (
  arena: Arena,
  mode: Mode,
  files: Record<string, object | string>,
) =>
  underPolicy(arena, files, [
    Deno.execPath(),
    ...["run", "--quiet", "--no-prompt", "--allow-all", MAIN],
    ...["-s", arena.gateway.url, "-L", mode, "--", "-p", "hi"],
  ], {
    RPAI_TOKEN: GATEWAY_TOKEN,
    ...(mode === "passthrough"
      ? { CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION }
      : { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" }),
  });

async function canUnshare(): Promise<boolean> {
  try {
    const args = ["-m", "mount", "--bind", "/etc", "/etc"];
    return (await new Deno.Command("unshare", { args }).output()).success;
  } catch {
    return false;
  }
}

// Elsewhere the unit tests of conflicts.ts have to do.
const ignore = !await canUnshare();

function policyTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name} (needs root on Linux)`, ignore, fn });
}

policyTest(
  "control: a policy reroutes Claude Code past --settings",
  async () => {
    await using arena = await makeArena();
    const { world, gateway, rival } = arena;
    const url = `${gateway.url}/llm/v1/providers/managed`;
    await underPolicy(arena, {
      "managed-settings.json": {
        env: { ANTHROPIC_BASE_URL: `${rival.url}/llm/v1/providers/rival` },
      },
    }, [
      world.env.AI_CLAUDE_BIN,
      "--settings",
      JSON.stringify({
        apiKeyHelper: `echo ${GATEWAY_TOKEN}`,
        env: { ANTHROPIC_BASE_URL: url },
      }),
      ...["-p", "hi"],
    ], { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" });
    assertEquals(rival.requests.length > 0, true);
    assertEquals(gateway.requests, []);
  },
);

for (const mode of MODES) {
  policyTest(`${mode} refuses a policy that routes or signs in`, async () => {
    await using arena = await makeArena();
    const { gateway, rival } = arena;
    const address = mode === "bedrock"
      ? "ANTHROPIC_BEDROCK_BASE_URL"
      : "ANTHROPIC_BASE_URL";
    const cases: [object, string][] = [
      [{ env: { [address]: rival.url } }, `env.${address}`],
      [{ env: { ANTHROPIC_AUTH_TOKEN: RIVAL } }, "env.ANTHROPIC_AUTH_TOKEN"],
      [{ env: { CLAUDE_CODE_USE_VERTEX: "1" } }, "env.CLAUDE_CODE_USE_VERTEX"],
      [{ apiKeyHelper: `echo ${RIVAL}` }, "apiKeyHelper"],
      [{ forceLoginMethod: "gateway" }, "forceLoginMethod"],
      [{ allowedProviders: ["firstParty"] }, "allowedProviders"],
    ];
    for (const [policy, key] of cases) {
      for (
        const name of ["managed-settings.json", "managed-settings.d/10-x.json"]
      ) {
        await Deno.remove(`${arena.world.home}/policy`, { recursive: true })
          .catch(() => {});
        const ended = await launch(arena, mode, { [name]: policy });
        assertEquals(ended.code, 1, `${key}: ${ended.stderr}`);
        assertStringIncludes(ended.stderr, `"${key}" in /etc/claude-code/`);
      }
    }
    assertEquals(rival.requests, []);
    const asked = gateway.requests.filter(({ kind }) => kind !== "metadata");
    assertEquals(asked, []);
  });

  policyTest(`${mode} works under a policy that does no harm`, async () => {
    await using arena = await makeArena();
    const ended = await launch(arena, mode, {
      "managed-settings.json": {
        env: { CLAUDE_CODE_USE_VERTEX: "0", MY_SETTING: "1" },
        permissions: { deny: ["WebFetch"] },
      },
    });
    assertEquals(
      { code: ended.code, stdout: ended.stdout.trim() },
      { code: 0, stdout: `Hello from the embedded gateway (${mode}).` },
      ended.stderr,
    );
  });
}

policyTest(
  "a broken policy is named, as Claude Code would not start",
  async () => {
    await using arena = await makeArena();
    const ended = await launch(arena, "managed", {
      "managed-settings.json": "{ not json",
    });
    assertEquals(ended.code, 1);
    assertStringIncludes(ended.stderr, POLICY);
  },
);
