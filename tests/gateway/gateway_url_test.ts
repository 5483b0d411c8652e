import { assertEquals, assertFalse, assertThrows } from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import { parseGatewayUrl, providerUrl } from "../../lib/gateway/gateway_url.ts";
import { isLoopback } from "../../lib/base/loopback_host.ts";
import { shown } from "../support/fake_sys.ts";

const SECURE = { from: "--rpai-endpoint", sendsCredential: true };
const OPEN = { from: "profile local", sendsCredential: false };
const HINT = "use https://HOST, or http://127.0.0.1:PORT for a local gateway";

function refusal(text: string, source = SECURE) {
  return shown(assertThrows(() => parseGatewayUrl(text, source), CliError));
}

Deno.test("isLoopback() knows this machine and nothing that looks like it", () => {
  const loopback = (host: string) => isLoopback(new URL(`http://${host}`));
  for (
    const host of [
      "localhost:8080",
      "127.0.0.1",
      "127.8.9.1:1",
      "127.1",
      "[::1]:9",
    ]
  ) assertEquals(loopback(host), true, host);
  for (
    const host of [
      "127.0.0.1.example.com",
      "localhost.example.com",
      "xlocalhost",
      "10.0.0.1",
      "0.0.0.0",
      "[::2]",
    ]
  ) assertEquals(loopback(host), false, host);
});

Deno.test("parseGatewayUrl() takes https, and http on loopback", () => {
  for (
    const [text, url] of [
      ["https://gw.example.com", "https://gw.example.com"],
      ["https://gw.example.com///", "https://gw.example.com"],
      ["https://GW.example.com:443/", "https://gw.example.com"],
      ["https://gw.example.com:8443/base/", "https://gw.example.com:8443/base"],
      ["https://gw.example.com/?", "https://gw.example.com"],
      ["https://gw.example.com/#", "https://gw.example.com"],
      ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
      ["http://localhost:8080/", "http://localhost:8080"],
      ["http://[::1]:8080", "http://[::1]:8080"],
    ]
  ) assertEquals(parseGatewayUrl(text, SECURE), url, text);
});

Deno.test("parseGatewayUrl() takes other http only when no token would be sent", () => {
  assertEquals(
    parseGatewayUrl("http://gw.internal:8080/", OPEN),
    "http://gw.internal:8080",
  );
  assertEquals(refusal("http://gw.internal:8080/"), {
    code: "usage",
    message: 'bad gateway URL "http://gw.internal:8080/" (--rpai-endpoint): ' +
      "a token would travel in clear text",
    hint: HINT,
  });
});

Deno.test("parseGatewayUrl() refuses what is no URL, naming where it was said", () => {
  for (const text of ["gateway", "https://", "", "http://[::1"]) {
    assertEquals(refusal(text, OPEN), {
      code: "usage",
      message: `bad gateway URL "${text}" (profile local): not a URL`,
      hint: HINT,
    });
  }
});

Deno.test("parseGatewayUrl() says what was meant", () => {
  for (
    const [text, meant] of [
      ["gw.example.com", "https://gw.example.com"],
      ["gw.example.com:8443/base", "https://gw.example.com:8443/base"],
      ["//gw.example.com/", "https://gw.example.com"],
      ["https:gw.example.com", "https://gw.example.com"],
      ["localhost:8080", "http://localhost:8080"],
      ["127.0.0.1:8080", "http://127.0.0.1:8080"],
      ["[::1]:8080", "http://[::1]:8080"],
      ["gw.internal:443", "https://gw.internal"],
      ["https://gw.example.com/?x=1", "https://gw.example.com"],
      ["https://gw.example.com/base/#x", "https://gw.example.com/base"],
      [
        "https://gw.example.com/llm/v1/providers/anthropic",
        "https://gw.example.com",
      ],
      ["https://gw.example.com/base/v1/", "https://gw.example.com/base"],
      [
        "gw.example.com/redpanda.api.adp.v1alpha1.LLMProviderService",
        "https://gw.example.com",
      ],
    ]
  ) assertEquals(refusal(text).hint, `did you mean ${meant}?`, text);
  assertEquals(
    refusal("https://gw.example.com/llm/v1").message,
    'bad gateway URL "https://gw.example.com/llm/v1" (--rpai-endpoint): ' +
      "it must end before /llm/v1",
  );
});

Deno.test("parseGatewayUrl() refuses other schemes even without a token", () => {
  for (const scheme of ["ftp:", "file:", "ws:", "javascript:"]) {
    assertEquals(
      refusal(`${scheme}//gw.example.com/`, OPEN).message,
      `bad gateway URL "${scheme}//gw.example.com/" (profile local): ` +
        `"${scheme}" is not https`,
    );
  }
});

Deno.test("parseGatewayUrl() refuses a password without repeating it", () => {
  for (
    const text of [
      "https://user:hunter2secret@gw.example.com",
      "https://hunter2secret@gw.example.com",
      "https//user:hunter2secret@gw.example.com",
      "https://gw.example.com/?token=hunter2secret",
      "https://gw.example.com/#hunter2secret",
    ]
  ) {
    const { code, message, hint } = refusal(text);
    assertEquals(code, "usage");
    assertFalse(`${message}${hint}`.includes("hunter2secret"), message);
  }
  assertEquals(
    refusal("https://user:pw@gw.example.com/x").message,
    'bad gateway URL "gw.example.com" (--rpai-endpoint): ' +
      "it must not hold a user name or password",
  );
  assertEquals(
    refusal("https://gw.example.com/x?y=1").message,
    'bad gateway URL "https://gw.example.com" (--rpai-endpoint): ' +
      "it must not hold a query or fragment",
  );
});

Deno.test("providerUrl() takes the record's URL only on the gateway's origin", () => {
  const gateway = "https://gw.example.com/base";
  const own = `${gateway}/llm/v1/providers/anthropic`;
  assertEquals(providerUrl(gateway, "anthropic"), { url: own, ignored: false });
  for (
    const [record, url] of [
      [
        "https://gw.example.com/other/path/",
        "https://gw.example.com/other/path",
      ],
      ["https://GW.example.com:443/p", "https://gw.example.com/p"],
      ["https://gw.example.com/p?", "https://gw.example.com/p"],
      ["https://gw.example.com/p#", "https://gw.example.com/p"],
    ]
  ) {
    const found = providerUrl(gateway, "anthropic", record);
    assertEquals(found, { url, ignored: false });
  }
  for (
    const record of [
      "https://evil.example/llm/v1/providers/anthropic",
      "https://gw.example.com.evil.example/p",
      "https://gw.example.com:8443/p",
      "http://gw.example.com/p",
      "https://gw.example.com@evil.example/p",
      "https://user:pw@gw.example.com/p",
      "https://gw.example.com/p?x=1",
      "https://gw.example.com/p#x",
      "//gw.example.com/p",
      "/llm/v1/providers/anthropic",
      "",
      "not a url",
    ]
  ) {
    const found = providerUrl(gateway, "anthropic", record);
    assertEquals(found, { url: own, ignored: true }, record);
  }
});
