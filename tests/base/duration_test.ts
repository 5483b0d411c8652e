import { assertEquals, assertThrows } from "@std/assert";
import { parseDuration, showDuration } from "../../lib/base/duration.ts";
import { CliError } from "../../lib/base/errors.ts";

Deno.test("parseDuration() takes seconds, minutes and hours", () => {
  const cases = { "0": 0, "90": 90, "90s": 90, "5m": 300, "1h": 3600 };
  for (const [text, seconds] of Object.entries(cases)) {
    assertEquals(parseDuration(text, "--x"), seconds * 1000, text);
  }
});

Deno.test("parseDuration() refuses all else, naming text and flag", () => {
  const bad = [
    ..."s,-1,+1,1.5,1e3,1d,1 h,1H,5m30s,0x10,1234567890,5m\n, 5".split(","),
    "",
    "five",
  ];
  for (const text of bad) {
    const error = assertThrows(() => parseDuration(text, "--x"), CliError);
    assertEquals(error.code, "usage", text);
    assertEquals(error.message, `bad duration "${text}" (--x)`);
    assertEquals(
      error.hint,
      "give seconds, or a number with s, m or h: 90, 90s, 5m, 1h",
    );
  }
});

Deno.test("showDuration() shows the largest units", () => {
  const cases: [number, string][] = [
    [-5, "0s"],
    [0, "0s"],
    [499, "0s"],
    [59_499, "59s"],
    [60_000, "1m"],
    [119_000, "1m"],
    [3_599_000, "59m"],
    [3_600_000, "1h 0m"],
    [90_000_000, "25h 0m"],
  ];
  for (const [ms, text] of cases) assertEquals(showDuration(ms), text);
});
