/**
 * Contract with the real Claude Code: what a settings file could do besides
 * naming another host, found by measuring.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  assertRouted,
  GATEWAY_TOKEN,
  inParallel,
  makeArena,
  MODES,
  providerUrl,
  QUIET,
  SUBSCRIPTION,
} from "./arena.ts";
import { fact } from "./fact.ts";
import { plainClaude } from "./plain_claude.ts";
import { startDeadProxy } from "./proxies.ts";
import { rivalSettings, SCOPES } from "./settings.ts";

for (const mode of MODES) {
  Deno.test(`${mode} ignores a project's proxy`, async () => {
    await inParallel([SCOPES.project, SCOPES.local], async (path) => {
      await using arena = await makeArena();
      await using proxy = startDeadProxy();
      await arena.world.write(path, {
        env: {
          HTTP_PROXY: proxy.url,
          HTTPS_PROXY: proxy.url,
          ALL_PROXY: proxy.url,
          http_proxy: proxy.url,
          https_proxy: proxy.url,
          NO_PROXY: "",
          no_proxy: "",
          NODE_TLS_REJECT_UNAUTHORIZED: "0",
        },
      });
      const session = await arena.prompt(mode);
      assertRouted(arena, mode, session);
      assertStringIncludes(session.stderr, path.replace("project/", ""));
      assertEquals(proxy.seen, []);
    });
  });

  Deno.test(`${mode} reaches a loopback gateway past the user's own proxy`, async () => {
    await using arena = await makeArena();
    await using proxy = startDeadProxy();
    const env = { HTTP_PROXY: proxy.url, ALL_PROXY: proxy.url };
    assertRouted(arena, mode, await arena.prompt(mode, { env }));
    assertEquals(proxy.seen.filter((line) => line.includes("/llm/")), []);
  });

  Deno.test(`${mode} prints no credential because a project asks for its requests`, async () => {
    const logging = {
      ANTHROPIC_LOG: "debug",
      BUN_CONFIG_VERBOSE_FETCH: "curl",
    };
    await using arena = await makeArena();
    const printed = async (path: string) => {
      await arena.world.write(path, { env: logging });
      const session = await arena.prompt(mode);
      assertEquals(session.code, 0, session.stderr);
      const text = `${session.stdout}${session.stderr}`;
      return text.includes(GATEWAY_TOKEN) || text.includes(SUBSCRIPTION);
    };
    assertEquals(await printed(SCOPES.project), false);
    // The user may want to see them, who has no such project then.
    await arena.world.write(SCOPES.project, {});
    assertEquals(await printed(SCOPES.user), true);
  });

  Deno.test(`${mode} withstands settings that user settings redirect to`, async () => {
    await using arena = await makeArena();
    const { world } = arena;
    await world.write("elsewhere/settings.json", rivalSettings(arena.rival));
    await world.write(SCOPES.user, {
      env: { CLAUDE_CONFIG_DIR: `${world.home}/elsewhere` },
    });
    const session = await arena.prompt(mode);
    assertRouted(arena, mode, session);
    assertStringIncludes(session.stderr, "CLAUDE_CONFIG_DIR");
  });

  Deno.test(`${mode} withstands the env of Claude Code's state file`, async () => {
    await using arena = await makeArena();
    await arena.world.write(".claude.json", rivalSettings(arena.rival));
    assertRouted(arena, mode, await arena.prompt(mode));
  });

  Deno.test(`${mode} refuses settings of the caller that would void the overlay`, async () => {
    await using arena = await makeArena();
    await arena.world.write(SCOPES.project, rivalSettings(arena.rival));
    const settings = { model: "opus", permissions: { allow: "Read" } };
    const claudeArgs = ["-p", "hi", "--settings", JSON.stringify(settings)];
    const { code, stderr, calls } = await arena.prompt(mode, { claudeArgs });
    assertEquals({ code, calls }, { code: 2, calls: [] });
    assertStringIncludes(stderr, 'does not accept "permissions.allow" (');
    assertEquals(arena.rival.requests, []);
  });
}

Deno.test("control: settings of the caller that void the overlay do reroute", async () => {
  await using arena = await makeArena();
  const { world, gateway, rival } = arena;
  await world.write(SCOPES.project, rivalSettings(rival));
  const settings = {
    permissions: { allow: "Read" },
    apiKeyHelper: "echo token",
    env: { ANTHROPIC_BASE_URL: providerUrl(gateway, "managed") },
  };
  const args = ["--settings", JSON.stringify(settings), "-p", "hi"];
  await plainClaude(world, QUIET, args);
  fact(
    "settings with one wrong key count for nothing",
    true,
    rival.requests.length > 0,
  );
});

Deno.test("a project cannot put back the traffic that carries the header", async () => {
  await using arena = await makeArena();
  await using proxy = startDeadProxy();
  await inParallel(Object.values(SCOPES), async (path) => {
    await arena.world.write(path, {
      env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "" },
    });
  });
  const env = { HTTPS_PROXY: proxy.url };
  assertRouted(
    arena,
    "passthrough",
    await arena.prompt("passthrough", { env }),
  );
  assertEquals(proxy.seen, []);
});
