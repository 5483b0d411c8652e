import { assertEquals } from "@std/assert";
import { quoteBashWord, readBashWord } from "../../lib/cli/shell_words.ts";

const TEXTS = [
  "plain-word_1.2:3=4,5@6%7+8/9",
  "a b",
  "it's",
  'q"uote',
  "$(id) `id` $HOME ${x}",
  "back\\slash\\",
  "; & | < > ( ) { } [ ] * ? ~ # !",
  "~/x",
  "#x",
  "ä ö 🦀",
  "",
];

Deno.test("readBashWord() reads what quoteBashWord() writes", () => {
  for (const text of TEXTS) {
    for (const open of ["", "'", '"'] as const) {
      const word = quoteBashWord(text, open);
      if (word !== undefined) {
        assertEquals(readBashWord(word), { text, open }, text);
      }
    }
  }
});

Deno.test("quoteBashWord() writes what Bash itself reads as the text", async () => {
  for (const open of ["", "'", '"'] as const) {
    const words = TEXTS.filter((text) => text !== "")
      .map((text) => ({ text, word: quoteBashWord(text, open) }))
      .filter(({ word }) => word !== undefined);
    const { stdout } = await new Deno.Command("bash", {
      args: [
        "--norc",
        "-c",
        `printf '%s\\n' ${words.map(({ word }) => word + open).join(" ")}`,
      ],
    }).output();
    assertEquals(
      new TextDecoder().decode(stdout).split("\n").slice(0, -1),
      words.map(({ text }) => text),
    );
  }
});

Deno.test("quoteBashWord() offers nothing that an open quote cannot hold", () => {
  assertEquals(quoteBashWord("it's", "'"), undefined);
  assertEquals(quoteBashWord("bang!", '"'), undefined);
});

Deno.test("readBashWord() reads words that are not finished", () => {
  assertEquals(readBashWord('"a b'), { text: "a b", open: '"' });
  assertEquals(readBashWord("'a\\"), { text: "a\\", open: "'" });
  assertEquals(readBashWord("a\\"), { text: "a\\", open: "" });
  assertEquals(readBashWord('"\\x\\$"'), { text: "\\x$", open: "" });
  assertEquals(readBashWord("$HOME/x"), { text: "$HOME/x", open: "" });
});
