import { assertEquals } from "@std/assert";
import { errorAnswer } from "../../lib/relay/error_answer.ts";
import { admittedPath } from "../../lib/relay/gate.ts";
import {
  isGatewayRefusal,
  requestHeaders,
  responseHeaders,
} from "../../lib/relay/header_rules.ts";
import { ownerCheck, socketOwner } from "../../lib/relay/socket_owner.ts";

const GATE = { authority: "127.0.0.1:4000", secret: "0123456789abcdef" };

function admitted(target: string, hosts = [GATE.authority], method = "POST") {
  return admittedPath({ method, target, hosts }, GATE);
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

Deno.test("admittedPath() compares the whole secret", () => {
  for (
    const secret of [
      "",
      "0",
      GATE.secret.slice(0, -1),
      `${GATE.secret}0`,
      GATE.secret.toUpperCase(),
      GATE.secret.replace("0", "%30"),
    ]
  ) assertEquals(admitted(`/${secret}/v1`), undefined, secret);
  assertEquals(admitted(`${GATE.secret}/v1`), undefined);
});

Deno.test("admittedPath() wants its own authority once", () => {
  const target = `/${GATE.secret}/v1`;
  for (
    const hosts of [
      [],
      ["localhost:4000"],
      ["127.0.0.1"],
      ["127.0.0.1:4000."],
      [GATE.authority, GATE.authority],
    ]
  ) assertEquals(admitted(target, hosts), undefined);
  for (const method of ["CONNECT", "TRACE", "get", ""]) {
    assertEquals(admitted(target, [GATE.authority], method), undefined);
  }
});

const HOP_BY_HOP = [
  ...["Connection", "close, X-Named"],
  ...["Keep-Alive", "timeout=5"],
  ...["Proxy-Authenticate", "Basic"],
  ...["Proxy-Authorization", "Basic x"],
  ...["Proxy-Connection", "keep-alive"],
  ...["TE", "trailers"],
  ...["Trailer", "X-Sum"],
  ...["Transfer-Encoding", "chunked"],
  ...["Upgrade", "h2c"],
  ...["X-Named", "1"],
];

Deno.test("hop-by-hop headers pass in neither direction, and those that Connection names", () => {
  const kept = ["X-A", "1", "x-a", "2", "Content-Length", "3"];
  assertEquals(responseHeaders([...HOP_BY_HOP, ...kept]), kept);
  const sent = ["Host", "127.0.0.1", "Expect", "100-continue"];
  assertEquals(
    requestHeaders([...sent, ...HOP_BY_HOP, ...kept], "passthrough", undefined),
    kept,
  );
});

Deno.test("Connection cannot take away the length or the relay's own header", () => {
  const headers = [
    ...["Connection", "content-length, x-redpanda-cloud-token"],
    ...["Content-Length", "3"],
  ];
  assertEquals(requestHeaders(headers, "passthrough", "tok"), [
    ...["Content-Length", "3"],
    ...["X-Redpanda-Cloud-Token", "tok"],
  ]);
});

Deno.test("isGatewayRefusal() takes a 401 without the provider's request id for the gateway's", () => {
  assertEquals(isGatewayRefusal(401, ["X-Request-Id", "1"]), true);
  assertEquals(isGatewayRefusal(401, ["Request-Id", "req_1"]), false);
  assertEquals(isGatewayRefusal(401, ["x-amzn-RequestId", "1"]), false);
  assertEquals(isGatewayRefusal(403, []), false);
});

Deno.test("errorAnswer() keeps control characters off the screen, and a bug's text to itself", () => {
  const said = (reason: string) =>
    JSON.parse(errorAnswer({ kind: "gateway", reason }, "managed").body).error
      .message;
  assertEquals(
    said("\x1b[2J\nx"),
    "ai-claude relay: no answer from the gateway: ?[2J?x",
  );
  const { body } = errorAnswer(
    { kind: "token", error: new Error("token=abc") },
    "managed",
  );
  assertEquals(
    JSON.parse(body).error.message,
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

Deno.test("socketOwner() reads the client's end, of either family", () => {
  assertEquals(socketOwner(TABLE + TABLE6, 40000, 4000), "1000");
  assertEquals(socketOwner(TABLE + TABLE6, 40001, 4000), "1001");
  assertEquals(socketOwner(TABLE, 40001, 4000), undefined);
});

Deno.test("ownerCheck() lets this user pass, nobody else, and all where nobody tells", async () => {
  const files: Record<string, string> = {
    "/proc/self/status": "Name:\tdeno\nUid:\t1\t2\t3\t1000\nGid:\t9\t9\t9\t9\n",
    "/proc/net/tcp": TABLE,
    "/proc/net/tcp6": TABLE6,
  };
  const check = (files: Record<string, string>) =>
    ownerCheck(4000, {
      readTextFile: (path) => Promise.resolve(files[path]),
    });
  const own = await check(files);
  assertEquals(
    await Promise.all([own(40000), own(40001), own(40002)]),
    [true, false, false],
  );
  assertEquals(await (await check({}))(40001), true);
  const hidden = await ownerCheck(4000, {
    readTextFile: () => Promise.reject(new Error("permission denied")),
  });
  assertEquals(await hidden(40001), true);
});
