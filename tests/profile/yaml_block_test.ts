import { assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import { oneLine } from "../../lib/base/printable.ts";
import { readYaml, yamlBlock, yamlText } from "../../lib/profile/yaml_block.ts";

/** Texts that some YAML reader takes for something else when they are plain. */
const LOOKALIKES = [
  ...["null", "Null", "~", "", "true", "False", "yes", "NO", "on", "y", "n"],
  ...["1e3", "1.10", "+.5", "010.5", "089", "0x10", "0X1F", "0o17", "0b1"],
  ...["1_000", "-1", "+1", "12:30:45", ".inf", "-.INF", ".nan", "1,000"],
  ...["2026-01-01", "2026-1-1", "2026-01-01T00:00:00Z", "<<", "="],
];

/** Texts that are no scalar, or another one, when they are plain. */
const SPECIAL = [
  ...["a: b", "a:", ": a", ":", "a #b", "#a", "- a", "-", "? a", "?"],
  ...["[a", "{a", "a]", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a"],
  ...["'a'", '"a"', "a\\b", " a", "a ", "a  b", "\ta", "a\tb", "---", "..."],
  ...["a\nb", "a\n\n  b\n", "\n", "\r\n", "\u0000", "\u001b[2J", "\u007f"],
  ...[
    "\u0085",
    "\u2028",
    "\ufeff",
    "\ufffe",
    "\ud800",
    "é☃😀",
    "x".repeat(2000),
  ],
];

const PLAIN = [
  ...["prod", "claude-sonnet-4-6", "us.anthropic.claude:0", "the real one"],
  ...["https://gw.example.com:8080/a", "/usr/bin", "_x", "me@example.com"],
];

Deno.test("yamlText() reads back as the same text with every schema", () => {
  for (const text of [...LOOKALIKES, ...SPECIAL, ...PLAIN]) {
    for (const schema of ["failsafe", "core", "default", "extended"] as const) {
      const value = parse(`k: ${yamlText(text)}\n`, { schema });
      assertEquals(value, { k: text }, JSON.stringify(text));
      const key = parse(`${yamlText(text)}: v\n`, { schema });
      assertEquals(key, { [text]: "v" }, JSON.stringify(text));
    }
  }
});

Deno.test("yamlText() quotes only what needs it, on one line of visible text", () => {
  for (const text of PLAIN) assertEquals(yamlText(text), text);
  for (
    const text of [
      ...LOOKALIKES,
      ...SPECIAL.filter((t) => t.length < 100),
    ]
  ) {
    assertEquals(yamlText(text)[0], '"', JSON.stringify(text));
    assertEquals(oneLine(yamlText(text)), yamlText(text));
  }
});

Deno.test("yamlBlock() writes what readYaml() read, each scalar as it was meant", () => {
  const text = `number: 1e3
text: "1e3"
octal: 0o17
flag: true
word: 'true'
nothing: ~
left_out:
empty: ''
list:
  - 1.10
  - "1.10"
  -
  - a: b
    c: [d, [e, {}], []]
  - - f
    - g
map: {k: {l: null}, m: {}}
<<: {merged: 1}
lines: |
  one

  two
`;
  assertEquals(
    yamlBlock(readYaml(text) as Record<string, unknown>),
    `number: 1e3
text: "1e3"
octal: "0o17"
flag: true
word: "true"
nothing: ~
left_out:
empty: ""
list:
  - 1.10
  - "1.10"
  -
  - a: b
    c:
      - d
      - - e
        - {}
      - []
  - - f
    - g
map:
  k:
    l: null
  m: {}
<<:
  merged: 1
lines: "one\\n\\ntwo\\n"
`,
  );
});

Deno.test("yamlBlock() quotes a merge key that merges nothing", () => {
  assertEquals(yamlBlock({ "<<": "a" }), '"<<": a\n');
});

Deno.test("yamlBlock() round trips every text as key, value and item", () => {
  const texts = [...LOOKALIKES, ...SPECIAL, ...PLAIN];
  const value = {
    keys: Object.fromEntries(texts.map((text) => [text, text])),
    list: texts,
    deep: [[texts], [{ a: texts, b: { c: texts } }]],
  };
  const text = yamlBlock(value);
  for (const schema of ["failsafe", "core", "default"] as const) {
    assertEquals(parse(text, { schema }), value);
  }
  assertEquals(yamlBlock(readYaml(text) as typeof value), text);
});
