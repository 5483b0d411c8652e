import { assertEquals, assertMatch, assertRejects } from "@std/assert";
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

Deno.test("beside its socket a relay has a port where nothing is, and tells nobody", async () => {
  const asked: string[] = [];
  await using gateway = serveHttp(({ url }) => {
    asked.push(url);
    return new Response();
  });
  await using relay = await bindRelay("socket beside a port", denoSys(""));
  const { url, socket } = relay.address;
  assertMatch(socket!, /\/socket$/);
  const ask = async () => {
    const { status, body } = await fetch(`${url}/inference-profiles`);
    await body?.cancel();
    return status;
  };
  // At once: it does not wait until the relay serves.
  assertEquals(await ask(), 404);
  await relay.serve({
    mode: "bedrock",
    providerUrl: gateway.url,
    token,
    resolve: () => Promise.resolve(token),
  });
  const answer = await fetch(`${url}/model/m/invoke`, { method: "POST" });
  assertEquals(await answer.json(), { message: "ai-claude relay: not found" });
  assertEquals(asked, []);
  await relay[Symbol.asyncDispose]();
  await assertRejects(ask);
});

Deno.test("a relay that never served can be disposed of", async () => {
  const relay = await bindRelay("port", denoSys(""));
  using client = await ask(relay.address.url);
  await relay[Symbol.asyncDispose]();
  assertEquals(await client.read(), "");
  await assertRejects(() => fetch(relay.address.url));
});
