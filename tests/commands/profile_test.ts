import { assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "@std/yaml";
import { makeConfigHome as makeHome } from "../support/config_home.ts";
import { type Ended, makeWorld, type World } from "../support/program.ts";

const CONFIG = `# who we are
current_profile: prod
future: {a: 1}
profiles:
  prod:
    # the real one
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

Deno.test("profile show tells whether launches are quiet and use the relay", async () => {
  await using home = await makeHome(`profiles:
  a:
    relay: true
    quiet: true
`);
  const { stdout } = await home.run(["show", "a", "-o", "json"]);
  const { relay, quiet } = JSON.parse(stdout);
  assertEquals(relay, { value: "true", source: "profile" });
  assertEquals(quiet, { value: "true", source: "profile" });
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
    [
      ...["profile", "add", "a", "-c", "/dev/full/config"],
      ...["--ai-gateway-url", "https://gw.example.com"],
    ],
  );
  assertEquals(full.code, 1);
  assertStringIncludes(full.stderr, "cannot write config /dev/full/config");
});

const TWO = `current_profile: prod
profiles:
  prod:
    ai_gateway_url: https://gw.example.com
    llm_provider: anthropic
    model: opus
    description: the | real one
  dev:
    auth_mode: none
    dataplane_url: http://127.0.0.1:8080
`;

Deno.test("profile list marks the current one, in every format", async () => {
  await using home = await makeHome(TWO);
  const list = async (format: string) =>
    (await home.run(["list", "-o", format])).stdout;
  assertEquals(
    await list("table"),
    "CURRENT  NAME  AUTH MODE\n" +
      "*        prod  device\n" +
      "         dev   none\n",
  );
  const [header, prod, dev] = (await list("wide")).split("\n")
    .map((line) => line.split(/ {2,}/));
  assertEquals(header, [
    ...["CURRENT", "NAME", "AUTH MODE"],
    ...["URL", "PROVIDER", "MODEL", "DESCRIPTION"],
  ]);
  assertEquals(prod, [
    ...["*", "prod", "device", "https://gw.example.com"],
    ...["anthropic", "opus", "the | real one"],
  ]);
  assertEquals(dev, [
    "",
    "dev",
    "none",
    "http://127.0.0.1:8080",
    "-",
    "-",
    "-",
  ]);
  assertStringIncludes(
    await list("markdown"),
    "| * | prod | device | https://gw.example.com | anthropic | opus | the \\| real one |\n",
  );
  const rows = [{
    name: "prod",
    current: true,
    ai_gateway_url: "https://gw.example.com",
    auth_mode: "device",
    llm_provider: "anthropic",
    model: "opus",
    description: "the | real one",
  }, {
    name: "dev",
    current: false,
    ai_gateway_url: "http://127.0.0.1:8080",
    auth_mode: "none",
    llm_provider: null,
    model: null,
    description: null,
  }];
  assertEquals(JSON.parse(await list("json")), rows);
  assertEquals(parse(await list("yaml")), rows);
});

Deno.test("profile list without profiles is an empty document, or a note", async () => {
  await using home = await makeHome();
  for (const format of ["json", "yaml"]) {
    const { code, stdout } = await home.run(["list", "-o", format]);
    assertEquals({ code, rows: parse(stdout) }, { code: 0, rows: [] });
  }
  for (const format of ["table", "wide", "markdown"]) {
    assertEquals(await home.run(["list", "-o", format]), {
      code: 0,
      stdout: "",
      stderr: `no profiles in ${home.path}; add one: ` +
        "ai-claude profile add NAME --ai-gateway-url URL\n",
    });
  }
});

Deno.test("profile shows no password or key of a URL, and no control character", async () => {
  await using home = await makeHome(`profiles:
  a:
    ai_gateway_url: https://me:hunter2@gw.example.com/x?key=hunter2
    description: "\\e[2Jcleared"
    auth:
      issuer: https://me:hunter2@issuer.example.com
`);
  for (const format of ["table", "wide", "json", "yaml", "markdown"]) {
    for (const command of [["list"], ["show", "a"], ["show", "-p", "a"]]) {
      const { code, stdout } = await home.run([...command, "-o", format]);
      assertEquals(code, 0);
      assertEquals(stdout.includes("hunter2"), false, stdout);
      assertEquals(stdout.includes("\x1b"), false, stdout);
    }
  }
  const { stdout } = await home.run(["show", "a", "-o", "json"]);
  const shown = JSON.parse(stdout);
  assertEquals(
    shown.ai_gateway_url.value,
    "https://<redacted>@gw.example.com/x?<redacted>",
  );
  assertEquals(
    shown["auth.issuer"].value,
    "https://<redacted>@issuer.example.com",
  );
});

Deno.test("profile show names the variable, the key or the default behind a value", async () => {
  await using home = await makeHome(TWO);
  const show = async (args: string[], env: Record<string, string> = {}) => {
    const { stdout } = await home.run(["show", ...args, "-o", "json"], { env });
    return JSON.parse(stdout);
  };
  assertEquals((await show([])).profile, {
    value: "prod",
    source: "current_profile",
  });
  const byVariable = await show([], {
    RPAI_PROFILE: "dev",
    RPAI_TOKEN: "hunter2",
  });
  assertEquals(byVariable.profile, { value: "dev", source: "RPAI_PROFILE" });
  assertEquals(byVariable.token, { value: "<redacted>", source: "RPAI_TOKEN" });
  const byName = await show(["dev"], { RPAI_PROFILE: "prod" });
  assertEquals(byName.profile, { value: "dev", source: "argument" });
  assertEquals(byName.model, { value: null, source: "-" });
  assertEquals(byName.token, { value: null, source: "-" });
  assertEquals((await show(["prod"])).auth_mode, {
    value: "device",
    source: "default",
  });
});

Deno.test("profile show without a config file shows the defaults; a name is not found", async () => {
  await using home = await makeHome();
  const { code, stdout } = await home.run(["show", "-o", "json"]);
  assertEquals(code, 0);
  assertEquals(JSON.parse(stdout).profile, { value: null, source: "-" });
  for (const args of [["show", "a"], ["delete", "a"], ["rename", "a", "b"]]) {
    const { code, stdout, stderr } = await home.run(args);
    assertEquals({ code, stdout }, { code: 4, stdout: "" });
    assertStringIncludes(stderr, `profile "a" is not in ${home.path}\n`);
  }
});

Deno.test("profile add makes only the first profile current", async () => {
  await using home = await makeHome();
  const add = (name: string) =>
    home.run(["add", name, "--ai-gateway-url", "https://gw.example.com"]);
  assertEquals(await add("a"), {
    code: 0,
    stdout: "",
    stderr: '"a" is the first profile: now the current one\n',
  });
  assertEquals(await add("b"), { code: 0, stdout: "", stderr: "" });
  assertEquals(
    await home.config(),
    `current_profile: a
profiles:
  a:
    ai_gateway_url: https://gw.example.com
  b:
    ai_gateway_url: https://gw.example.com
`,
  );
  assertEquals(await home.files(), ["config", "config.lock"]);
});

Deno.test("profile add wants a gateway, of its own or copied", async () => {
  await using home = await makeHome(TWO);
  const { code, stderr } = await home.run(["add", "new", "--model", "m"]);
  assertEquals({ code, stderr }, {
    code: 2,
    stderr: 'error: no AI gateway for profile "new"\n' +
      "hint: ai-claude profile add new --ai-gateway-url URL\n",
  });
  assertEquals((await home.run(["add", "new", "--from", "dev"])).code, 0);
  assertStringIncludes(
    await home.config(),
    "  new:\n    auth_mode: none\n    dataplane_url: http://127.0.0.1:8080\n",
  );
});

Deno.test("profile add does not copy a URL that would carry a token in clear text", async () => {
  const text =
    "profiles:\n  lab:\n    auth_mode: none\n    ai_gateway_url: http://lab\n";
  await using home = await makeHome(text);
  const copy = ["add", "new", "--from", "lab"];
  const { code, stderr } = await home.run([...copy, "--auth-mode", "rpk"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, '"http://lab" (profile lab): a token would');
  assertEquals(await home.config(), text);
  assertEquals((await home.run(copy)).code, 0);
});

Deno.test("profile add replaces the older name of a copied URL", async () => {
  await using home = await makeHome(TWO);
  const url = ["--ai-gateway-url", "http://127.0.0.1:9090"];
  await home.run(["add", "new", "--from", "dev", ...url]);
  assertEquals(
    await home.config(),
    `${TWO}  new:\n    auth_mode: none\n    ai_gateway_url: http://127.0.0.1:9090\n`,
  );
});

