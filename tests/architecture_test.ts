import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/**
 * The rooms of `lib/`, from the top down, each with its doors: the modules that
 * other rooms may enter by. A file that holds nothing but types needs no door.
 * Imports go down this list only, those of types too.
 */
const ROOMS: Readonly<Record<string, readonly string[] | "any">> = {
  commands: "any",
  relay: ["session"],
  launch: [
    ...["inquire", "plan", "carry_out", "print_plan", "inspect_settings"],
    ...["models", "model_input", "session_token"],
    ...["custom_headers", "helper_command", "carrier"],
  ],
  cli: [
    ...["parse", "own_words", "help"],
    ...["answer", "scripts", "request"].map((name) =>
      `completion/completion_${name}`
    ),
    "completion/known_providers",
  ],
  gateway: [
    ...["client", "gateway_url", "provider", "mode"],
    ...["choose_provider", "lookup_error", "ping"],
  ],
  auth: [
    ...["token", "token_request", "login", "login_flags", "helper"],
    ...["auth_server", "sign_in"],
    ...["credentials", "credentials_store", "refused_hint"],
  ],
  profile: [
    ...["active_profile", "options", "config"],
    ...["change_config", "config_edit", "profile_keys"],
    ...["auth_defaults", "resolved_profile", "flags"],
  ],
  claude: [
    ...["user_settings", "claude_settings", "caller_settings"],
    ...["claude_args", "find_claude", "is_shim", "validate_settings"],
  ],
  system: "any",
  base: "any",
};

/** What a process begins with besides `main.ts`. */
const HELPER = "lib/auth/helper.ts";

const RANKS = Object.keys(ROOMS);

/** The embedded servers stand beside: commands use them, they use base. */
const BESIDE = "loopback";

/** An import in a module's text. */
interface Import {
  /** Path from the root of the repository, or a package. */
  target: string;
  kind: "type" | "static" | "dynamic";
  /** Where it stands, counted from 1. */
  line: number;
}

/** Paths of the modules below `lib/`, and of `main.ts`. */
async function modules(below = "lib/"): Promise<string[]> {
  const names: string[] = below === "lib/" ? ["main.ts"] : [];
  for await (const entry of Deno.readDir(new URL(below, ROOT))) {
    const name = below + entry.name;
    if (entry.isDirectory) names.push(...await modules(`${name}/`));
    else if (name.endsWith(".ts")) names.push(name);
  }
  return names.sort();
}

/** A module's text with blanks for comments, line by line. */
async function code(name: string): Promise<string> {
  const text = await Deno.readTextFile(new URL(name, ROOT));
  return text.replace(
    /^\s*\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm,
    (comment) => comment.replace(/[^\n]/g, ""),
  );
}

const STATEMENT =
  /^(?:import|export)\s+(type\s)?([\w$*{},\s]*?)\s*from\s*"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

async function imports(name: string): Promise<Import[]> {
  const text = await code(name);
  return [...text.matchAll(STATEMENT)].map((match) => {
    const [, type, names, from, bare, dynamic] = match;
    const list = /\{([^}]*)\}/.exec(names ?? "")?.[1].split(",")
      .map((each) => each.trim()).filter((each) => each !== "");
    const onlyTypes = type !== undefined ||
      list !== undefined && list.every((each) => each.startsWith("type "));
    return {
      target: resolve(from ?? bare ?? dynamic, name),
      kind: dynamic !== undefined ? "dynamic" : onlyTypes ? "type" : "static",
      line: text.slice(0, match.index).split("\n").length,
    };
  });
}

function resolve(specifier: string, from: string): string {
  if (!specifier.startsWith(".")) return specifier;
  const url = new URL(specifier, new URL(from, ROOT)).href;
  return url.startsWith(ROOT.href) ? url.slice(ROOT.href.length) : specifier;
}

/** The room of a module; `undefined` for `main.ts` and packages. */
function roomOf(path: string): string | undefined {
  return /^lib\/([^/]+)\//.exec(path)?.[1];
}

/** What is wrong with an import, if anything is. */
async function offence(
  from: string,
  { target, kind }: Import,
): Promise<string | undefined> {
  const [here, there] = [roomOf(from), roomOf(target)];
  if (there === undefined || here === there) return undefined;
  if (there === BESIDE) {
    return here === "commands" ? undefined : `only commands may use ${BESIDE}`;
  }
  if (here === BESIDE) {
    return there === "base" ? undefined : `${BESIDE} may only use base`;
  }
  if (here !== undefined && RANKS.indexOf(there) < RANKS.indexOf(here)) {
    return `${there} is above ${here}`;
  }
  const doors = ROOMS[there];
  if (doors === "any" || kind === "type" && await holdsOnlyTypes(target)) {
    return undefined;
  }
  return doors.some((door) => target === `lib/${there}/${door}.ts`)
    ? undefined
    : `${target} is no door of ${there}`;
}

async function holdsOnlyTypes(name: string): Promise<boolean> {
  return !/^(?:export )?(?:const|let|class|(?:async )?function)\b/m.test(
    await code(name),
  );
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
  const found = await imports("lib/launch/plan.ts");
  const of = (target: string) => found.find((each) => each.target === target);
  assertEquals(of("lib/launch/models.ts")?.kind, "static");
  assertEquals(of("lib/gateway/mode.ts")?.kind, "type");
  const line = of("lib/gateway/mode.ts")?.line ?? 0;
  const text = await Deno.readTextFile(new URL("lib/launch/plan.ts", ROOT));
  assert(text.split("\n")[line - 1].includes("import type { Mode }"));
  assertEquals(
    (await imports("lib/commands/launch.ts")).find(({ target }) =>
      target === "lib/launch/print_plan.ts"
    )?.kind,
    "dynamic",
  );
});

