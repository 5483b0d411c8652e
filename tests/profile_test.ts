import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Ended, makeWorld, type World } from "./program.ts";

const CONFIG = `# who we are
current_profile: prod
future: {a: 1}
profiles:
  prod: # the real one
    ai_gateway_url: https://gw.example.com
    model: "1e3"
    extra: [x, y]
  dev:
    auth_mode: none
    dataplane_url: http://127.0.0.1:8080
`;

async function withConfig(text: string = CONFIG): Promise<World> {
  const world = await makeWorld();
  await world.write(".rpai/config", text);
  return world;
}

const config = (world: World) =>
  Deno.readTextFile(`${world.home}/.rpai/config`);

/** Asserts an error that changed nothing. */
async function assertRefused(
  world: World,
  ended: Ended,
  code: number,
  text: string,
  before: string = CONFIG,
): Promise<void> {
  assertEquals({ code: ended.code, stdout: ended.stdout }, {
    code,
    stdout: "",
  });
  assertStringIncludes(ended.stderr, text);
  assertStringIncludes(ended.stderr, "\nhint: ");
  assertEquals(await config(world), before);
}

Deno.test("profile use changes one line and keeps the rest, comments included", async () => {
  await using world = await withConfig();
  assertEquals((await world.run(["profile", "use", "dev"])).code, 0);
  assertEquals(
    await config(world),
    CONFIG.replace("current_profile: prod", "current_profile: dev"),
  );
});

Deno.test("profile add, rename and delete keep what they are not about", async () => {
  await using world = await withConfig();
  const add = ["profile", "add", "new", "--from", "prod", "--model", "m"];
  assertEquals((await world.run(add)).code, 0);
  assertStringIncludes(await config(world), "# the real one");
  const shown = await world.run(["env", "show", "new", "-o", "json"]);
  const { model, ai_gateway_url: url } = JSON.parse(shown.stdout);
  assertEquals(model, { value: "m", source: "profile" });
  assertEquals(url, { value: "https://gw.example.com", source: "profile" });
  assertEquals((await world.run(["profile", "rename", "prod", "p2"])).code, 0);
  const renamed = await config(world);
  assertStringIncludes(renamed, "current_profile: p2");
  assertStringIncludes(renamed, "  p2:");
  assertStringIncludes(renamed, "extra: [x, y]");
  const deleted = await world.run(["profile", "delete", "p2"]);
  assertEquals(deleted.code, 0);
  assertStringIncludes(deleted.stderr, "now there is none");
  const names = JSON.parse(
    (await world.run(["profile", "list", "-o", "json"])).stdout,
  ).map(({ name }: { name: string }) => name);
  assertEquals(names, ["dev", "new"]);
});

Deno.test("profile add makes a file that only its owner reads, and the first profile current", async () => {
  await using world = await makeWorld();
  const ended = await world.run([
    ...["profile", "add", "prod", "--ai-gateway-url"],
    ...["https://gw.example.com/", "--description", "yes"],
  ]);
  assertEquals(ended.code, 0, ended.stderr);
  const path = `${world.home}/.rpai/config`;
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  assertEquals(
    await config(world),
    `current_profile: prod
profiles:
  prod:
    ai_gateway_url: https://gw.example.com
    description: "yes"
`,
  );
});

Deno.test("profile refuses bad values and leaves the file alone", async () => {
  await using world = await withConfig();
  const add = (...more: string[]) =>
    world.run(["profile", "add", "new", ...more]);
  const cases: [Promise<Ended>, number, string][] = [
    [world.run(["profile", "add", "dev"]), 2, 'profile "dev" is already in'],
    [world.run(["profile", "add", "a b"]), 2, 'bad profile name "a b"'],
    [add("--ai-gateway-url", "ftp://x"), 2, "ftp://x"],
    [add("--ai-gateway-url", "http://gw.example.com"), 2, "clear text"],
    [add("--auth-mode", "devise"), 2, "did you mean device?"],
    [add("--llm-provider", "Bad"), 2, 'bad provider name "Bad"'],
    [add("--from", "nope"), 4, "profiles there: prod, dev"],
    [world.run(["profile", "use", "nope"]), 4, 'profile "nope" is not in'],
    [world.run(["profile", "delete", "nope"]), 4, 'profile "nope" is not in'],
    [world.run(["profile", "rename", "prod", "dev"]), 2, "already in"],
    [world.run(["profile", "show", "nope"]), 4, 'profile "nope" is not in'],
  ];
  for (const [ended, code, text] of cases) {
    await assertRefused(world, await ended, code, text);
  }
});

Deno.test("profile never overwrites a file that is not understood", async () => {
  for (const text of ["profiles: [a]\n", "profiles:\n  a: [\n", "- x\n"]) {
    await using world = await withConfig(text);
    const ended = await world.run(["profile", "add", "new"]);
    await assertRefused(world, ended, 1, "line ", text);
  }
});

Deno.test("profile says so and keeps a copy where comments get lost", async () => {
  const text =
    "# mine\n{current_profile: a, profiles: {a: {model: m}, b: {}}}\n";
  await using world = await withConfig(text);
  const { code, stderr } = await world.run(["profile", "delete", "b"]);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "config.bak");
  assertEquals(await Deno.readTextFile(`${world.home}/.rpai/config.bak`), text);
  const shown = await world.run(["profile", "show", "a", "-o", "json"]);
  assertEquals(JSON.parse(shown.stdout).model.value, "m");
});

Deno.test("profile show tells where each value comes from, and no token", async () => {
  await using world = await withConfig();
  const { code, stdout } = await world.run([
    ...["profile", "show", "-o", "json", "--token", "secret-token"],
    ...["-p", "dev", "-s", "https://other.example.com"],
  ]);
  assertEquals(code, 0);
  const shown = JSON.parse(stdout);
  assertEquals(shown.profile, { value: "dev", source: "--rpai-profile" });
  assertEquals(shown.ai_gateway_url, {
    value: "https://other.example.com",
    source: "--rpai-endpoint",
  });
  assertEquals(shown.auth_mode, { value: "none", source: "profile" });
  assertEquals(shown.token, { value: "<redacted>", source: "--token" });
  assertEquals(stdout.includes("secret-token"), false);
  for (const format of ["table", "wide", "yaml", "markdown"]) {
    const other = await world.run(["profile", "show", "-o", format]);
    assertStringIncludes(other.stdout, "https://gw.example.com");
  }
});

Deno.test("profile works without a file, and says what it needs", async () => {
  await using world = await makeWorld();
  const list = await world.run(["profile", "list"]);
  assertEquals({ code: list.code, stdout: list.stdout }, {
    code: 0,
    stdout: "",
  });
  assertStringIncludes(list.stderr, "profile add");
  assertEquals((await world.run(["profile", "use", "a"])).code, 4);
  const homeless = await world.run(["profile", "list"], { env: { HOME: "" } });
  assertEquals(homeless.code, 1);
  assertStringIncludes(homeless.stderr, "HOME is not set");
  const full = await world.run(
    ["profile", "add", "a", "-c", "/dev/full/config"],
  );
  assertEquals(full.code, 1);
  assertStringIncludes(full.stderr, "cannot write config /dev/full/config");
});
