/**
 * `profile set` and the keys of `profile add`.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { PROFILE_KEYS } from "../../lib/profile/profile_keys.ts";
import { makeConfigHome } from "../support/config_home.ts";

const CONFIG = `# ours
current_profile: prod # for now
profiles:
  # the real one
  prod:
    model: 'claude-x' # the best
    ai_gateway_url: "https://gw.example.com"
    extra: [x, y]

    # who signs in
    auth:
      issuer: https://login.example.com # ours too
  old:
    dataplane_url: http://127.0.0.1:8080 # local
    auth_mode: none
`;

/** A value of each key, and one that it cannot have. */
const VALUES: Record<typeof PROFILE_KEYS[number], [string, string, string]> = {
  ai_gateway_url: ["https://a.example.com", "a.example.com", "https://a.exam"],
  auth_mode: ["rpk", "rkp", "did you mean rpk?"],
  llm_provider: ["bedrock", "Bedrock", "did you mean bedrock?"],
  model: ["claude-y", "claude y", "a word without blanks"],
  relay: ["true", "yes", "true or false"],
  quiet: ["false", "0", "true or false"],
  description: ["mine: yes", "two\nlines", "a text of one line"],
  "auth.issuer": ["https://b.example.com", "b.example.com", "https://b.exam"],
  "auth.client_id": ["id-1", "id 1", "a word without blanks"],
  "auth.audience": ["aud", "\x1b[2J", "a word without blanks"],
  "auth.organization": ["Acme Inc", " ", "a text of one line"],
};

/** The flag of `profile add` for a key's value. */
function flagFor(key: keyof typeof VALUES, value: string): string {
  const name = key.replace("auth.", "").replace("llm_", "llm")
    .replaceAll("_", "-");
  return ["relay", "quiet"].includes(key) ? `--${name}` : `--${name}=${value}`;
}

Deno.test("profile set changes values where they stand, and keeps the rest", async () => {
  await using home = await makeConfigHome(CONFIG);
  const set = await home.run([
    ...["set", "prod", "model=claude-y", "auth.issuer=https://b.example.com/"],
    ...["ai_gateway_url=https://a.example.com"],
  ]);
  assertEquals(set, { code: 0, stdout: "", stderr: "" });
  assertEquals(
    await home.config(),
    CONFIG.replace("claude-x", "claude-y")
      .replace("https://login.example.com", "https://b.example.com")
      .replace("https://gw.example.com", "https://a.example.com"),
  );
});

Deno.test("profile set and show know every key", async () => {
  await using home = await makeConfigHome(CONFIG);
  const pairs = Object.entries(VALUES).map(([key, [good]]) => `${key}=${good}`);
  assertEquals((await home.run(["set", "prod", ...pairs])).code, 0);
  const { stdout } = await home.run(["show", "prod", "-o", "json"]);
  const shown = JSON.parse(stdout);
  for (const key of PROFILE_KEYS) {
    assertEquals(shown[key], { value: VALUES[key][0], source: "profile" }, key);
  }
  const removed = PROFILE_KEYS.filter((key) => key !== "model")
    .map((key) => `${key}=`);
  assertEquals((await home.run(["set", "prod", ...removed])).code, 0);
  assertStringIncludes(
    await home.config(),
    "  prod:\n    model: 'claude-y' # the best\n    extra: [x, y]\n  old:\n",
  );
});

Deno.test("profile add takes every key by its flag", async () => {
  await using home = await makeConfigHome(CONFIG);
  const flags = PROFILE_KEYS.map((key) => flagFor(key, VALUES[key][0]));
  assertEquals((await home.run(["add", "new", ...flags])).code, 0);
  const { stdout } = await home.run(["show", "new", "-o", "json"]);
  const shown = JSON.parse(stdout);
  for (const key of PROFILE_KEYS) {
    const value = key === "quiet" ? "true" : VALUES[key][0];
    assertEquals(shown[key], { value, source: "profile" }, key);
  }
  await home.run(["add", "direct", "--from", "new", "--no-relay"]);
  const copy = await home.run(["show", "direct", "-o", "json"]);
  assertEquals(JSON.parse(copy.stdout).relay.value, "false");
});

Deno.test("profile set and add refuse what a key cannot hold, and change nothing", async () => {
  await using home = await makeConfigHome(CONFIG);
  for (const key of PROFILE_KEYS) {
    const [, bad, hint] = VALUES[key];
    const ways = [["set", "prod", "model=m2", `${key}=${bad}`]];
    if (key !== "relay" && key !== "quiet") {
      ways.push(["add", "new", "--from", "prod", flagFor(key, bad)]);
    }
    for (const args of ways.slice(key === "model" ? 1 : 0)) {
      const { code, stdout, stderr } = await home.run(args);
      assertEquals({ code, stdout }, { code: 2, stdout: "" }, stderr);
      const [error, told] = stderr.split("\n");
      assertStringIncludes(
        error,
        `"${
          bad.split("\n")[0].trim()
            .replace("\x1b", "?")
        }"`,
      );
      assertStringIncludes(
        error,
        args[0] === "set" ? key : flagFor(key, "").split("=")[0],
      );
      assertStringIncludes(told, hint);
    }
  }
  const { code } = await home.run(["set", "prod", "model=a b"]);
  assertEquals([code, await home.config()], [2, CONFIG]);
});

