import { assert, assertEquals } from "@std/assert";

const LIB = new URL("../lib/", import.meta.url);

/** The second entry of the package, which runs when it is started. */
const HELPER = "auth/helper.ts";

/** An import in a module's text. */
interface Import {
  /** Path below `lib/`, or a package. */
  target: string;
  kind: "type" | "static" | "dynamic";
}

/** Names of the modules below `lib/`. */
async function modules(below = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(new URL(below, LIB))) {
    const name = below + entry.name;
    if (entry.isDirectory) names.push(...await modules(`${name}/`));
    else if (name.endsWith(".ts")) names.push(name);
  }
  return names.sort();
}

/** A module's text without comments. */
async function code(name: string): Promise<string> {
  const text = await Deno.readTextFile(new URL(name, LIB));
  return text.replace(/^\s*\/\*[\s\S]*?\*\//gm, "").replace(
    /^\s*\/\/.*$/gm,
    "",
  );
}

function resolve(specifier: string, from: string): string {
  if (!specifier.startsWith(".")) return specifier;
  const url = new URL(specifier, new URL(from, LIB)).href;
  return url.startsWith(LIB.href) ? url.slice(LIB.href.length) : specifier;
}

async function imports(name: string): Promise<Import[]> {
  const text = await code(name);
  const found: Import[] = [];
  const statement =
    /^(?:import|export)\s+(type\s)?([\w$*{},\s]*?)\s*from\s*"([^"]+)"/gm;
  for (const [, type, names, specifier] of text.matchAll(statement)) {
    const list = /\{([^}]*)\}/.exec(names)?.[1].split(",")
      .map((each) => each.trim()).filter((each) => each !== "");
    const onlyTypes = type !== undefined ||
      list !== undefined && list.every((each) => each.startsWith("type "));
    const target = resolve(specifier, name);
    found.push({ target, kind: onlyTypes ? "type" : "static" });
  }
  for (const [, specifier] of text.matchAll(/^import\s+"([^"]+)"/gm)) {
    found.push({ target: resolve(specifier, name), kind: "static" });
  }
  for (const [, specifier] of text.matchAll(/\bimport\("([^"]+)"\)/g)) {
    found.push({ target: resolve(specifier, name), kind: "dynamic" });
  }
  return found;
}

function isPure(name: string): boolean {
  return name !== HELPER &&
    !/^(?:commands|loopback)\/|^(?:system\/deno|relay\/node)_\w+\.ts$/
      .test(name);
}

/** Modules that are loaded as soon as one is, or that it can ever load. */
async function graph(
  root: string,
  reach: "at once" | "ever" = "at once",
  seen = new Set<string>(),
): Promise<Set<string>> {
  if (seen.has(root)) return seen;
  seen.add(root);
  if (!root.endsWith(".ts")) return seen;
  for (const { target, kind } of await imports(root)) {
    if (kind === "static" || kind === "dynamic" && reach === "ever") {
      await graph(target, reach, seen);
    }
  }
  return seen;
}

Deno.test("imports() reads this project's import statements", async () => {
  const plan = await imports("launch/plan.ts");
  const kindOf = (target: string) =>
    plan.filter((each) => each.target === target).map(({ kind }) => kind);
  assertEquals(kindOf("launch/models.ts"), ["static"]);
  assertEquals(kindOf("gateway/mode.ts"), ["type"]);
  const launch = await imports("commands/launch.ts");
  assertEquals(
    launch.find(({ target }) => target === "launch/print_plan.ts")?.kind,
    "dynamic",
  );
  const [table] = await imports("base/render.ts");
  assertEquals(table, { target: "@cliffy/table", kind: "static" });
});

Deno.test("pure modules import pure modules only", async () => {
  const pure = (await modules()).filter(isPure);
  assert(pure.length > 20, `${pure.length} pure modules`);
  const offences: string[] = [];
  for (const name of pure) {
    for (const { target } of await imports(name)) {
      const inside = target.endsWith(".ts");
      if (inside && !isPure(target)) offences.push(`${name} imports ${target}`);
    }
  }
  assertEquals(offences, []);
});

