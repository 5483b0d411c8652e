import { assertEquals, assertRejects } from "@std/assert";
import { listen } from "../../lib/relay/listen.ts";
import { serve } from "../../lib/system/deno_serve.ts";
import { denoSys } from "../../lib/system/deno_sys.ts";
import { posixTest } from "../support/strict_test.ts";

posixTest(
  "serve() on a socket is for this user alone, and leaves nothing",
  async () => {
    const server = await serve("socket", () => Promise.resolve(new Response()));
    const { socket } = server.address as { socket: string };
    const folder = socket.replace(/\/[^/]*$/, "");
    const mode = async (path: string) => (await Deno.stat(path)).mode! & 0o777;
    assertEquals([await mode(folder), await mode(socket)], [0o700, 0o600]);
    await server[Symbol.asyncDispose]();
    await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
  },
);

posixTest("listen() takes a port where no socket is to be had", async () => {
  const sys = denoSys("");
  const places: string[] = [];
  await using listener = await listen("socket", {
    ...sys,
    serve: (place, handler) => {
      places.push(place);
      return place === "socket"
        ? Promise.reject(new Error("path too long"))
        : sys.serve(place, handler);
    },
  });
  assertEquals(places, ["socket", "port"]);
  assertEquals(listener.address.socket, undefined);
  assertEquals(
    /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}$/.test(listener.address.url),
    true,
  );
});
