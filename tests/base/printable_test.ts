import { assertEquals } from "@std/assert";
import { nameList, printable } from "../../lib/base/printable.ts";

Deno.test("printable() keeps ordinary text, trimmed", () => {
  assertEquals(
    printable("  plain text: ünïcode 日本 "),
    "plain text: ünïcode 日本",
  );
  assertEquals(printable(""), "");
  assertEquals(printable(" \r\n\t "), "");
});

Deno.test("printable() keeps the first line with something on it", () => {
  assertEquals(printable("\n\n<!doctype html>\n<p>"), "<!doctype html>");
  assertEquals(printable("first\r\nsecond"), "first");
  assertEquals(printable("first\rsecond"), "first");
});

Deno.test("printable() replaces what could steer the terminal", () => {
  assertEquals(printable("a\x1b[2Jb"), "a?[2Jb");
  assertEquals(printable("a\x07\x00\x7fb"), "a???b");
  assertEquals(printable("a\u009b31mb"), "a?31mb");
  assertEquals(printable("a\tb"), "a?b");
});

Deno.test("printable() replaces what reorders or breaks a line", () => {
  assertEquals(printable("a\u202eb"), "a?b", "right-to-left override");
  assertEquals(printable("a\u2028b\u2029c"), "a?b?c", "line separators");
  assertEquals(printable("a\u2066b\u2069c"), "a?b?c", "isolates");
});

Deno.test("printable() cuts at 200 characters and says so", () => {
  assertEquals(printable("x".repeat(200)), "x".repeat(200));
  assertEquals(printable("x".repeat(201)), "x".repeat(200) + "...");
});

Deno.test("nameList() bounds each name and their number", () => {
  assertEquals(nameList([]), "");
  assertEquals(nameList(["a\u001b[2J", "b\nc"]), "a?[2J, b");
  assertEquals(nameList(["x".repeat(500)]).length, 203);
  const many = Array.from({ length: 10_000 }, (_, index) => `p${index}`);
  assertEquals(
    nameList(many),
    "p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, and 9990 more",
  );
});
