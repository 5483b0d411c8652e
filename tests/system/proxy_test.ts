import { assertEquals } from "@std/assert";
import { proxyFailure, proxyOf } from "../../lib/system/proxy.ts";

Deno.test("proxyOf() takes the variable that Deno takes", () => {
  const of = (url: string, env: Record<string, string>) =>
    proxyOf(url, env)?.replace(/ .*/, "");
  const env = { HTTPS_PROXY: "s", https_proxy: "t", http_proxy: "h" };
  assertEquals(of("https://gw", env), "s");
  assertEquals(of("http://gw", env), "h");
  assertEquals(of("https://gw", { ...env, ALL_PROXY: "a" }), "a");
  assertEquals(of("https://gw", { HTTPS_PROXY: "", https_proxy: "t" }), "t");
  assertEquals(of("https://gw", { HTTP_PROXY: "h" }), undefined);
});

Deno.test("proxyOf() shows no user name and no password", () => {
  for (
    const [value, shown] of [
      ["http://me:p@ss@proxy:3128", "http://proxy:3128"],
      ["me:pass@proxy:3128", "proxy:3128"],
      ["proxy:3128", "proxy:3128"],
      ["http://proxy\x1b[2J", "http://proxy?[2J"],
    ]
  ) {
    assertEquals(
      proxyOf("https://gw", { HTTPS_PROXY: value }),
      `${shown} (HTTPS_PROXY)`,
    );
  }
});

Deno.test("proxyOf() heeds NO_PROXY as Deno does", () => {
  const isProxied = (url: string, NO_PROXY: string) =>
    proxyOf(url, { HTTPS_PROXY: "p", NO_PROXY }) !== undefined;
  const url = "https://gw.example.com";
  for (
    const list of ["*", "example.com", ".example.com", "x, gw.example.com"]
  ) {
    assertEquals(isProxied(url, list), false, list);
  }
  for (const list of ["", ",", "ample.com", "*.example.com", "10.0.0.0/8"]) {
    assertEquals(isProxied(url, list), true, list);
  }
  assertEquals(isProxied("https://10.1.2.3", "10.0.0.0/8"), false);
  assertEquals(isProxied("https://[::1]", "::1"), false);
});

Deno.test("proxyFailure() leaves what it does not know, and says which way it went", () => {
  assertEquals(
    proxyFailure("client error (Connect): invalid peer certificate", "p"),
    "client error (Connect): invalid peer certificate, through the proxy p",
  );
});
