import { assertEquals } from "@std/assert";
import { errorAnswer, type Trouble } from "../../lib/relay/error_answer.ts";
import { admittedPath } from "../../lib/relay/gate.ts";
import {
  isGatewayRefusal,
  requestHeaders,
  responseHeaders,
} from "../../lib/relay/header_rules.ts";
import { connectionsTo, ownerCheck } from "../../lib/relay/socket_owner.ts";
import { fakeSys } from "../support/fake_sys.ts";

const GATE = { authority: "127.0.0.1:4000", secret: "0123456789abcdef" };

function admitted(
  target: string,
  host: string | null = GATE.authority,
  method = "POST",
) {
  return admittedPath(
    { method, url: `http://${host}${target}`, host },
    GATE,
  );
}

Deno.test("admittedPath() keeps what stands behind the secret, byte for byte", () => {
  for (
    const rest of [
      "",
      "/",
      "?a",
      "/v1/messages",
      "/v1/messages/",
      "/v1/messages?beta=true&x=%2e%2e/../%",
      "/model/us.anthropic.claude-sonnet-4-6%3A0/invoke",
      "/model/a%2Fb..c/.hidden/...",
      "/v1/100%25/%2541/%C3%A9",
    ]
  ) assertEquals(admitted(`/${GATE.secret}${rest}`), rest);
});

Deno.test("admittedPath() takes what came over a socket, and no other scheme", () => {
  const { authority: host, secret } = GATE;
  const ask = (scheme: string) =>
    admittedPath(
      { method: "POST", url: `${scheme}//${host}/${secret}/v1`, host },
      GATE,
    );
  assertEquals(["http:", "http+unix:"].map(ask), ["/v1", "/v1"]);
  assertEquals(["https:", "http+tcp:", "", "xhttp:"].map(ask), [
    ...Array(4).fill(undefined),
  ]);
});

Deno.test("admittedPath() compares the whole secret", () => {
  const { secret } = GATE;
  const wrong = ["", "0", secret.slice(0, -1), `${secret}0`]
    .concat(secret.toUpperCase(), secret.replace("0", "%30"));
  for (const each of wrong) assertEquals(admitted(`/${each}/v1`), undefined);
  assertEquals(admitted(`${GATE.secret}/v1`), undefined);
});

Deno.test("admittedPath() wants its own authority, in the header and in the URL", () => {
  const target = `/${GATE.secret}/v1`;
  for (
    const host of [
      null,
      "",
      "localhost:4000",
      "127.0.0.1",
      "127.0.0.1:4000.",
      `127.0.0.1:4000/${GATE.secret}`,
      `${GATE.authority}, ${GATE.authority}`,
    ]
  ) {
    assertEquals(admitted(target, host), undefined);
    const own = `http://${GATE.authority}${target}`;
    assertEquals(
      admittedPath({ method: "GET", url: own, host }, GATE),
      undefined,
    );
  }
  const url = `http://evil.example${target}`;
  const host = GATE.authority;
  assertEquals(admittedPath({ method: "GET", url, host }, GATE), undefined);
});

Deno.test("admittedPath() knows the methods of an API", () => {
  const target = `/${GATE.secret}/v1`;
  for (const method of ["CONNECT", "TRACE", "get", ""]) {
    assertEquals(admitted(target, GATE.authority, method), undefined);
  }
});

const HOP_BY_HOP = {
  connection: "close, X-Named",
  "keep-alive": "timeout=5",
  "proxy-authenticate": "Basic",
  "proxy-authorization": "Basic x",
  "proxy-connection": "keep-alive",
  te: "trailers",
  trailer: "X-Sum",
  "transfer-encoding": "chunked",
  upgrade: "h2c",
  "x-named": "1",
};

Deno.test("hop-by-hop headers pass in neither direction, and those that Connection names", () => {
  const kept = { "content-length": "3", "x-a": "1, 2" };
  const answer = new Headers({ ...HOP_BY_HOP, ...kept });
  assertEquals(Object.fromEntries(responseHeaders(answer)), kept);
  const sent = { host: "127.0.0.1", expect: "100-continue" };
  const request = new Headers({ ...sent, ...HOP_BY_HOP, ...kept });
  assertEquals(
    Object.fromEntries(requestHeaders(request, "passthrough", undefined)),
    { ...kept, "accept-encoding": "identity" },
  );
  // With auth mode none: what the helper would print.
  for (const mode of ["managed", "bedrock"] as const) {
    assertEquals(Object.fromEntries(requestHeaders(request, mode, undefined)), {
      ...{ ...kept, "accept-encoding": "identity" },
      authorization: "Bearer unauthenticated",
    });
  }
});

Deno.test("responseHeaders() keeps each cookie", () => {
  const answer = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
  assertEquals(responseHeaders(answer).getSetCookie(), ["a=1", "b=2"]);
});

Deno.test("Connection cannot take away the length, a login or the relay's own header", () => {
  const sent = new Headers({
    connection:
      "content-length, authorization, x-api-key, x-redpanda-cloud-token",
    "content-length": "3",
    authorization: "Bearer mine",
    "x-api-key": "mine",
    "x-redpanda-cloud-token": "mine",
  });
  const kept = { "accept-encoding": "identity", "content-length": "3" };
  assertEquals(Object.fromEntries(requestHeaders(sent, "passthrough", "tok")), {
    ...kept,
    authorization: "Bearer mine",
    "x-api-key": "mine",
    "x-redpanda-cloud-token": "tok",
  });
  for (const mode of ["managed", "bedrock"] as const) {
    assertEquals(Object.fromEntries(requestHeaders(sent, mode, "tok")), {
      ...kept,
      authorization: "Bearer tok",
    });
  }
});

