import { assert, assertEquals, assertRejects } from "@std/assert";
import { parse } from "@std/yaml/parse";
import { stringify } from "@std/yaml/stringify";
import { parseYaml, readPlainYaml } from "../../lib/profile/parse_yaml.ts";

/** What the YAML library makes of a text; `undefined` when it refuses it. */
function library(text: string): { value: unknown } | undefined {
  try {
    return { value: parse(text, { schema: "failsafe" }) };
  } catch {
    return undefined;
  }
}

/** The plain reader says nothing, or what the library says. */
function assertAgrees(text: string): void {
  const plain = readPlainYaml(text);
  if (plain !== undefined) assertEquals(library(text), { value: plain }, text);
}

Deno.test("readPlainYaml() reads the files this program writes", () => {
  const credentials = {
    issuers: {
      "https://auth.example.com": {
        current_organization: "default",
        organizations: {
          default: {
            access_token: "eyJhbGciOi.J9-_eyJ.dQw4==",
            refresh_token: "",
            expires_at: "2026-08-01T13:00:00.000Z",
            identity: "me@example.com",
          },
        },
        clients: { "ci.0123abcd": { access_token: "1e3" } },
      },
    },
  };
  const text = "# logins\n" +
    stringify(credentials, { useAnchors: false, lineWidth: -1 });
  assertEquals(readPlainYaml(text), credentials);
});

Deno.test("readPlainYaml() reads comments, quotes and blank lines", () => {
  const text = `
# a config
current_profile: 'dev'   # mine
profiles:

    dev:  # four blanks are fine
      # inside
      description: "it's #1"
      ai_gateway_url: https://gw.example.com:8443/a%20b
    "two words":
        model: claude-sonnet-4-6
`;
  const plain = readPlainYaml(text);
  assertEquals(plain, {
    current_profile: "dev",
    profiles: {
      dev: {
        description: "it's #1",
        ai_gateway_url: "https://gw.example.com:8443/a%20b",
      },
      "two words": { model: "claude-sonnet-4-6" },
    },
  });
  assertEquals(library(text), { value: plain });
});

const BEYOND: readonly [what: string, text: string][] = [
  ["nothing", ""],
  ["only a comment", "# nothing\n"],
  ["a word", "word\n"],
  ["a list", "a:\n  - b\n"],
  ["flow style", "a: {b: c}\n"],
  ["an empty value", "a:\nb: c\n"],
  ["an empty value at the end", "a: b\nc:\n"],
  ["a repeated key", "a: b\na: c\n"],
  ["a key below a value", "a: b\n  c: d\n"],
  ["a line out of line", "a:\n    b: c\n  d: e\n"],
  ["an indented document", "  a: b\n"],
  ["a text over two lines", "a: b\n  c\n"],
  ["a block text", "a: |\n  b\n"],
  ["an anchor", "a: &b c\n"],
  ["an alias", "a: *b\n"],
  ["a tag", "a: !!str b\n"],
  ["an escape", 'a: "\\n"\n'],
  ["a doubled quote", "a: 'b''c'\n"],
  ["a quote without an end", "a: 'b\n"],
  ["text behind a quote", "a: 'b' c\n"],
  ["a tab", "a:\tb\n"],
  ["a Windows line end", "a: b\r\n"],
  ["a byte order mark", "\uFEFFa: b\n"],
  ["a second document", "a: b\n---\na: c\n"],
  ["a value with a colon and a blank", "a: b: c\n"],
  ["a value that begins with a dash", "a: -b\n"],
  ["a letter that is not ASCII", "a: \u00e9\n"],
  ["a control character", "a: 'b\u001b'\n"],
  ["the prototype", "a:\n  __proto__:\n    b: c\n"],
  ["the merge key", "<<: a\n"],
];

for (const [what, text] of BEYOND) {
  Deno.test(`readPlainYaml() leaves ${what} to the library`, () => {
    assertEquals(readPlainYaml(text), undefined);
  });
}

Deno.test("parseYaml() is the library for whatever is not plain", async () => {
  for (const [, text] of BEYOND) {
    const known = library(text);
    if (known === undefined) {
      await assertRejects(() => parseYaml(text), SyntaxError, "", text);
    } else assertEquals(await parseYaml(text), known.value, text);
  }
});

/** Numbers below `bound`, the same ones in every run. */
function random(seed: number): (bound: number) => number {
  return (bound) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * bound);
  };
}

Deno.test("readPlainYaml() never differs from the library", () => {
  const next = random(20261124);
  const pieces = [
    ..."abz019_/.:@+=~%,- \n\n\n#'\"\\[]{}&*!|>?<\t",
    ": ",
    ": ",
    ":\n  ",
    ":\n    ",
    "\n  ",
    "\n    ",
    " #",
    "''",
    '""',
    "--- ",
    "a: b",
    "null",
    "https://a:1/b",
  ];
  let plain = 0;
  for (let round = 0; round < 200_000; round++) {
    const length = 1 + next(14);
    const text = Array.from({ length }, () => pieces[next(pieces.length)])
      .join("");
    if (readPlainYaml(text) !== undefined) plain++;
    assertAgrees(text);
  }
  // Otherwise nothing was compared.
  assert(plain > 500, `${plain} texts were plain`);
});

Deno.test("readPlainYaml() never differs on files with one thing changed", () => {
  const file = "current: dev\nprofiles:\n  dev:\n    url: https://gw:1/a\n" +
    "    text: 'a b'\n  two:\n    model: \"m\" # x\n";
  const changes = [..." \n:#'\"-a\t\\&?,[{", "", "\n\n", "  ", ": "];
  for (let at = 0; at <= file.length; at++) {
    for (const change of changes) {
      assertAgrees(file.slice(0, at) + change + file.slice(at));
      assertAgrees(file.slice(0, at) + change + file.slice(at + 1));
    }
  }
});
