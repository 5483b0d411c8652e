/**
 * What completion scripts call: it answers with candidates or with nothing, and
 * never with an error, a question or a wait.
 *
 * @module
 */

import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import {
  type LimitedGatewayOptions,
  startLimitedGateway,
} from "../support/limited_gateway.ts";
import type { Sys } from "../../lib/system/sys.ts";
import { NOW } from "../support/fake_sys.ts";
import { hastyFetch } from "../support/hasty_fetch.ts";
import { inParallel } from "../support/in_parallel.ts";
import { runInProcess } from "../support/in_process.ts";
import { type Ended, makeWorld, type World } from "../support/program.ts";
import { serveBytes, serveHttp } from "../support/servers.ts";

const TOKEN = "completion-token";
const CACHE = ".cache/ai-claude/providers.json";

const GATEWAY: LimitedGatewayOptions = {
  providers: [
    { name: "anthropic", type: "anthropic", models: ["claude-a", "$(x)"] },
    { name: "bedrock", type: "bedrock", models: ["us.claude-b-v1:0"] },
    { name: "openai", type: "openai" },
    { name: "off", type: "anthropic", enabled: false },
    { name: "Evil$(touch x)", type: "anthropic" },
    { name: "esc\u001b[2J", type: "anthropic" },
  ],
  accepts: (token) => token === TOKEN,
  pageSize: 2,
};

/** Asserts an answer without a complaint. */
function assertAnswer(ended: Ended, ...candidates: string[]): void {
  assertEquals(ended, {
    code: 0,
    stdout: ["words", ...candidates, ""].join("\n"),
    stderr: "",
  });
}

/** Completes a line; its last word is the one to complete. */
function complete(
  world: World,
  line: string[],
  env: Record<string, string> = {},
  shell = "bash",
  machine: Partial<Sys> = {},
): Promise<Ended> {
  const argv = ["__complete", shell, "--", ...line];
  return runInProcess(argv, { ...world.env, ...env }, {
    cwd: () => world.project,
    now: () => NOW,
    ...machine,
  });
}

Deno.test("__complete gives usable providers, in the form of each shell", async () => {
  await using gateway = startLimitedGateway(GATEWAY);
  await using world = await makeWorld();
  const env = { RPAI_TOKEN: TOKEN };
  const line = ["-s", gateway.url, "-L"];
  assertAnswer(
    await complete(world, [...line, ""], env),
    "anthropic",
    "bedrock",
  );
  assertAnswer(await complete(world, [...line, "be"], env), "bedrock");
  assertAnswer(
    await complete(world, [...line, ""], env, "fish"),
    "anthropic\tanthropic",
    "bedrock\tbedrock",
  );
  const assigned = ["-s", gateway.url, "--llmprovider=a"];
  assertAnswer(
    await complete(world, assigned, env, "zsh"),
    "anthropic:anthropic",
    "bedrock:bedrock",
  );
  assertAnswer(
    await complete(world, assigned, env),
    "--llmprovider=anthropic",
  );
});

Deno.test("__complete gives the models of the provider on the line, else the profile's", async () => {
  await using gateway = startLimitedGateway(GATEWAY);
  await using world = await makeWorld();
  await world.write(".rpai/config", {
    current_profile: "p",
    profiles: { p: { ai_gateway_url: gateway.url, llm_provider: "anthropic" } },
  });
  const env = { RPAI_TOKEN: TOKEN };
  assertAnswer(await complete(world, ["-m", ""], env), "claude-a");
  assertAnswer(
    await complete(world, ["-Lbedrock", "--model=us"], env),
    "--model=us.claude-b-v1:0",
  );
  assertAnswer(await complete(world, ["-L", "nope", "-m", ""], env));
});

Deno.test("__complete asks the gateway once a minute, and keeps names only", async () => {
  await using gateway = startLimitedGateway(GATEWAY);
  await using world = await makeWorld();
  await world.write(".rpai/config", {
    current_profile: "p",
    profiles: {
      p: { ai_gateway_url: gateway.url },
      q: { ai_gateway_url: gateway.url },
    },
  });
  const line = ["--token", TOKEN, "-L", ""];
  for (let times = 0; times < 3; times++) {
    assertAnswer(await complete(world, line), "anthropic", "bedrock");
  }
  assertEquals(gateway.requests.length, 3, "three pages of two, once");
  const path = `${world.home}/${CACHE}`;
  const text = await Deno.readTextFile(path);
  assertFalse(text.includes(TOKEN));
  assertFalse(/Evil|esc/.test(text));
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  const dir = await Deno.stat(path.replace(/\/[^/]*$/, ""));
  assertEquals(dir.mode! & 0o777, 0o700);

  assertAnswer(
    await complete(world, ["-p", "q", ...line]),
    "anthropic",
    "bedrock",
  );
  assertEquals(gateway.requests.length, 6, "another profile is another login");

  // What has run out, and what was never written here, is asked for anew.
  const cache = JSON.parse(await Deno.readTextFile(path));
  const past = Object.fromEntries(
    Object.keys(cache).map((key) => [key, { ...cache[key], until: NOW }]),
  );
  await Deno.writeTextFile(path, JSON.stringify(past));
  assertAnswer(await complete(world, line), "anthropic", "bedrock");
  assertEquals(gateway.requests.length, 9);
  await Deno.writeTextFile(path, "\u0000{");
  assertAnswer(await complete(world, line), "anthropic", "bedrock");
  assertEquals(gateway.requests.length, 12);
});

