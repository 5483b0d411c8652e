import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parse } from "@std/yaml";
import { parseConfig } from "../../lib/profile/config.ts";
import { type ConfigEdit, editConfig } from "../../lib/profile/config_edit.ts";

const URL = "https://gw.example.com";

const use = (name: string): ConfigEdit => ({ kind: "use", name });
const remove = (name: string): ConfigEdit => ({ kind: "delete", name });
const rename = (from: string, to: string): ConfigEdit => ({
  kind: "rename",
  from,
  to,
});
const add = (name: string, from?: string): ConfigEdit => ({
  kind: "add",
  name,
  values: { ai_gateway_url: URL },
  from,
});

const COMMENTED = `# top
current_profile: prod # who is current

# about all
profiles:
  # about prod
  prod:
    ai_gateway_url: ${URL} # its URL
    # inside prod

  # about dev
  "dev":
    auth_mode: none
    timeout: 30
    extra: {a: [1, "1"], b: '#no comment'}
  # about nobody
other: |
  # no comment
  text

# end
`;

/** Texts of a file, an edit, and what comes of it. */
const EDITS: [what: string, text: string, edit: ConfigEdit, to: string][] = [
  [
    "one line to make a profile current",
    COMMENTED,
    use("dev"),
    COMMENTED.replace("current_profile: prod #", "current_profile: dev #"),
  ],
  [
    "what is behind the last profile, to add one",
    COMMENTED,
    add("new"),
    COMMENTED.replace(
      "  # about nobody\n",
      `  new:\n    ai_gateway_url: ${URL}\n  # about nobody\n`,
    ),
  ],
  [
    "the current profile away, with what is inside",
    COMMENTED,
    remove("prod"),
    COMMENTED.replace("current_profile: prod #", 'current_profile: "" #')
      .replace(/ {2}prod:[^]*# inside prod\n\n/, ""),
  ],
  [
    "another profile away, with the comment above it",
    COMMENTED,
    remove("dev"),
    COMMENTED.replace(/\n {2}# about dev\n[^]*no comment'}\n/, ""),
  ],
  [
    "the name of the current profile where it stands",
    COMMENTED,
    rename("prod", "p2"),
    COMMENTED.replace("  prod:", "  p2:")
      .replace("current_profile: prod", "current_profile: p2"),
  ],
  [
    "a name in quotes",
    COMMENTED,
    rename("dev", "1e3"),
    COMMENTED.replace('"dev":', '"1e3":'),
  ],
  [
    "keys of a profile: sets, adds and removes",
    COMMENTED,
    {
      kind: "set",
      name: "dev",
      values: {
        ai_gateway_url: "",
        auth_mode: "rpk",
        "auth.issuer": "https://issuer.example",
        quiet: "true",
      },
    },
    COMMENTED.replace("auth_mode: none", "auth_mode: rpk").replace(
      "  # about nobody\n",
      `    auth:
      issuer: https://issuer.example
    quiet: true
  # about nobody
`,
    ),
  ],
  [
    "a profile without keys",
    "profiles:\n  a:\n",
    { kind: "set", name: "a", values: { model: "m" } },
    "profiles:\n  a:\n    model: m\n",
  ],
  [
    "a copy, numbers as numbers and texts as texts",
    COMMENTED,
    {
      kind: "add",
      name: "new",
      values: { model: "1e3", auth_mode: "rpk" },
      from: "dev",
    },
    COMMENTED.replace(
      "  # about nobody\n",
      `  new:
    auth_mode: rpk
    timeout: 30
    extra: {a: [1, "1"], b: '#no comment'}
    model: "1e3"
  # about nobody
`,
    ),
  ],
  [
    "an empty file",
    "",
    add("a"),
    `current_profile: a\nprofiles:\n  a:\n    ai_gateway_url: ${URL}\n`,
  ],
  [
    "only comments",
    "# mine",
    add("a"),
    `# mine\n\ncurrent_profile: a\nprofiles:\n  a:\n    ai_gateway_url: ${URL}\n`,
  ],
  [
    "no profiles",
    "profiles: {} # none\nx: y\n",
    add("a"),
    `profiles:\n  a:\n    ai_gateway_url: ${URL}\n  # none\nx: y\ncurrent_profile: a\n`,
  ],
  [
    "a current profile that is not there",
    "current_profile: b\nprofiles:\n",
    add("a"),
    `current_profile: a\nprofiles:\n  a:\n    ai_gateway_url: ${URL}\n`,
  ],
  [
    "Windows line ends",
    "current_profile: a\r\nprofiles:\r\n  a:\r\n    model: m\r\n  b: {}\r\n",
    add("c"),
    "current_profile: a\r\nprofiles:\r\n  a:\r\n    model: m\r\n  b: {}\r\n" +
    `  c:\r\n    ai_gateway_url: ${URL}\r\n`,
  ],
  [
    "a byte order mark and no last line end",
    "\ufeffprofiles:\n  a:\n    model: m",
    use("a"),
    "\ufeffprofiles:\n  a:\n    model: m\ncurrent_profile: a\n",
  ],
  [
    "the last profile",
    "current_profile: a\nprofiles:\n  a:\n    model: m\n",
    remove("a"),
    'current_profile: ""\nprofiles: {}\n',
  ],
  [
    "a value in quotes with a #",
    `"current_profile": "a # b" # c\nprofiles:\n  "a # b": {}\n  c: {}\n`,
    use("c"),
    `"current_profile": "c" # c\nprofiles:\n  "a # b": {}\n  c: {}\n`,
  ],
  [
    "names that look like numbers",
    "# c\nprofiles:\n  b: {}\n  2026: {}\ncurrent_profile: 2026\n",
    rename("2026", "1e3"),
    '# c\nprofiles:\n  b: {}\n  "1e3": {}\ncurrent_profile: "1e3"\n',
  ],
  [
    "the same name deeper down",
    "x:\n  a: {profiles: 1}\nprofiles:\n  b:\n    a: 1\n  a:\n    b: 1\n",
    remove("a"),
    "x:\n  a: {profiles: 1}\nprofiles:\n  b:\n    a: 1\n",
  ],
  [
    "an anchor and a tag elsewhere",
    "x: &x !!str 1\ny: [*x, z]\nprofiles:\n  a: {}\n  b: {}\n",
    remove("a"),
    "x: &x !!str 1\ny: [*x, z]\nprofiles:\n  b: {}\n",
  ],
  [
    "a start of the document",
    "%YAML 1.2\n---\n# c\nprofiles:\n  a: {}\n",
    use("a"),
    "%YAML 1.2\n---\n# c\nprofiles:\n  a: {}\ncurrent_profile: a\n",
  ],
  [
    "flow style",
    `{current_profile: a, num: 30, t: "30", profiles: {a: {on: true}, b: {}}}`,
    remove("b"),
    `{current_profile: a, num: 30, t: "30", profiles: {a: {on: true}}}\n`,
  ],
  [
    "JSON",
    `{"profiles": {"a": {"num": 1.10, "t": "1.10", "z": null, "l": []}}}`,
    use("a"),
    `{"profiles": {"a": {"num": 1.10, "t": "1.10", "z": null, "l": []}}, ` +
    "current_profile: a}\n",
  ],
  [
    "a profile that is an alias, of which it gets a copy",
    "profiles:\n  a: &a\n    model: m # x\n    relay: true\n  b: *a\n",
    { kind: "set", name: "b", values: { model: "m2" } },
    "profiles:\n  a: &a\n    model: m # x\n    relay: true\n" +
    "  b:\n    model: m2 # x\n    relay: true\n",
  ],
  [
    "an auth block that is an alias, of which it gets a copy",
    "profiles:\n  a:\n    auth: &x {issuer: i, audience: j}\n" +
    "  b:\n    auth: *x\n",
    { kind: "set", name: "b", values: { "auth.issuer": "k" } },
    "profiles:\n  a:\n    auth: &x {issuer: i, audience: j}\n" +
    "  b:\n    auth: {issuer: k, audience: j}\n",
  ],
  [
    "a copy of an alias",
    "profiles:\n  a: &a\n    model: m\n  b: *a\n",
    { kind: "add", name: "c", values: { model: "m2" }, from: "b" },
    "profiles:\n  a: &a\n    model: m\n  b: *a\n  c:\n    model: m2\n",
  ],
  [
    "values in their quotes",
    'profiles:\n  a:\n    model: \'m\'\n    description: "d"\n    relay: "true"\n',
    {
      kind: "set",
      name: "a",
      values: { model: "n", description: "it's", relay: "false" },
    },
    'profiles:\n  a:\n    model: \'n\'\n    description: "it\'s"\n    relay: "false"\n',
  ],
  [
    "a copy of what has an anchor",
    "profiles:\n  a: &a\n    model: m\n  b:\n    <<: *a\n",
    { kind: "add", name: "c", values: {}, from: "a" },
    "profiles:\n  a: &a\n    model: m\n  b:\n    <<: *a\n  c:\n    model: m\n",
  ],
];

for (const [what, text, edit, to] of EDITS) {
  Deno.test(`editConfig() edits ${what}`, () => {
    assertEquals(editConfig(text, edit), to);
  });
}

Deno.test("editConfig() refuses what it cannot do, and names the line of what is no YAML", () => {
  const refused: [text: string, edit: ConfigEdit, message: string][] = [
    [
      "profiles:\n  a: &a {u: 1}\n  b: *a\n",
      remove("a"),
      "Unresolved alias (the anchor must be set before the alias): a",
    ],
    ["a: 1\na: 2\n", use("x"), "Map keys must be unique at line 2"],
    [
      "profiles:\n\ta: 1\n",
      use("x"),
      "Tabs are not allowed as indentation at line 2",
    ],
  ];
  for (const [text, edit, message] of refused) {
    assertThrows(() => editConfig(text, edit), SyntaxError, message);
  }
});

Deno.test("editConfig() quotes what some YAML reader takes for something else", () => {
  const texts = [
    ...["0o17", "+.5", "2026-1-1", "1e3", "0x1f", "1_000", "yes", "No", "~"],
    ...["null", "<<", "-", "a: b", "a #b", "*a", "&a", "!a", "%a", "@a", "`a"],
    ...["", " a", "a ", "a\nb", "\u0085", "'", '"', "{", "[", "|", ">", "?"],
  ];
  for (const text of texts.filter((each) => each !== "")) {
    const after = editConfig("profiles:\n  a: {}\n", {
      kind: "set",
      name: "a",
      values: { model: text },
    });
    for (const schema of ["failsafe", "core", "default"] as const) {
      const said = parse(after, { schema }) as {
        profiles: { a: { model: unknown } };
      };
      assertEquals(said.profiles.a.model, text, after);
    }
    assertMatch(after, /model: "/);
  }
});

Deno.test("editConfig() tells no profile from one that is named undefined or null", () => {
  for (const name of ["undefined", "null"]) {
    const text = `current_profile:\nprofiles:\n  ${name}: {}\n  b: {}\n`;
    assertEquals(
      editConfig(text, remove(name)),
      "current_profile:\nprofiles:\n  b: {}\n",
    );
  }
});

Deno.test("editConfig() takes names of what every object has for names", async () => {
  for (const name of ["constructor", "toString", "__proto__"]) {
    const text = editConfig("profiles:\n  a:\n    model: m\n", add(name, "a"));
    assertEquals((await parseConfig(text, "config")).profiles, [
      { name: "a", model: "m" },
      { name, gatewayUrl: URL, model: "m" },
    ]);
    const copied = editConfig(text, add("b", name));
    assertEquals((await parseConfig(copied, "config")).profiles[2], {
      name: "b",
      gatewayUrl: URL,
      model: "m",
    });
    assertEquals(
      editConfig(text, remove(name)),
      "profiles:\n  a:\n    model: m\n",
    );
  }
});

/** A text in many styles, which a program in another language may have written. */
const TREE = {
  current_profile: "a b",
  relay: { port: 8080, on: true, ratio: 0.5, none: null, texts: ["8080", ""] },
  profiles: {
    "a b": { ai_gateway_url: URL, retries: 3, auth: { issuer: URL } },
    "true": { description: "two\nlines\n", since: "2026-01-01" },
    c: {},
  },
};

const STYLES: [string, string][] = [
  ["JSON", JSON.stringify(TREE)],
  ["indented JSON", JSON.stringify(TREE, null, 2)],
  [
    "block style",
    `current_profile: a b
relay:
    port: 8080
    on: true
    ratio: 0.5
    none: ~
    texts: ['8080', '']
profiles:
    a b:
        ai_gateway_url: ${URL}
        retries: 3
        auth: {issuer: ${URL}}
    "true":
        description: |
            two
            lines
        since: "2026-01-01"
    c: {}
`,
  ],
];

for (const [style, text] of STYLES) {
  Deno.test(`editConfig() changes the data of ${style} as asked, and no type`, () => {
    assertEquals(parse(text), TREE);
    const { "a b": first, "true": second, c } = TREE.profiles;
    const cases: [ConfigEdit, unknown][] = [
      [use("true"), { ...TREE, current_profile: "true" }],
      [remove("true"), { ...TREE, profiles: { "a b": first, c } }],
      [remove("a b"), {
        ...TREE,
        current_profile: "",
        profiles: { "true": second, c },
      }],
      [rename("a b", "no"), {
        ...TREE,
        current_profile: "no",
        profiles: { no: first, "true": second, c },
      }],
      [add("0o17", "a b"), {
        ...TREE,
        profiles: { ...TREE.profiles, "0o17": first },
      }],
    ];
    for (const [edit, expected] of cases) {
      const after = editConfig(text, edit);
      assertEquals(parse(after), expected, JSON.stringify(edit));
      assertEquals(
        JSON.stringify(parse(after)),
        JSON.stringify(expected),
        "the order of keys",
      );
    }
  });
}