Deno.test("profile add refuses text that is more than a line", async () => {
  await using home = await makeHome(TWO);
  for (const flag of ["--model", "--description"]) {
    for (const text of ["a\nb", "\x1b[2J", " "]) {
      const { code, stderr } = await home.run([
        ...["add", "new", "--from", "prod", flag, text],
      ]);
      assertEquals(code, 2, stderr);
      assertStringIncludes(stderr, `error: bad ${flag} "`);
    }
  }
  assertEquals(await home.config(), TWO);
});

Deno.test("profile use warns when RPAI_PROFILE stays in force", async () => {
  await using home = await makeHome(TWO);
  const use = (RPAI_PROFILE: string) =>
    home.run(["use", "dev"], { env: { RPAI_PROFILE } });
  assertEquals(await use("prod"), {
    code: 0,
    stdout: "",
    stderr: 'warning: RPAI_PROFILE is set: "prod" stays in force here\n',
  });
  assertEquals((await use("dev")).stderr, "");
});

Deno.test("profile delete says that no profile is current, and what to do", async () => {
  await using home = await makeHome(TWO);
  assertEquals(
    (await home.run(["delete", "prod"])).stderr,
    '"prod" was the current profile: now "dev" is in force, the only one\n',
  );
  await home.run(["use", "dev"]);
  assertEquals(await home.run(["delete", "dev"]), {
    code: 0,
    stdout: "",
    stderr: '"dev" was the current profile: now there is none; ' +
      "add one: ai-claude profile add NAME --ai-gateway-url URL\n",
  });
  assertEquals(await home.config(), 'current_profile: ""\nprofiles: {}\n');
  assertEquals(parse((await home.run(["list", "-o", "json"])).stdout), []);
});

