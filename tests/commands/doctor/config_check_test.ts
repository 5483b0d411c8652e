import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { examine, HOME, machine, only, startGateway } from "./machine.ts";

const PATH = `${HOME}/.rpai/config`;

async function config(text: (url: string) => string) {
  await using gateway = startGateway();
  const sys = machine(gateway.url, { files: { [PATH]: text(gateway.url) } });
  const { code, checks } = await examine(sys, { llmprovider: "main" });
  return {
    code,
    url: gateway.url,
    rows: only(checks, "config").map(({ status, message, remedy }) =>
      `${status} ${message}${remedy === undefined ? "" : ` -> ${remedy}`}`
    ),
  };
}

Deno.test("checkConfig() names a key that nothing reads", async () => {
  const { code, rows } = await config((url) =>
    `profiles:\n  a:\n    ai_gateway_url: ${url}\n    llmprovider: x\n`
  );
  assertEquals(code, 0);
  assertEquals(rows.slice(1), [
    `warn line 4 of ${PATH}: nothing reads "llmprovider"; did you mean ` +
    '"llm_provider"? -> rename that key, or remove it',
  ]);
});

Deno.test("checkConfig() names a key in the place of the URL, beside what is missing", async () => {
  const { code, rows } = await config((url) =>
    `profiles:\n  a:\n    ai_gateway_ulr: ${url}\n`
  );
  assertEquals(code, 1);
  assertStringIncludes(rows[0], 'profile "a" has no ai_gateway_url');
  assertStringIncludes(rows[1], 'did you mean "ai_gateway_url"?');
});

Deno.test("checkConfig() names the line with a tab", async () => {
  const { rows } = await config(() => "profiles:\n\ta:\n");
  assertEquals(rows.length, 1);
  assertStringIncludes(rows[0], "a tab cannot indent at line 2");
});

Deno.test("checkConfig() names the profiles where none is the current one", async () => {
  const { code, rows } = await config((url) =>
    `profiles: {a: {ai_gateway_url: "${url}"}, b: {}}\n`
  );
  assertEquals(code, 1);
  assertEquals(rows, [
    `fail no profile is the current one: ${PATH} has a, b -> ai-claude ` +
    "profile use a",
  ]);
});

Deno.test("checkConfig() names a path in the gateway's URL", async () => {
  const { rows } = await config((url) =>
    `profiles:\n  a:\n    ai_gateway_url: ${url}/llm/v1\n`
  );
  assertEquals(rows.length, 1);
  assertMatch(rows[0], /^fail .*\/llm\/v1/);
});
