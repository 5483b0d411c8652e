import { assertEquals, assertRejects } from "@std/assert";
import type { Token } from "../../lib/auth/token.ts";
import { bindRelay } from "../../lib/relay/session.ts";
import { denoSys } from "../../lib/system/deno_sys.ts";
import { parts, RawClient, TOKEN } from "./relay_rig.ts";
import { serveHttp } from "../support/servers.ts";

const token: Token = {
  value: TOKEN,
  source: "test",
  login: { authMode: "token" },
  refreshable: false,
};

/** A client whose request has been sent, answered or not. */
async function ask(url: string): Promise<RawClient> {
  const { port, secretPath } = parts({ url });
  const client = await RawClient.connect(port);
  await client.send(
    `GET ${secretPath}/v1 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
  );
  return client;
}

Deno.test("bindRelay() has an address at once, whose requests wait until it serves", async () => {
  await using gateway = serveHttp(({ headers }) =>
    new Response(headers.get("authorization"))
  );
  await using relay = await bindRelay("port", denoSys(""));
  using client = await ask(relay.address.url);
  await relay.serve({
    mode: "managed",
    providerUrl: gateway.url,
    token,
    resolve: () => Promise.resolve(token),
  });
  const [, body] = (await client.readAnswer()).split("\r\n\r\n");
  assertEquals(body, `Bearer ${TOKEN}`);
});

Deno.test("a relay that never served can be disposed of", async () => {
  const relay = await bindRelay("port", denoSys(""));
  using client = await ask(relay.address.url);
  await relay[Symbol.asyncDispose]();
  assertEquals(await client.read(), "");
  await assertRejects(() => fetch(relay.address.url));
});
