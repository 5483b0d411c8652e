import { assertEquals } from "@std/assert";
import { isObject, parseObject } from "../../lib/base/json_object.ts";

Deno.test("isObject() tells objects from lists, null and scalars", () => {
  assertEquals(
    [{}, { a: 1 }, [], null, undefined, "", "text", 0, true].map(isObject),
    [true, true, false, false, false, false, false, false, false],
  );
});

Deno.test("parseObject() reads one JSON object", () => {
  assertEquals(parseObject(' {"a":{"b":[1]}} '), { a: { b: [1] } });
  assertEquals(parseObject("{}"), {});
});

Deno.test("parseObject() has nothing for whatever is no JSON object", () => {
  for (
    const text of ["", "null", "[]", '"x"', "1", "{", '{"a":1}{}', "{a:1}"]
  ) {
    assertEquals(parseObject(text), undefined, text);
  }
});

Deno.test("parseObject() does not let __proto__ reach the prototype", () => {
  const value = parseObject('{"__proto__":{"polluted":true}}');
  assertEquals(Object.keys(value ?? {}), ["__proto__"]);
  assertEquals(({} as Record<string, unknown>).polluted, undefined);
});