Deno.test("only deno_*.ts, the relay's node_*.ts and the embedded servers mention Deno", async () => {
  const mentions: string[] = [];
  for (const name of await modules()) {
    if (!isPure(name) && !name.startsWith("commands/")) continue;
    if (/\bDeno\.|\bglobalThis\.Deno\b|"node:/.test(await code(name))) {
      mentions.push(name);
    }
  }
  assertEquals(mentions, []);
});

Deno.test("nothing in lib/ imports main.ts", async () => {
  const offences: string[] = [];
  for (const name of await modules()) {
    for (const { target } of await imports(name)) {
      if (/main\.ts$/.test(target)) offences.push(name);
    }
  }
  assertEquals(offences, []);
});

Deno.test("no module does anything but define when it is imported", async () => {
  const offences: string[] = [];
  for (const name of await modules()) {
    if (name === HELPER) continue;
    if (/^(?:await|for|if|while|try|console)\b/m.test(await code(name))) {
      offences.push(name);
    }
  }
  assertEquals(offences, []);
});

const ON_DEMAND = [
  "base/render.ts",
  "launch/print_plan.ts",
  "base/suggest.ts",
  "cli/help.ts",
  "cli/examples.ts",
  "cli/completion/completion_scripts.ts",
  "cli/completion/completion_request.ts",
  "cli/completion/known_providers.ts",
  "gateway/choose_provider.ts",
  "gateway/last_choice.ts",
  "system/deno_pick.ts",
  "@inquirer/search",
  "commands/demo/demo.ts",
  "commands/provider.ts",
  "commands/doctor/doctor.ts",
  "commands/doctor/checks.ts",
  "auth/sign_in.ts",
  "auth/oauth.ts",
  "@cliffy/table",
  "undici",
];

for (
  const [root, needs] of [
    ["../main.ts", "system/deno_sys.ts"],
    ["commands/launch.ts", "launch/plan.ts"],
    ["commands/auth_token.ts", "auth/token.ts"],
  ]
) {
  Deno.test(`${root.replace("../", "")} loads nothing that it rarely uses`, async () => {
    const loaded = await loadsNone(root, ON_DEMAND);
    assert(loaded.has(needs), `the graph was followed to ${needs}`);
    assertEquals(
      [...loaded].filter((name) => /^(?:loopback\/|relay\/)/.test(name)),
      [],
    );
  });
}

Deno.test("commands/auth_token.ts loads nothing of a launch", async () => {
  await loadsNone(
    "commands/auth_token.ts",
    ["plan", "routing", "inquire"].map((name) => `launch/${name}.ts`),
  );
});

Deno.test("the helper can reach no package but the parser of its arguments", async () => {
  const reached = await graph(HELPER, "ever");
  assert(reached.has("auth/oauth.ts"), "dynamic imports were followed");
  const outside = [...reached].filter((name) => !name.endsWith(".ts"));
  assertEquals(outside, ["@std/cli/parse-args"]);
  const people = [...reached].filter((name) =>
    /^(?:cli|commands|gateway|launch|claude|relay|loopback)\//.test(name)
  );
  assertEquals(people, []);
});

Deno.test("the helper loads at once only what a valid login takes", async () => {
  const loaded = await graph(HELPER);
  assert(loaded.has("auth/token.ts"));
  assertEquals(
    ["oauth", "rpk_token", "client_token", "check_token", "login"]
      .map((name) => `auth/${name}.ts`).filter((name) => loaded.has(name)),
    [],
  );
  assertEquals(
    [...loaded].filter((name) => /^profile\//.test(name)),
    ["profile/auth_defaults.ts"],
  );
});

/** Asserts that a module loads none of these, all of which there are. */
async function loadsNone(root: string, names: string[]): Promise<Set<string>> {
  const there = new Set(await modules());
  for (const name of [...there]) {
    for (const { target } of await imports(name)) there.add(target);
  }
  assertEquals(names.filter((name) => !there.has(name)), [], "no such module");
  const loaded = await graph(root);
  assertEquals(names.filter((name) => loaded.has(name)), []);
  return loaded;
}
