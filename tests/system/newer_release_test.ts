import { assertEquals } from "@std/assert";
import { NAME, VERSION } from "../../lib/base/version.ts";
import { newerRelease } from "../../lib/system/newer_release.ts";
import type { BoundedRequest } from "../../lib/system/sys.ts";
import { fetchDirectly } from "../../lib/system/deno_fetch.ts";
import { CHECKOUT, fakeSys } from "../support/fake_sys.ts";
import { freePort, serveBytes, serveHttp } from "../support/servers.ts";
import { strictTest } from "../support/strict_test.ts";

/** What a registry says that has these versions. */
function meta(latest: string, versions: Record<string, unknown> = {}) {
  return { scope: "rp", name: "ai-claude", latest, versions };
}

/** A machine whose `JSR_URL` is this, as people write it. */
function machine(jsrUrl: string, standalone = false) {
  return {
    ...fakeSys({ runtime: { ...CHECKOUT, jsrUrl, standalone } }),
    fetch: fetchDirectly,
  };
}

strictTest(
  "newerRelease() asks the registry of JSR_URL for this package",
  async () => {
    const asked: string[] = [];
    await using registry = serveHttp((request) => {
      asked.push(new URL(request.url).pathname);
      return Response.json(meta("99.1.0", { [VERSION]: {}, "99.1.0": {} }));
    });
    const found = {
      version: "99.1.0",
      remedy: `deno install -g -A -f jsr:${NAME}@99.1.0`,
    };
    for (const jsrUrl of [registry.url, `${registry.url}/`]) {
      assertEquals(await newerRelease(machine(jsrUrl)), found);
    }
    assertEquals(asked, Array(2).fill(`/${NAME}/meta.json`));
    const compiled = await newerRelease(machine(registry.url, true));
    assertEquals(compiled?.remedy, "download the program of release v99.1.0");
  },
);

strictTest("newerRelease() asks jsr.io, for two seconds", async () => {
  const asked: [string, number | undefined][] = [];
  const fetch = (url: string, { timeoutMs }: BoundedRequest = {}) => {
    asked.push([url, timeoutMs]);
    return Promise.resolve(Response.json(meta(VERSION, { [VERSION]: {} })));
  };
  assertEquals(await newerRelease({ ...fakeSys(), fetch }), undefined);
  assertEquals(asked, [[`https://jsr.io/${NAME}/meta.json`, 2_000]]);
  const env = { DENO_NO_UPDATE_CHECK: "1" };
  assertEquals(await newerRelease({ ...fakeSys({ env }), fetch }), undefined);
  assertEquals(asked.length, 1);
});

strictTest(
  "newerRelease() says nothing when the registry does not tell",
  async () => {
    const newer = { [VERSION]: {}, "99.1.0": {} };
    const answers: (object | string | number)[] = [
      ...[404, 500, 302, "", "<html>", "[]", '"99.1.0"', "{}"],
      meta(VERSION, newer),
      meta("0.0.1", { "0.0.1": {} }),
      meta("99.1.0", { [VERSION]: {} }),
      meta("99.1.0", { "99.1.0": { yanked: true } }),
      meta("99.1.0", { "99.1.0": null }),
      meta("99.1.0-beta.1", { "99.1.0-beta.1": {} }),
      meta("99.1.0\u001b[2J", { "99.1.0\u001b[2J": {} }),
      { ...meta("99.1.0"), versions: ["99.1.0"] },
      { ...meta("99.1.0", newer), latest: 99 },
      { ...meta("constructor"), latest: "constructor" },
    ];
    for (const answer of answers) {
      let asked = false;
      await using registry = serveHttp(() => {
        asked = true;
        if (typeof answer === "number") {
          const headers = { location: "https://elsewhere.test/" };
          return Response.json(meta("99.1.0", newer), {
            status: answer,
            headers,
          });
        }
        return typeof answer === "string"
          ? new Response(answer)
          : Response.json(answer);
      });
      assertEquals(
        await newerRelease(machine(registry.url)),
        undefined,
        Deno.inspect(answer),
      );
      assertEquals(asked, true);
    }
  },
);

strictTest(
  "newerRelease() says nothing when the registry is away or slow",
  async () => {
    assertEquals(
      await newerRelease(machine(`http://127.0.0.1:${freePort()}`)),
      undefined,
    );
    for (const jsrUrl of ["not a url", "file:///x", ""]) {
      assertEquals(await newerRelease(machine(jsrUrl)), undefined, jsrUrl);
    }
    // One never answers, the other stops half way.
    const begun = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{";
    for (const bytes of ["", begun]) {
      using registry = serveBytes(bytes);
      const answer = newerRelease(machine(registry.url), 50);
      assertEquals(await answer, undefined);
    }
  },
);