Deno.test("__complete takes no odd name from a cache that somebody changed", async () => {
  await using world = await makeWorld();
  const url = "http://127.0.0.1:9";
  const odd = [{ name: "$(x)", usable: true }, null, { name: 4 }, {
    name: "fine",
    usable: true,
    models: ["$(x)", "m"],
  }];
  const until = NOW + 60_000;
  await world.write(CACHE, { [`${url} `]: { until, providers: odd } });
  const line = ["-s", url, "-L", "fine"];
  assertAnswer(await complete(world, line), "fine");
  assertAnswer(await complete(world, [...line, "-m", ""]), "m");
});

Deno.test("__complete keeps the cache where the environment says, or not at all", async () => {
  await using gateway = startLimitedGateway(GATEWAY);
  await using world = await makeWorld();
  const line = ["-s", gateway.url, "--token", TOKEN, "-L", ""];
  const elsewhere = { XDG_CACHE_HOME: `${world.home}/elsewhere` };
  assertAnswer(await complete(world, line, elsewhere), "anthropic", "bedrock");
  assertEquals(await world.files(), ["elsewhere/ai-claude/providers.json"]);
  // A relative one is none, by the rules; a file is no folder.
  await world.write(".cache", "");
  const relative = { XDG_CACHE_HOME: "cache" };
  assertAnswer(await complete(world, line, relative), "anthropic", "bedrock");
  assertEquals(gateway.requests.length, 6);
});

Deno.test("__complete uses a stored login while it is valid, and refreshes none", async () => {
  await using gateway = startLimitedGateway(GATEWAY);
  await using world = await makeWorld();
  await world.write(".rpai/config", {
    current_profile: "p",
    profiles: { p: { ai_gateway_url: gateway.url } },
  });
  const login = async (lifeMs: number) => {
    const time = (ms: number) => new Date(NOW + ms).toISOString();
    const path = await world.write(".rpai/ai-claude.credentials.json", {
      issuers: {
        "https://auth.prd.cloud.redpanda.com": {
          current_organization: "o",
          organizations: {
            o: {
              access_token: TOKEN,
              refresh_token: "refresh",
              obtained_at: time(-1_000),
              expires_at: time(lifeMs),
            },
          },
        },
      },
    }, 0o600);
    await Deno.chmod(path.replace(/\/[^/]*$/, ""), 0o700);
  };
  await login(-1);
  assertAnswer(await complete(world, ["-L", ""]));
  assertEquals(gateway.requests.length, 0);
  await login(1);
  assertAnswer(await complete(world, ["-L", ""]), "anthropic", "bedrock");
  assertEquals(gateway.requests[0].headers.authorization, `Bearer ${TOKEN}`);
});

Deno.test("__complete starts no program for a token", async () => {
  await using gateway = startLimitedGateway(GATEWAY);
  await using world = await makeWorld();
  await world.write("bin/rpk", `#!/bin/sh\necho >"$HOME/started"\n`, 0o755);
  const env = {
    PATH: `${world.home}/bin:/usr/bin:/bin`,
    RPAI_CLIENT_ID: "id",
    RPAI_CLIENT_SECRET: "secret",
  };
  const modes = ["device", "rpk", "client_credentials", "token"];
  await world.write(".rpai/config", {
    profiles: Object.fromEntries(
      modes.map((mode) => [mode, {
        ai_gateway_url: gateway.url,
        auth_mode: mode,
        auth: { issuer: gateway.url },
      }]),
    ),
  });
  await inParallel(modes, async (mode) => {
    assertAnswer(await complete(world, ["-p", mode, "-L", ""], env));
  });
  assertEquals(gateway.requests.length, 0);
  assertFalse((await world.files()).includes("started"));
});

Deno.test("__complete sends no token in clear text, nor after a redirect", async () => {
  let carried = 0;
  await using other = serveHttp(({ headers }) => {
    if (headers.has("authorization")) carried++;
    return new Response();
  });
  await using moved = serveHttp(() => Response.redirect(other.url));
  await using world = await makeWorld();
  const line = ["--token", TOKEN, "-L", ""];
  const asked: string[] = [];
  const clear = ["-s", "http://gw.example.com", ...line];
  assertAnswer(
    await complete(world, clear, {}, "bash", {
      fetch: (url) => {
        asked.push(url);
        return Promise.resolve(new Response());
      },
    }),
  );
  assertEquals(asked, []);
  assertAnswer(await complete(world, ["-s", moved.url, ...line]));
  assertEquals(carried, 0);
});