Deno.test("imports go down the list of rooms, through a door or to a file of types", async () => {
  const offences: string[] = [];
  let crossings = 0;
  for (const name of await modules()) {
    for (const each of await imports(name)) {
      if (roomOf(each.target) !== roomOf(name)) crossings++;
      const what = await offence(name, each);
      if (what !== undefined) offences.push(`${name}:${each.line}: ${what}`);
    }
  }
  assert(crossings > 100, `${crossings} imports from room to room`);
  assertEquals(offences, []);
});

Deno.test("offence() names what is above, beside or behind a wall", async () => {
  const of = (from: string, target: string) =>
    offence(from, { target, kind: "static", line: 1 });
  assertEquals(
    await of("lib/auth/token.ts", "lib/launch/plan.ts"),
    "launch is above auth",
  );
  assertEquals(
    await of("lib/launch/plan.ts", "lib/auth/jwt.ts"),
    "lib/auth/jwt.ts is no door of auth",
  );
  assertEquals(await of("lib/launch/plan.ts", "lib/auth/token.ts"), undefined);
  assertEquals(
    await of("lib/relay/session.ts", "lib/loopback/gateway.ts"),
    "only commands may use loopback",
  );
});

Deno.test("no modules import each other in a circle", async () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = async (name: string, path: string[]): Promise<void> => {
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name];
      circles.push(circle.join(" -> "));
      return;
    }
    if (done.has(name) || !name.endsWith(".ts")) return;
    for (const { target } of await imports(name)) {
      await visit(target, [...path, name]);
    }
    done.add(name);
  };
  for (const name of await modules()) await visit(name, []);
  assert(done.size > 50, `${done.size} modules`);
  assertEquals(circles, []);
});

Deno.test("no two files have one name, and no two types", async () => {
  const places = new Map<string, string[]>();
  const add = (what: string, name: string) =>
    places.set(what, [...places.get(what) ?? [], name]);
  for (const name of await modules()) {
    add(name.replace(/^.*\//, ""), name);
    const types = (await code(name)).matchAll(
      /^(?:export )?(?:interface|type|class) (\w+)/gm,
    );
    for (const [, type] of types) add(`type ${type}`, name);
  }
  const twice = [...places].filter(([, names]) => names.length > 1);
  assertEquals(twice, []);
});

Deno.test("only system/ and the embedded servers touch Deno and Node", async () => {
  const mentions: string[] = [];
  for (const name of await modules()) {
    const room = roomOf(name);
    if (room === undefined || room === "system" || room === BESIDE) continue;
    if (name === HELPER) continue;
    if (/\bDeno\.|\bglobalThis\.Deno\b|"node:/.test(await code(name))) {
      mentions.push(name);
    }
  }
  assertEquals(mentions, []);
});

Deno.test("no module does anything but define when it is imported", async () => {
  const offences: string[] = [];
  for (const name of await modules()) {
    if (name === "main.ts" || name === HELPER) continue;
    if (/^(?:await|for|if|while|try|console)\b/m.test(await code(name))) {
      offences.push(name);
    }
  }
  assertEquals(offences, []);
});

/** What only some commands use, and nothing that is run often may load. */
const ON_DEMAND =
  /^lib\/(?:loopback|relay|commands\/(?:demo|doctor|profile|provider))\/|^lib\/(?:base\/(?:render|suggest)|cli\/(?:help|examples|completion\/\w+)|gateway\/(?:choose_provider|last_choice)|launch\/print_plan|auth\/(?:sign_in|oauth)|system\/deno_(?:pick|serve))\.ts$|^@(?:inquirer|cliffy|std\/yaml)/;

for (
  const [root, needs] of [
    ["main.ts", "lib/base/errors.ts"],
    ["lib/commands/launch.ts", "lib/launch/plan.ts"],
    ["lib/commands/auth_token.ts", "lib/auth/token.ts"],
  ]
) {
  Deno.test(`${root} loads nothing that it rarely uses`, async () => {
    const loaded = await graph(root);
    assert(loaded.has(needs), `the graph was followed to ${needs}`);
    assertEquals([...loaded].filter((name) => ON_DEMAND.test(name)), []);
  });
}

Deno.test("the helper can reach no package but the parser of its arguments", async () => {
  const reached = await graph(HELPER, "ever");
  assert(reached.has("lib/auth/oauth.ts"), "dynamic imports were followed");
  const outside = [...reached].filter((name) => !name.endsWith(".ts"));
  assertEquals(outside, ["@std/cli/parse-args"]);
  const people = [...reached].filter((name) =>
    /^lib\/(?:cli|commands|gateway|launch|claude|relay|loopback)\//.test(name)
  );
  assertEquals(people, []);
});

Deno.test("the helper loads at once only what a valid login takes", async () => {
  const loaded = await graph(HELPER);
  assert(loaded.has("lib/auth/token.ts"));
  const known = await modules();
  const rare = ["oauth", "rpk_token", "client_token", "check_token"]
    .map((name) => `lib/auth/${name}.ts`);
  assertEquals(rare.filter((name) => !known.includes(name)), []);
  assertEquals(rare.filter((name) => loaded.has(name)), []);
  assertEquals(
    [...loaded].filter((name) => roomOf(name) === "profile"),
    ["lib/profile/auth_defaults.ts"],
  );
});

Deno.test("neither a launch nor the helper can ask for a newer release", async () => {
  const asks = "lib/system/newer_release.ts";
  assert((await graph("lib/commands/version_command.ts")).has(asks));
  for (
    const root of ["lib/commands/launch.ts", "lib/commands/shim.ts", HELPER]
  ) {
    assert(!(await graph(root, "ever")).has(asks), root);
  }
});