Deno.test("isGatewayRefusal() takes a 401 without the provider's request id for the gateway's", () => {
  const refusal = (status: number, name: string) =>
    isGatewayRefusal({ status, headers: new Headers({ [name]: "1" }) });
  assertEquals(refusal(401, "X-Request-Id"), true);
  assertEquals(refusal(401, "Request-Id"), false);
  assertEquals(refusal(401, "x-amzn-RequestId"), false);
  assertEquals(refusal(403, "X-Request-Id"), false);
});

Deno.test("errorAnswer() keeps control characters off the screen, and a bug's text to itself", async () => {
  const said = async (trouble: Trouble) =>
    (await errorAnswer(trouble, "managed").json()).error.message;
  assertEquals(
    await said({ kind: "gateway", reason: "\x1b[2J\nx" }),
    "ai-claude relay: no answer from the gateway: ?[2J?x",
  );
  assertEquals(
    await said({ kind: "token", error: new Error("token=abc") }),
    "ai-claude relay: no gateway token: it could not be refreshed",
  );
});

const TABLE =
  `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 6388 1 0000 100 0 0 10 0
   1: 0100007F:0FA0 0100007F:9C40 01 00000000:00000000 00:00000000 00000000   777        0 6389 1 0000 20 4 30 10 -1
   2: 0100007F:9C40 0100007F:0FA0 01 00000000:00000000 00:00000000 00000000  1000        0 6390 1 0000 20 4 30 10 -1
`;
const TABLE6 =
  `   0: 0000000000000000FFFF00000100007F:9C41 0000000000000000FFFF00000100007F:0FA0 01 00000000:00000000 00:00000000 00000000  1001        0 6391 1 0000 20 4 30 10 -1
`;

Deno.test("connectionsTo() reads both ends, the client's of either family", () => {
  assertEquals(connectionsTo(4000, TABLE + TABLE6)?.get(40000), {
    owner: "1000",
    inode: "6389",
  });
  assertEquals(connectionsTo(4000, TABLE + TABLE6)?.get(40001), {
    owner: "1001",
  });
  assertEquals(connectionsTo(4000, TABLE)?.get(40001), undefined);
});

Deno.test("connectionsTo() takes nobody for the owner of a socket that was closed", () => {
  const closed = TABLE.replace("1000        0 6390", "0        0 0");
  assertEquals(connectionsTo(4000, closed)?.get(40000), { inode: "6389" });
});

const PROCESS = {
  "/proc/self/status": "Name:\tdeno\nUid:\t1\t2\t3\t1000\nGid:\t9\t9\t9\t9\n",
  "/proc/self/fdinfo/7": "pos:\t0\nflags:\t02004002\nmnt_id:\t9\nino:\t6389\n",
};

Deno.test("ownerCheck() lets this user pass, nobody else, and all where nobody tells", async () => {
  const check = (files: Record<string, string>) =>
    ownerCheck(4000, fakeSys({ files }));
  const own = await check({
    ...PROCESS,
    "/proc/net/tcp": TABLE,
    "/proc/net/tcp6": TABLE6,
  });
  assertEquals(
    await Promise.all([own(40000), own(40001), own(40002)]),
    [true, false, false],
  );
  for (const table of ["", "  sl  local_address rem_address\n"]) {
    const empty = await check({ ...PROCESS, "/proc/net/tcp": table });
    assertEquals(await empty(40001), true);
  }
  assertEquals(await (await check(PROCESS))(40001), true);
  assertEquals(await (await check({}))(40001), true);
  const files = {
    ...PROCESS,
    "/proc/net/tcp": new Error("permission denied"),
    "/proc/net/tcp6": new Error("permission denied"),
  };
  assertEquals(await (await ownerCheck(4000, fakeSys({ files })))(40001), true);
});

Deno.test("ownerCheck() reads the tables once for a connection, and again for the next from its port", async () => {
  const files: Record<string, string> = {
    ...PROCESS,
    "/proc/self/fd/7": "",
    "/proc/net/tcp": TABLE,
  };
  const sys = fakeSys({ files });
  const own = await ownerCheck(4000, sys);
  const readings = () =>
    sys.read.filter((path) => path === "/proc/net/tcp").length;
  assertEquals(await own(40000), true);
  assertEquals(await own(40000), true);
  // The first one was about whether there is anything to read.
  assertEquals(readings(), 2);
  assertEquals(sys.read.includes("/proc/net/tcp6"), false);
  files["/proc/net/tcp"] = TABLE.replace("6389", "6400")
    .replace("1000        0 6390", "1001        0 6401");
  assertEquals(await own(40000), true);
  // The process has another socket now, or none.
  files["/proc/self/fdinfo/7"] = "ino:\t6400\n";
  assertEquals(await own(40000), false);
  assertEquals(readings(), 3);
  assertEquals(await own(40000), false);
  assertEquals(readings(), 3);
});

Deno.test("ownerCheck() lets nobody pass when the tables can no longer be read", async () => {
  const files: Record<string, string | Error> = {
    ...PROCESS,
    "/proc/net/tcp": TABLE,
  };
  const own = await ownerCheck(4000, fakeSys({ files }));
  files["/proc/net/tcp"] = new Error("too many open files");
  assertEquals(await own(40000), false);
});
