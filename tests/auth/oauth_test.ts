/**
 * Every grant against the embedded issuer, in both of its styles, as it should
 * go and with everything that can go wrong.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { AuthServer } from "../../lib/auth/auth_server.ts";
import { CliError, OAuthError } from "../../lib/base/errors.ts";
import {
  type FaultyEndpoint,
  type LoopbackIssuer,
  type LoopbackIssuerOptions,
  startLoopbackIssuer,
} from "../support/loopback_issuer.ts";
import {
  clientCredentialsGrant,
  endpointsOf,
  pollDeviceGrant,
  refreshGrant,
  requestDeviceCode,
} from "../../lib/auth/oauth.ts";
import type { Sys } from "../../lib/system/sys.ts";
import type { Grant } from "../../lib/auth/token_answer.ts";
import { eventually } from "../support/eventually.ts";
import { fakeJwt, NOW } from "../support/fake_sys.ts";
import { hastyFetch } from "../support/hasty_fetch.ts";
import type { IssuerFault } from "../support/issuer_faults.ts";
import { serveHttp } from "../support/servers.ts";
import { strictTest } from "../support/strict_test.ts";

const SYS: Pick<Sys, "fetch" | "now"> = { fetch, now: () => NOW };
const CLIENT = { id: "ci", secret: "s3cret-of-ci" };
const STYLES = ["standard", "cloud-api"] as const;
type Style = typeof STYLES[number];

function start(
  style: Style,
  options: LoopbackIssuerOptions = {},
): LoopbackIssuer {
  return startLoopbackIssuer({
    style,
    clients: { [CLIENT.id]: CLIENT.secret },
    ...options,
    device: { interval: 0, ...options.device },
  });
}

function serverOf(url: string, style: Style): AuthServer {
  const server: AuthServer = { issuer: url, clientId: "cli", audience: "aud" };
  if (style === "standard") return server;
  const token = `${url}/oauth/token`;
  const device = `${url}/oauth/device/code`;
  const endpoints = { device, token, clientCredentials: token, json: true };
  return { ...server, endpoints };
}

/** What is asked of an issuer; `ready` is a login made before the fault. */
const ASKED = {
  device: (server, _, sys) => requestDeviceCode(server, sys),
  poll: (server, { deviceCode }, sys) =>
    pollDeviceGrant(server, deviceCode, sys),
  refresh: (server, { refreshToken }, sys) =>
    refreshGrant(server, refreshToken, sys),
  client: (server, _, sys) => clientCredentialsGrant(server, CLIENT, sys),
} satisfies Record<
  string,
  (server: AuthServer, ready: Ready, sys: typeof SYS) => Promise<unknown>
>;
type Asked = keyof typeof ASKED;

interface Ready {
  deviceCode: string;
  refreshToken: string;
}

/** A device code that nobody polled for, and a refresh token. */
async function ready(server: AuthServer): Promise<Ready> {
  const first = await requestDeviceCode(server, SYS);
  const { refreshToken } = await pollDeviceGrant(server, first.deviceCode, SYS);
  assert(refreshToken !== undefined);
  const { deviceCode } = await requestDeviceCode(server, SYS);
  return { deviceCode, refreshToken };
}

/** What a refresh comes to at an issuer that gives one answer. */
async function refreshed(answer: unknown, status = 200): Promise<Grant> {
  await using issuer = serveHttp(() => Response.json(answer, { status }));
  return await refreshGrant(serverOf(issuer.url, "cloud-api"), "r", SYS);
}

for (const style of STYLES) {
  strictTest(`device and refresh grants, ${style}`, async () => {
    await using issuer = start(style);
    const server = serverOf(issuer.url, style);
    const code = await requestDeviceCode(server, SYS);
    assertMatch(code.userCode, /^[A-Z]{4}-[A-Z]{4}$/);
    assertEquals(code.expiresIn, 900);
    assertEquals(code.interval, 1, "an issuer cannot ask for a busy loop");
    assertStringIncludes(code.url, code.userCode);
    const grant = await pollDeviceGrant(server, code.deviceCode, SYS);
    checkGrant(grant, issuer);
    assertEquals(grant.identity, "dev@example.com");
    assertEquals(grant.organization, "org-loopback");
    const next = await refreshGrant(server, grant.refreshToken ?? "", SYS);
    checkGrant(next, issuer);
    assert(next.refreshToken !== grant.refreshToken);
    const reuse = await assertRejects(
      () => refreshGrant(server, grant.refreshToken ?? "", SYS),
      OAuthError,
      "Unknown or used refresh token",
    );
    assertEquals(reuse.code, "invalid_grant");
    const media = style === "standard"
      ? "application/x-www-form-urlencoded"
      : "application/json";
    const posts = issuer.requests.filter(({ method }) => method === "POST");
    assertEquals(new Set(posts.map((one) => one.contentType)).size, 1);
    assertStringIncludes(posts[0].contentType, media);
    assertEquals(posts[0].body, {
      client_id: "cli",
      audience: "aud",
      scope: "openid profile email offline_access",
    });
  });
}

