import { assert, assertEquals } from "@std/assert";

const LIB = new URL("../lib/", import.meta.url);

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
  return !/^(?:commands|loopback)\/|^system\/deno_\w+\.ts$/
    .test(
      name,
    );
}

/** Modules that are loaded as soon as one is. */
async function graph(
  root: string,
  seen = new Set<string>(),
): Promise<Set<string>> {
  if (seen.has(root)) return seen;
  seen.add(root);
  if (!root.endsWith(".ts")) return seen;
  for (const { target, kind } of await imports(root)) {
    if (kind === "static") await graph(target, seen);
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

Deno.test("only deno_*.ts and the embedded servers mention Deno", async () => {
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
];

for (
  const [root, needs] of [
    ["../main.ts", "auth/token.ts"],
    ["commands/launch.ts", "launch/plan.ts"],
    ["commands/auth_token.ts", "auth/token.ts"],
  ]
) {
  Deno.test(`${root.replace("../", "")} loads nothing that it rarely uses`, async () => {
    const loaded = await graph(root);
    assert(loaded.has(needs), `the graph was followed to ${needs}`);
    assertEquals(
      [...loaded].filter((name) =>
        ON_DEMAND.includes(name) || /^(?:loopback\/|relay\/)/.test(name)
      ),
      [],
    );
  });
}

Deno.test("commands/auth_token.ts loads nothing of a launch", async () => {
  const loaded = await graph("commands/auth_token.ts");
  assertEquals(
    ["plan", "routing", "prepare"].map((name) => `launch/${name}.ts`).filter((
      name,
    ) => loaded.has(name)),
    [],
  );
});

Deno.test("main.ts loads nothing at once that the helper does without", async () => {
  const loaded = await graph("../main.ts");
  assertEquals(
    [
      ...["commands/launch.ts", "launch/plan.ts", "system/reporter.ts"],
      ...["cli/parse.ts", "cli/flag_table.ts"],
      ...["@std/cli/parse-args", "@std/yaml/parse"],
    ].filter((name) => loaded.has(name)),
    [],
  );
});
