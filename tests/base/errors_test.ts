import {
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import { CliError, type ErrorCode, EXIT_CODES } from "../../lib/base/errors.ts";

Deno.test("EXIT_CODES are the documented ones", () => {
  assertEquals(EXIT_CODES, {
    failure: 1,
    refused: 1,
    usage: 2,
    unauthenticated: 3,
    not_found: 4,
    unavailable: 5,
    claude_not_found: 127,
    cancelled: 130,
  });
});

Deno.test("CliError maps each code to its exit code", () => {
  for (const code of Object.keys(EXIT_CODES) as ErrorCode[]) {
    assertEquals(new CliError(code, "x").exitCode, EXIT_CODES[code], code);
  }
});

Deno.test("CliError carries its hint, suggestion and cause", () => {
  const cause = new TypeError("inner");
  const suggest = { word: "a", among: ["b"], show: "likely" } as const;
  const error = new CliError("usage", "outer", { hint: "h", suggest, cause });
  assertInstanceOf(error, Error);
  assertEquals(error.name, "CliError");
  assertEquals(error.message, "outer");
  assertEquals(error.hint, "h");
  assertEquals(error.suggest, suggest);
  assertStrictEquals(error.cause, cause);
});

Deno.test("CliError has neither hint nor suggestion unless given", () => {
  const error = new CliError("failure", "x");
  assertEquals([error.hint, error.suggest, error.cause], [
    undefined,
    undefined,
    undefined,
  ]);
});