strictTest("client credentials, as a form", async () => {
  await using issuer = start("standard");
  const server = serverOf(issuer.url, "standard");
  const grant = await clientCredentialsGrant(server, CLIENT, SYS);
  checkGrant(grant, issuer);
  assertEquals(grant.refreshToken, undefined);
  assertEquals(issuer.requests.at(-1)?.body, {
    grant_type: "client_credentials",
    client_id: CLIENT.id,
    client_secret: CLIENT.secret,
    audience: "aud",
  });
  const error = await assertRejects(
    () =>
      clientCredentialsGrant(server, { ...CLIENT, secret: "wrong-one" }, SYS),
    OAuthError,
    "Wrong client secret",
  );
  assertEquals(error.code, "invalid_client");
  assertFalse(error.message.includes("wrong-one"));
});

strictTest(
  "refreshGrant() keeps a refresh token that is not rotated",
  async () => {
    const grant = await refreshed({ access_token: "opaque", expires_in: 60 });
    assertEquals(grant.refreshToken, "r");
  },
);

for (const outcome of ["never", "deny", "expire"] as const) {
  strictTest(`pollDeviceGrant() passes on: ${outcome}`, async () => {
    await using issuer = start("standard", { device: { outcome } });
    const server = serverOf(issuer.url, "standard");
    const { deviceCode } = await requestDeviceCode(server, SYS);
    const error = await assertRejects(
      () => pollDeviceGrant(server, deviceCode, SYS),
      OAuthError,
    );
    const codes = {
      never: "authorization_pending",
      deny: "access_denied",
      expire: "expired_token",
    };
    assertEquals(error.code, codes[outcome]);
  });
}

/** What each fault comes to: an error with these words, or `works`. */
const FAULTS: Record<IssuerFault, string> = {
  html: "cannot be used",
  "wrong-content-type": "works",
  "empty-object": "cannot be used",
  truncated: "cannot be used",
  "500": "status 500",
  slow: "no answer within 10 s",
  "hang-up": "cannot reach the issuer",
  "expires-in-string": "works",
  "no-expires-in": "works",
  "control-characters": "no usable",
  redirect: "status 307",
  "other-issuer": "token_endpoint is not on the issuer's own origin",
};

for (const style of STYLES) {
  for (const asked of Object.keys(ASKED) as Asked[]) {
    if (asked === "client" && style === "cloud-api") continue;
    const own: FaultyEndpoint = asked === "device" ? "device" : "token";
    const endpoints: FaultyEndpoint[] = style === "standard"
      ? ["discovery", own]
      : [own];
    for (const endpoint of endpoints) {
      const name = `${asked}, ${style}: faults at the ${endpoint} endpoint`;
      strictTest(name, () => checkFaults(style, asked, endpoint));
    }
  }
}

const isDiscovery = (url: string) => url.includes("/.well-known/");

async function checkFaults(
  style: Style,
  asked: Asked,
  endpoint: FaultyEndpoint,
): Promise<void> {
  for (const [fault, outcome] of Object.entries(FAULTS)) {
    // A fault spares an answer without the fields that it spoils.
    const spared = endpoint === "discovery"
      ? ["expires-in-string", "no-expires-in", "control-characters"]
      : ["other-issuer"];
    if (spared.includes(fault)) continue;
    await using issuer = start(style);
    const server = serverOf(issuer.url, style);
    const made = await ready(server);
    issuer.fault(endpoint, fault as IssuerFault);
    const before = issuer.requests.length;
    const { fetch, bounds } = hastyFetch((url) =>
      fault === "slow" && isDiscovery(url) === (endpoint === "discovery")
        ? eventually(
          "the slow request",
          () =>
            issuer.requests.slice(before)
              .some((one) => one.endpoint === endpoint) || undefined,
        )
        : undefined
    );
    const result: unknown = await ASKED[asked](server, made, { ...SYS, fetch })
      .catch((e) => e);
    const what = `${fault}: ${result instanceof Error ? result.message : ""}`;
    assertEquals(new Set(bounds), new Set([10_000]), what);
    const seen = issuer.requests.slice(before);
    assertFalse(seen.some((one) => one.endpoint === "other"), what);
    if (outcome === "works") {
      assertFalse(result instanceof Error, what);
      if (asked !== "device") checkGrant(result as Grant, issuer);
      continue;
    }
    assert(result instanceof CliError, what);
    assertEquals(result.code, "unauthenticated", what);
    assertStringIncludes(result.message, outcome, fault);
    assertStringIncludes(result.message, issuer.url, fault);
    assert(result.hint, what);
    // deno-lint-ignore no-control-regex -- control characters are the point
    assertFalse(/[\x00-\x1f]/.test(result.message), what);
    for (const secret of [CLIENT.secret, made.refreshToken, made.deviceCode]) {
      assertFalse(result.message.includes(secret), what);
    }
    if (endpoint === "discovery") assertEquals(seen.length, 1, what);
  }
}

