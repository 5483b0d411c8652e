import { assertEquals, assertRejects } from "@std/assert";
import { CliError } from "../../lib/base/errors.ts";
import { type TokenSupply, tokenSupply } from "../../lib/relay/token_supply.ts";
import type { Token } from "../../lib/auth/token.ts";

const HOUR = 60 * 60_000;

/** An issuer with a clock. */
function makeIssuer(lifeMs: number) {
  const issuer = {
    now: 1_000_000,
    asked: [] as number[],
    broken: false,
    hold: undefined as Promise<void> | undefined,
    grant(): Token {
      return {
        value: `token-${issuer.asked.length}`,
        source: "test",
        login: { authMode: "token" },
        expiresAt: issuer.now + lifeMs,
        refreshable: true,
      };
    },
  };
  const resolve = async (refreshWithinMs: number): Promise<Token> => {
    issuer.asked.push(refreshWithinMs);
    await issuer.hold;
    if (issuer.broken) throw new CliError("unauthenticated", "down");
    return issuer.grant();
  };
  const sys = { now: () => issuer.now };
  return { issuer, supply: tokenSupply(issuer.grant(), resolve, sys) };
}

/** The token of a request, once whatever it set off has ended. */
async function settled(supply: TokenSupply): Promise<string | undefined> {
  const token = await supply.current();
  await new Promise((resolve) => setTimeout(resolve));
  return token;
}

Deno.test("tokenSupply() asks nobody while the token lasts", async () => {
  const { issuer, supply } = makeIssuer(HOUR);
  issuer.now += HOUR - 61_000;
  assertEquals(await supply.current(), "token-0");
  assertEquals(issuer.asked, []);
});

Deno.test("tokenSupply() refreshes ahead of the end, and serves the old one meanwhile", async () => {
  const { issuer, supply } = makeIssuer(HOUR);
  issuer.now += HOUR - 59_000;
  assertEquals(await settled(supply), "token-0");
  assertEquals(issuer.asked, [60_000]);
  assertEquals(await supply.current(), "token-1");
  assertEquals(issuer.asked.length, 1);
});

Deno.test("tokenSupply() takes a fifth of a short token's life for ahead", async () => {
  const { issuer, supply } = makeIssuer(10_000);
  issuer.now += 7_900;
  assertEquals(await settled(supply), "token-0");
  assertEquals(issuer.asked, []);
  issuer.now += 200;
  assertEquals(await settled(supply), "token-0");
  assertEquals(issuer.asked, [2_000]);
  assertEquals(await supply.current(), "token-1");
});

Deno.test("tokenSupply() waits for a token when the old one has expired, once for all", async () => {
  const { issuer, supply } = makeIssuer(HOUR);
  const open = Promise.withResolvers<void>();
  issuer.hold = open.promise;
  issuer.now += HOUR;
  const requests = Array.from({ length: 20 }, () => supply.current());
  open.resolve();
  assertEquals(
    new Set(await Promise.all(requests)),
    new Set(["token-1"]),
  );
  assertEquals(issuer.asked.length, 1);
});

Deno.test("tokenSupply() serves what is still valid while the issuer is down", async () => {
  const { issuer, supply } = makeIssuer(HOUR);
  issuer.broken = true;
  issuer.now += HOUR - 1_000;
  assertEquals(await settled(supply), "token-0");
  issuer.now += 1_000;
  await assertRejects(() => supply.current(), CliError, "down");
});

Deno.test("tokenSupply() tries a broken issuer again, but not with every request", async () => {
  const { issuer, supply } = makeIssuer(HOUR);
  issuer.broken = true;
  issuer.now += HOUR;
  for (let request = 0; request < 10; request++) {
    await assertRejects(() => supply.current(), CliError, "down");
  }
  assertEquals(issuer.asked.length, 1);
  issuer.now += 2_000;
  await assertRejects(() => supply.current(), CliError, "down");
  assertEquals(issuer.asked.length, 2);
  issuer.broken = false;
  issuer.now += 2_000;
  assertEquals(await supply.current(), "token-3");
});

Deno.test("tokenSupply() replaces a refused token, once for all who were refused", async () => {
  const { issuer, supply } = makeIssuer(HOUR);
  const tokens = await Promise.all(
    Array.from({ length: 20 }, () => supply.replace("token-0")),
  );
  assertEquals(new Set(tokens), new Set(["token-1"]));
  assertEquals(issuer.asked, [Infinity]);
  // Who was refused with the old one gets the new one.
  assertEquals(await supply.replace("token-0"), "token-1");
  assertEquals(issuer.asked.length, 1);
});

Deno.test("tokenSupply() does not ask on and on for a gateway that refuses every token", async () => {
  const { issuer, supply } = makeIssuer(HOUR);
  assertEquals(await supply.replace("token-0"), "token-1");
  assertEquals(await supply.replace("token-1"), undefined);
  assertEquals(issuer.asked.length, 1);
  issuer.now += 10_000;
  assertEquals(await supply.replace("token-1"), "token-2");
});

Deno.test("tokenSupply() has no other token when the source gives the same again", async () => {
  const token: Token = {
    ...{ value: "one", source: "--token", refreshable: false },
    login: { authMode: "token" },
  };
  const supply = tokenSupply(token, () => Promise.resolve(token), {
    now: () => 0,
  });
  assertEquals(await supply.current(), "one");
  assertEquals(await supply.replace("one"), undefined);
});

Deno.test("tokenSupply() says so when a refused token cannot be replaced", async () => {
  const { issuer, supply } = makeIssuer(HOUR);
  issuer.broken = true;
  await assertRejects(() => supply.replace("token-0"), CliError, "down");
});

Deno.test("tokenSupply() says so again, and replaces the token once the issuer is back", async () => {
  const { issuer, supply } = makeIssuer(HOUR);
  issuer.broken = true;
  for (let request = 0; request < 3; request++) {
    await assertRejects(() => supply.replace("token-0"), CliError, "down");
    issuer.now += 1_000;
  }
  assertEquals(issuer.asked.length, 2);
  issuer.broken = false;
  issuer.now += 1_000;
  assertEquals(await supply.replace("token-0"), "token-3");
});

Deno.test("tokenSupply() takes the same token again for a source that is down", async () => {
  const { issuer } = makeIssuer(HOUR);
  const login = issuer.grant();
  let given = login;
  let asked = 0;
  const supply = tokenSupply(login, () => {
    asked++;
    return Promise.resolve(given);
  }, { now: () => issuer.now });
  for (let request = 0; request < 10; request++) {
    await assertRejects(
      () => supply.replace("token-0"),
      CliError,
      "the gateway refuses the one from test, and there is no other yet",
    );
  }
  assertEquals(asked, 1);
  // Its requests are answered or refused as before.
  assertEquals(await supply.current(), "token-0");
  given = { ...login, value: "token-1" };
  issuer.now += 2_000;
  assertEquals(await supply.replace("token-0"), "token-1");
});

Deno.test("tokenSupply() with auth mode none has no token, and none to replace", async () => {
  const none: Token = {
    ...{ source: "none", refreshable: false },
    login: { authMode: "none" },
  };
  const supply = tokenSupply(none, () => Promise.resolve(none), {
    now: () => 0,
  });
  assertEquals(await supply.current(), undefined);
  assertEquals(await supply.replace(undefined), undefined);
});
