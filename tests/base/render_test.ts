import { assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import {
  type Page,
  render,
  renderDocument,
  renderMarkdownTable,
  renderTable,
} from "../../lib/base/render.ts";

Deno.test("renderTable() aligns columns, without borders or trailing blanks", () => {
  assertEquals(
    renderTable(["NAME", "VALUE"], [["a", "1"], ["longer", ""], ["b", "x y"]]),
    "NAME    VALUE\n" +
      "a       1\n" +
      "longer\n" +
      "b       x y\n",
  );
});

Deno.test("renderTable() without rows is its header", () => {
  assertEquals(renderTable(["NAME", "VALUE"], []), "NAME  VALUE\n");
});

Deno.test("renderMarkdownTable() escapes what would break a cell", () => {
  assertEquals(
    renderMarkdownTable(["A", "B"], [["x|y", "c:\\d"], ["one\ntwo", ""]]),
    "| A | B |\n" +
      "| --- | --- |\n" +
      "| x\\|y | c:\\\\d |\n" +
      "| one<br>two |  |\n",
  );
});

Deno.test("renderDocument() writes indented JSON", () => {
  assertEquals(
    renderDocument("json", { a: [1], b: null }),
    '{\n  "a": [\n    1\n  ],\n  "b": null\n}\n',
  );
});

Deno.test("renderDocument() escapes what would drive a terminal", () => {
  const hostile = ["\u001b[2J", "\u009b2J", "\u0085", "\u007f", "\u2028\u2029"]
    .concat("a\u202eb", "\u2066\u0007\n\u2069\\a", "\u202e\\a", "\ud800");
  const value = hostile.map((text) => ({ [text]: text, list: [text] }));
  for (const format of ["json", "yaml"] as const) {
    const text = renderDocument(format, value);
    assertEquals(
      text.match(
        /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu,
      ),
      null,
      format,
    );
    assertEquals(format === "json" ? JSON.parse(text) : parse(text), value);
  }
});

Deno.test("renderDocument() writes YAML that reads back the same", () => {
  const shared = { x: "1" };
  const value = {
    text: "yes",
    number: "007",
    date: "2026-01-01",
    long: "word ".repeat(60).trim(),
    lines: "one\ntwo",
    empty: "",
    nothing: null,
    twice: [shared, shared],
  };
  const text = renderDocument("yaml", value);
  assertEquals(parse(text), value);
  assertEquals(text.match(/[&*]ref/g), null, "no anchors");
  assertEquals(text.endsWith("\n"), true);
});

Deno.test("render() gives programs the document, in JSON and in YAML", () => {
  const document = [{ name: "a", models: [] }];
  const write = () => {
    throw new Error("nobody reads a page");
  };
  assertEquals(JSON.parse(render("json", document, write)), document);
  assertEquals(parse(render("yaml", document, write)), document);
});

Deno.test("render() gives people a page, with more on it where there is room", () => {
  const write = ({ wide, markdown, table, heading, block }: Page) =>
    table(["A"], [["x|y"]]) + heading("More") + block(`${wide} ${markdown}`);
  assertEquals(render("table", {}, write), "A\nx|y\n\nMore\nfalse false\n");
  assertEquals(render("wide", {}, write), "A\nx|y\n\nMore\ntrue false\n");
  assertEquals(
    render("markdown", {}, write),
    "| A |\n| --- |\n| x\\|y |\n\n## More\n\n```\ntrue true\n```\n",
  );
});
