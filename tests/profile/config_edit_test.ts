import { assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { parseConfig } from "../../lib/profile/config.ts";
import { type ConfigEdit, editConfig } from "../../lib/profile/config_edit.ts";

const URL = "https://gw.example.com";

/** The new text of an edit that keeps every comment. */
function edited(text: string, edit: ConfigEdit): string {
  const { text: after, lostComments } = editConfig(text, edit);
  assertEquals(lostComments, false);
  return after;
}

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
profiles: # all of them
  # about prod
  prod: # the real one
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

Deno.test("editConfig() changes one line to make a profile current", () => {
  assertEquals(
    edited(COMMENTED, use("dev")),
    COMMENTED.replace("current_profile: prod #", "current_profile: dev #"),
  );
});

Deno.test("editConfig() adds a profile behind the last one", () => {
  assertEquals(
    edited(COMMENTED, add("new")),
    COMMENTED.replace(
      "  # about nobody\n",
      `  new:\n    ai_gateway_url: ${URL}\n  # about nobody\n`,
    ),
  );
});

Deno.test("editConfig() removes a profile with what is inside, and unsets the current one", () => {
  assertEquals(
    edited(COMMENTED, remove("prod")),
    COMMENTED.replace("current_profile: prod #", 'current_profile: "" #')
      .replace(/ {2}prod: #[^]*# inside prod\n/, ""),
  );
  assertEquals(
    edited(COMMENTED, remove("dev")),
    COMMENTED.replace(/ {2}"dev":[^]*no comment'}\n/, ""),
  );
});

Deno.test("editConfig() renames a profile where it stands, the current one too", () => {
  assertEquals(
    edited(COMMENTED, rename("prod", "p2")),
    COMMENTED.replace("current_profile: prod #", "current_profile: p2 #")
      .replace("  prod: #", "  p2: #"),
  );
  assertEquals(
    edited(COMMENTED, rename("dev", "yes")),
    COMMENTED.replace('"dev":', '"yes":'),
  );
});

Deno.test("editConfig() copies a profile, numbers as numbers and texts as texts", () => {
  const copy: ConfigEdit = {
    kind: "add",
    name: "new",
    values: { model: "1e3", auth_mode: "rpk" },
    from: "dev",
  };
  assertEquals(
    edited(COMMENTED, copy),
    COMMENTED.replace(
      "  # about nobody\n",
      `  new:
    auth_mode: rpk
    timeout: 30
    extra:
      a:
        - 1
        - "1"
      b: "#no comment"
    model: "1e3"
  # about nobody
`,
    ),
  );
});

/** Texts of a file, an edit, and what comes of it without a word being lost. */
const IN_PLACE: [what: string, text: string, edit: ConfigEdit, to: string][] = [
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
    `# mine\ncurrent_profile: a\nprofiles:\n  a:\n    ai_gateway_url: ${URL}\n`,
  ],
  [
    "no profiles",
    "profiles: {} # none\nx: y\n",
    add("a"),
    `profiles: # none\n  a:\n    ai_gateway_url: ${URL}\nx: y\ncurrent_profile: a\n`,
  ],
  [
    "a current profile that is not there",
    "current_profile: b\nprofiles:\n",
    add("a"),
    `current_profile: a\nprofiles:\n  a:\n    ai_gateway_url: ${URL}\n`,
  ],
  [
    "Windows line ends",
    "current_profile: a\r\nprofiles:\r\n  a:\r\n    model: m\r\n  b:\r\n",
    add("c"),
    "current_profile: a\r\nprofiles:\r\n  a:\r\n    model: m\r\n  b:\r\n" +
    `  c:\r\n    ai_gateway_url: ${URL}\r\n`,
  ],
  [
    "a byte order mark and no last line end",
    "\ufeffprofiles:\n  a:\n    model: m",
    use("a"),
    "profiles:\n  a:\n    model: m\ncurrent_profile: a\n",
  ],
  [
    "four blanks of indentation",
    "profiles:\n    a:\n        model: m\n",
    add("b"),
    "profiles:\n    a:\n        model: m\n    b:\n" +
    `      ai_gateway_url: ${URL}\n`,
  ],
  [
    "the last profile",
    "current_profile: a\nprofiles:\n  a:\n    model: m\n",
    remove("a"),
    'current_profile: ""\nprofiles:\n',
  ],
  [
    "a value in quotes with a #",
    `"current_profile": "a # b" # c\nprofiles:\n  "a # b": {}\n  c: {}\n`,
    use("c"),
    `"current_profile": c # c\nprofiles:\n  "a # b": {}\n  c: {}\n`,
  ],
  [
    "a comment indented below the current profile",
    "profiles: {a: {}, b: {}}\ncurrent_profile: a\n  # left\n",
    use("b"),
    "profiles: {a: {}, b: {}}\ncurrent_profile: b\n  # left\n",
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
    "a list as wide as its key, an anchor and a tag",
    "x: &x !!str 1\ny:\n- *x\n- z\nprofiles:\n  a: {}\n  b: {}\n",
    remove("a"),
    "x: &x !!str 1\ny:\n- *x\n- z\nprofiles:\n  b: {}\n",
  ],
  [
    "a start of the document",
    "%YAML 1.2\n---\n# c\nprofiles:\n  a: {}\n",
    use("a"),
    "%YAML 1.2\n---\n# c\nprofiles:\n  a: {}\ncurrent_profile: a\n",
  ],
];

for (const [what, text, edit, to] of IN_PLACE) {
  Deno.test(`editConfig() edits in place: ${what}`, () => {
    assertEquals(edited(text, edit), to);
  });
}

/** Files that are written anew: the comments go, what they say stays. */
const ANEW: [what: string, text: string, edit: ConfigEdit, to: string][] = [
  [
    "flow style",
    `{current_profile: a, num: 30, t: "30", profiles: {a: {on: true}, b: {}}}`,
    remove("b"),
    'current_profile: a\nnum: 30\nt: "30"\nprofiles:\n  a:\n    "on": true\n',
  ],
  [
    "JSON",
    `{"profiles": {"a": {"num": 1.10, "t": "1.10", "z": null, "l": []}}}`,
    add("b"),
    `profiles:
  a:
    num: 1.10
    t: "1.10"
    z: null
    l: []
  b:
    ai_gateway_url: ${URL}
`,
  ],
  [
    "an anchor that another profile needs",
    "profiles:\n  a: &a\n    u: 1\n  b:\n    <<: *a\n    v: ''\n",
    remove("a"),
    'profiles:\n  b:\n    <<:\n      u: 1\n    v: ""\n',
  ],
  [
    "a name with escapes",
    'profiles:\n  "a\\"b":\n    model: m\n',
    rename('a"b', "c"),
    "profiles:\n  c:\n    model: m\n",
  ],
  [
    "the current profile behind the document's end",
    "profiles: {a: }\n...\n",
    use("a"),
    "profiles:\n  a:\ncurrent_profile: a\n",
  ],
];

for (const [what, text, edit, to] of ANEW) {
  Deno.test(`editConfig() writes anew: ${what}`, () => {
    assertEquals(editConfig(text, edit), { text: to, lostComments: false });
  });
}

Deno.test("editConfig() tells a comment from a # in a text when it writes anew", () => {
  const lost = (text: string) =>
    editConfig(`{profiles: {a: {}, b: {}}}${text}`, remove("a")).lostComments;
  assertEquals(lost(" # c\n"), true);
  assertEquals(lost("\n#"), true);
  const inside = (text: string) =>
    editConfig(`{x: ${text}, profiles: {a: {}}}`, remove("a")).lostComments;
  for (const text of ["'a # b'", '" # b"', "a#b", "'\n # b'", '"#"']) {
    assertEquals(inside(text), false, text);
  }
  for (const text of ["a # c\n", "'#' #\n", "[1, # c\n 2]"]) {
    assertEquals(inside(text), true, text);
  }
});

Deno.test("editConfig() tells no profile from one that is named undefined or null", () => {
  for (const name of ["undefined", "null"]) {
    const text = `current_profile:\nprofiles:\n  ${name}: {}\n  b: {}\n`;
    assertEquals(
      edited(text, remove(name)),
      "current_profile:\nprofiles:\n  b: {}\n",
    );
  }
});

Deno.test("editConfig() takes names of what every object has for names", async () => {
  for (const name of ["constructor", "toString", "__proto__"]) {
    const text = edited("profiles:\n  a:\n    model: m\n", add(name, "a"));
    assertEquals((await parseConfig(text, "config")).profiles, [
      { name: "a", model: "m" },
      { name, gatewayUrl: URL, model: "m" },
    ]);
    const copied = edited(text, add("b", name));
    assertEquals((await parseConfig(copied, "config")).profiles[2], {
      name: "b",
      gatewayUrl: URL,
      model: "m",
    });
    assertEquals(
      edited(text, remove(name)),
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
      const after = editConfig(text, edit).text;
      assertEquals(parse(after), expected, JSON.stringify(edit));
      assertEquals(
        JSON.stringify(parse(after)),
        JSON.stringify(expected),
        "the order of keys",
      );
      assertEquals(editConfig(after, use("c")).lostComments, false);
    }
  });
}

Deno.test("editConfig() undoes what it did", () => {
  for (const [style, text] of STYLES) {
    const after = (...edits: ConfigEdit[]) =>
      edits.reduce((rest, edit) => editConfig(rest, edit).text, text);
    const renamed = after(rename("a b", "new"), rename("new", "a b"));
    assertEquals(parse(renamed), TREE, style);
    const added = after(add("new", "true"), remove("new"));
    assertEquals(parse(added), TREE, style);
  }
});