strictTest(
  "a lifetime is a sane number by this clock, whatever the issuer says",
  async () => {
    const year = 365 * 86_400;
    const iat = NOW / 1000;
    const ahead = iat + 3600;
    const stated = fakeJwt({ iat, exp: iat + 100 });
    const cases: [unknown, string, number][] = [
      [-5, "opaque", 300],
      ["-5", "opaque", 300],
      ["", "opaque", 300],
      ["soon", "opaque", 300],
      [null, "opaque", 300],
      [{}, "opaque", 300],
      ["60", "opaque", 60],
      [0, "opaque", 0],
      [1e300, "opaque", year],
      ["Infinity", "opaque", 300],
      [undefined, stated, 100],
      ["soon", stated, 100],
      [undefined, fakeJwt({ iat: ahead, exp: ahead + 600 }), 600],
      [600, fakeJwt({ iat: ahead, exp: ahead + 60 }), 600],
      [900, fakeJwt({ iat }), 900],
      [undefined, fakeJwt({ iat }), 300],
      [undefined, fakeJwt({ exp: iat + 50 }), 50],
      [undefined, fakeJwt({ exp: "50", iat: "x" }), 300],
      [undefined, fakeJwt({ iat, exp: iat - 100 }), -100],
    ];
    for (const [expires_in, access_token, seconds] of cases) {
      const { expiresAt } = await refreshed({ access_token, expires_in });
      const label = `${JSON.stringify(expires_in)} ${access_token}`;
      assertEquals(expiresAt, NOW + seconds * 1000, label);
    }
  },
);

strictTest("a token answer without a usable token is refused", async () => {
  const bad = ["", "two words", "a\r\nb", "é", 5, null, ["x"]];
  for (const access_token of bad) {
    const error = await assertRejects(
      () => refreshed({ access_token, expires_in: 60 }),
      CliError,
      "it holds no usable access_token",
    );
    assertEquals(error.code, "unauthenticated");
  }
});

strictTest("an issuer's own words cannot move the cursor", async () => {
  const answer = { error: "x\x1b[2J", error_description: "a\x1b]0;b\x07\nc" };
  const error = await assertRejects(() => refreshed(answer, 400), OAuthError);
  // deno-lint-ignore no-control-regex -- control characters are the point
  assertFalse(/[\x00-\x1f]/.test(error.message + error.code), error.message);
});

strictTest("endpointsOf() refuses a document of another issuer", async () => {
  const bad: Record<string, (url: string) => object> = {
    'it names another issuer, "https://evil.example"': (url) => ({
      issuer: "https://evil.example",
      token_endpoint: `${url}/t`,
    }),
    "device_authorization_endpoint is not on": (url) => ({
      issuer: url,
      token_endpoint: `${url}/t`,
      device_authorization_endpoint: "https://evil.example/d",
    }),
    "token_endpoint is not on": (url) => ({
      issuer: url,
      token_endpoint: url.replace("http:", "https:"),
    }),
    "no token_endpoint": (url) => ({ issuer: url }),
  };
  for (const [words, document] of Object.entries(bad)) {
    await using issuer = serveHttp(() => Response.json(document(issuer.url)));
    const server = serverOf(issuer.url, "standard");
    await assertRejects(() => endpointsOf(server, SYS), CliError, words);
  }
});

strictTest(
  "requestDeviceCode() says when an issuer has no device grant",
  async () => {
    await using issuer = serveHttp(() =>
      Response.json({
        issuer: `${issuer.url}/`,
        token_endpoint: `${issuer.url}/t`,
      })
    );
    const error = await assertRejects(
      () => requestDeviceCode(serverOf(issuer.url, "standard"), SYS),
      CliError,
      `issuer ${issuer.url} has no device grant`,
    );
    assertStringIncludes(error.hint ?? "", "client_credentials");
  },
);

strictTest(
  "requestDeviceCode() refuses an address that is no web page, or moves the cursor",
  async () => {
    const good = "https://login.example/activate";
    const bad: [Record<string, string>, string][] = [
      [{ verification_uri: "javascript:alert(1)" }, "is not a web address"],
      [{ verification_uri: "file:///x" }, "is not a web address"],
      [{ verification_uri: "-x" }, "is not a web address"],
      [
        {
          verification_uri: good,
          verification_uri_complete: `${good}?\x1b[2J`,
        },
        "no usable verification_uri_complete",
      ],
    ];
    for (const [addresses, words] of bad) {
      await using issuer = serveHttp(() =>
        Response.json({ device_code: "d", user_code: "u", ...addresses })
      );
      const server = serverOf(issuer.url, "cloud-api");
      await assertRejects(
        () => requestDeviceCode(server, SYS),
        CliError,
        words,
      );
    }
  },
);

/** A grant that the issuer gave, and its expiry by this machine's clock. */
function checkGrant(
  grant: Grant,
  issuer: LoopbackIssuer,
): void {
  assert(issuer.isValid(grant.accessToken));
  assertEquals(grant.expiresAt, NOW + 3_600_000);
}