Deno.test("profile set says which key was meant, and what is missing", async () => {
  await using home = await makeConfigHome(CONFIG);
  const cases: [string[], number, string, string][] = [
    [["prod", "modle=x"], 2, 'no key "modle" in', "did you mean model? keys: "],
    [["prod", "issuer=x"], 2, 'no key "issuer"', "did you mean auth.issuer?"],
    [["prod", "auth-mode=rpk"], 2, '"auth-mode"', "did you mean auth_mode?"],
    [["prod", "token=hush"], 2, 'no key "token"', "ai_gateway_url, auth_mode"],
    [["prod", "model"], 2, "no value for model", "or model= to remove it"],
    [["prod", "model=a", "model="], 2, "model is given twice", "once"],
    [
      ["prod", "auth_mode=client_credentials", "auth.client_id=x"],
      ...[2, "does not use it", "set RPAI_CLIENT_ID"] as const,
    ],
    [["prod"], 2, "needs KEY=VALUE...", "profile set NAME KEY=VALUE..."],
    [["prdo", "model=x"], 4, 'profile "prdo" is not', "did you mean prod?"],
  ];
  for (const [args, code, error, hint] of cases) {
    const ended = await home.run(["set", ...args]);
    assertEquals([ended.code, ended.stdout], [code, ""], ended.stderr);
    const [first, second] = ended.stderr.split("\n");
    assertStringIncludes(first, error);
    assertStringIncludes(second, hint);
    assertEquals(ended.stderr.includes("hush"), false);
  }
  assertEquals(await home.config(), CONFIG);
});

Deno.test("profile set gives the gateway's URL its present name", async () => {
  await using home = await makeConfigHome(CONFIG);
  await home.run(["set", "old", "ai_gateway_url=http://127.0.0.1:9090"]);
  assertEquals(
    await home.config(),
    CONFIG.replace(
      "dataplane_url: http://127.0.0.1:8080",
      "ai_gateway_url: http://127.0.0.1:9090",
    ),
  );
  await home.run(["set", "old", "ai_gateway_url="]);
  assertEquals(
    await home.config(),
    CONFIG.replace("    dataplane_url: http://127.0.0.1:8080 # local\n", ""),
  );
});

Deno.test("profile set does not let a token travel in clear text", async () => {
  const lab = "profiles:\n  lab:\n    auth_mode: none\n" +
    "    ai_gateway_url: http://lab.internal\n";
  await using home = await makeConfigHome(lab);
  for (const mode of ["auth_mode=rpk", "auth_mode="]) {
    const { code, stderr } = await home.run(["set", "lab", mode]);
    assertEquals(code, 2);
    assertStringIncludes(
      stderr,
      '"http://lab.internal" (profile lab): a token',
    );
  }
  const url = ["ai_gateway_url=https://lab.internal", "auth_mode=rpk"];
  assertEquals(await home.config(), lab);
  assertEquals((await home.run(["set", "lab", ...url])).code, 0);
});

Deno.test("profile set at the same time loses nothing", async () => {
  await using home = await makeConfigHome(CONFIG);
  const pairs = ["model=m", "relay=true", "description=d", "quiet=true"];
  const ended = await Promise.all(
    pairs.map((pair) => home.run(["set", "prod", pair])),
  );
  assertEquals(ended.map(({ code }) => code), [0, 0, 0, 0]);
  const { stdout } = await home.run(["show", "prod", "-o", "json"]);
  const shown = JSON.parse(stdout);
  assertEquals(
    ["model", "relay", "description", "quiet"].map((key) => shown[key].value),
    ["m", "true", "d", "true"],
  );
});

Deno.test("profile set does not bring back a profile that was just deleted", async () => {
  await using home = await makeConfigHome(CONFIG);
  // The other edit goes first, while this one waits for the lock.
  const { denoSys } = await import("../../lib/system/deno_sys.ts");
  const { lock } = denoSys("file:///main.ts");
  const ended = await home.run(["set", "old", "model=m"], {
    lock: async (path, bounds) => {
      assertEquals((await home.run(["delete", "old"])).code, 0);
      return await lock(path, bounds);
    },
  });
  assertEquals(ended.code, 4);
  assertStringIncludes(ended.stderr, 'profile "old" is not in');
  assertEquals((await home.config()).includes("old"), false);
});

Deno.test("profile commands that fail leave no folder behind", async () => {
  await using home = await makeConfigHome();
  assertEquals((await home.run(["set", "a", "model=m"])).code, 4);
  assertEquals(
    await Deno.stat(home.path.replace("/config", "")).catch(() => 0),
    0,
  );
});