Deno.test("__complete gives up on a gateway that is slow, and remembers that", async () => {
  await using world = await makeWorld();
  using silent = serveBytes();
  using stalled = serveBytes("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{");
  const line = (url: string) => ["-s", url, "--token", TOKEN, "-L", ""];
  const noAnswer = hastyFetch(() => silent.visited);
  assertAnswer(
    await complete(world, line(silent.url), {}, "bash", noAnswer),
  );
  const halfAnswer = hastyFetch((_url, answer) => answer);
  assertAnswer(
    await complete(world, line(stalled.url), {}, "bash", halfAnswer),
  );
  assertEquals([...noAnswer.bounds, ...halfAnswer.bounds], [1_200, 1_200]);
  const cache = JSON.parse(await Deno.readTextFile(`${world.home}/${CACHE}`));
  assertEquals(Object.values(cache), [
    { until: NOW + 10_000, providers: [] },
    { until: NOW + 10_000, providers: [] },
  ]);
});

Deno.test("__complete reads the config that the line or the environment names", async () => {
  await using world = await makeWorld();
  const config = (name: string) => ({ profiles: { [name]: {} } });
  await world.write(".rpai/config", config("home"));
  await world.write("other config", config("other"));
  await world.write("project/third", config("third"));
  const line = ["profile", "use", ""];
  assertAnswer(await complete(world, line), "home");
  for (
    const path of [
      "~/other\\ config",
      '"$HOME/other config"',
      "${HOME}/other\\ config",
      `'${world.home}/other config'`,
    ]
  ) {
    assertAnswer(await complete(world, ["-c", path, ...line]), "other");
    assertAnswer(await complete(world, [`--config=${path}`, ...line]), "other");
  }
  const third = ["__complete", "bash", "--", "-cthird", ...line];
  assertAnswer(await world.run(third), "third");
  const env = { RPAI_CONFIG: `${world.home}/other config` };
  assertAnswer(await complete(world, line, env), "other");
  const fish = await complete(
    world,
    ["-c", "~/other config", ...line],
    {},
    "fish",
  );
  assertAnswer(fish, "other\tauth_mode device");
});

Deno.test("__complete shows a profile's description as one plain line", async () => {
  await using world = await makeWorld();
  await world.write(".rpai/config", {
    profiles: {
      a: { description: "one\ntwo\u001b[2J\tthree" },
      b: { ai_gateway_url: "https://me:secret@gw.example.com" },
      "c\n--token x": {},
    },
  });
  const { stdout } = await complete(world, ["-p", ""], {}, "fish");
  assertEquals(
    stdout,
    "words\na\tone?two?[2J?three\nb\tauth_mode device\n",
  );
});

Deno.test("__complete has no errors, whatever is wrong", async () => {
  await using world = await makeWorld();
  await world.write("broken", "profiles: [");
  await world.write("wrong", { profiles: 3 });
  await world.write("folder/x", "");
  const profiles = (path: string) => ["-c", `${world.home}/${path}`, "-p", ""];
  await inParallel<{ line: string[]; env?: Record<string, string> }>([
    ...["broken", "wrong", "folder", "absent"].map((path) => ({
      line: profiles(path),
    })),
    { line: ["-c", "/dev/zero", "-p", ""] },
    { line: ["-p", "absent", "-L", ""] },
    { line: ["-s", "not a url", "-L", ""], env: { RPAI_TOKEN: TOKEN } },
    { line: ["-s", "https://x.invalid", "-L", ""], env: { RPAI_TOKEN: "a b" } },
    { line: ["-p", ""], env: { HOME: "" } },
    { line: ["-c", "$(touch /tmp/x)", "-p", ""] },
  ], async ({ line, env }) => {
    assertAnswer(await complete(world, line, env));
  });
  const formats = await complete(world, ["-o", "j"], { RPAI_FORMAT: "bogus" });
  assertAnswer(formats, "json");
  const { stdout, stderr } = await complete(world, [""], {}, "csh");
  assertEquals({ stdout, stderr }, { stdout: "", stderr: "" });
});

Deno.test({
  name: "__complete does not wait for a pipe (not on Windows)",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using world = await makeWorld();
    const path = `${world.home}/pipe`;
    await new Deno.Command("mkfifo", { args: [path] }).output();
    assertAnswer(await complete(world, ["-c", path, "-p", ""]));
    assertAnswer(
      await complete(world, ["-L", ""], { AI_CLAUDE_CREDENTIALS: path }),
    );
  },
});

Deno.test("completions prints a script, and refuses other shells and formats", async () => {
  await using world = await makeWorld();
  await inParallel(["bash", "zsh", "fish"], async (shell) => {
    const { code, stdout, stderr } = await world.run(["completions", shell]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertStringIncludes(stdout, `ai-claude __complete ${shell} -- `);
  });
  const wrong = await world.run(["completions", "powershell"]);
  assertEquals({ code: wrong.code, stdout: wrong.stdout }, {
    code: 2,
    stdout: "",
  });
  assertStringIncludes(wrong.stderr, 'shell "powershell"\nhint: shells: bash');
  assertEquals((await world.run(["completions"])).code, 2);
  assertEquals((await world.run(["completions", "zsh", "-o", "x"])).code, 2);
  assertEquals(await world.files(), []);
});