Deno.test("profile loses nothing when the disk refuses the file", async () => {
  const text = "{current_profile: a, profiles: {a: {}, b: {}}} # one\n";
  await using home = await makeHome(text);
  const { code, stdout, stderr } = await home.run(["delete", "a"], {
    replaceTextFile: () =>
      Promise.reject(new Error("Permission denied (os error 13)")),
  });
  assertEquals({ code, stdout }, { code: 1, stdout: "" });
  assertStringIncludes(
    stderr,
    `error: cannot write config ${home.path}: Permission denied`,
  );
  assertEquals(stderr.includes("now"), false);
  assertEquals(await home.config(), text);
});

Deno.test("profile edits at the same time all survive", async () => {
  await using world = await withConfig();
  const names = ["one", "two", "three", "four"];
  const ended = await Promise.all(
    names.map((name) => world.run(["profile", "add", name, "--from", "prod"])),
  );
  assertEquals(ended.map(({ code }) => code), [0, 0, 0, 0]);
  const { stdout } = await world.run(["profile", "list", "-o", "json"]);
  const listed = JSON.parse(stdout).map(({ name }: { name: string }) => name);
  assertEquals(names.filter((name) => !listed.includes(name)), []);
});

Deno.test("profile does not rewrite another program's file, and says what to do", async () => {
  const text = "current_environment: a\nenvironments: [{name: a}]\n";
  await using home = await makeHome(text);
  const url = ["--ai-gateway-url", "https://gw.example.com"];
  const { code, stderr } = await home.run(["add", "new", ...url]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "it is another program's");
  assertStringIncludes(stderr, "set RPAI_CONFIG");
  assertEquals(await home.config(), text);
});

Deno.test("profile refuses to edit what is not UTF-8", async () => {
  await using home = await makeHome("");
  const bytes = new TextEncoder().encode("profiles:\n  a:\n    x: ?\n");
  bytes[bytes.length - 2] = 0xe9;
  await Deno.writeFile(home.path, bytes);
  const { code, stderr } = await home.run(["use", "a"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "not UTF-8");
  assertEquals(await Deno.readFile(home.path), bytes);
  assertEquals((await home.run(["list"])).code, 0);
});

Deno.test("profile writes through a symbolic link", async () => {
  await using home = await makeHome(TWO);
  const real = `${home.path}.real`;
  await Deno.rename(home.path, real);
  await Deno.symlink(real, home.path);
  assertEquals((await home.run(["use", "dev"])).code, 0);
  assertEquals((await Deno.lstat(home.path)).isSymlink, true);
  assertStringIncludes(await Deno.readTextFile(real), "current_profile: dev\n");
});

Deno.test("profile use of the current one writes nothing", async () => {
  await using home = await makeHome(TWO);
  const replaceTextFile = () => Promise.reject(new Error("written"));
  assertEquals((await home.run(["use", "prod"], { replaceTextFile })).code, 0);
});
