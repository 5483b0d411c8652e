import { assertEquals } from "@std/assert";
import {
  CUSTOM_HEADERS,
  GATEWAY_HEADER,
  headerNames,
  isReservedHeader,
  mergeHeaders,
  passesRelay,
} from "../../lib/launch/custom_headers.ts";
import type { Mode } from "../../lib/gateway/mode.ts";

Deno.test("CUSTOM_HEADERS and GATEWAY_HEADER are the client's and the gateway's names", () => {
  assertEquals(CUSTOM_HEADERS, "ANTHROPIC_CUSTOM_HEADERS");
  assertEquals(GATEWAY_HEADER, "X-Redpanda-Cloud-Token");
});

Deno.test("headerNames() reads one name a line, in lower case", () => {
  assertEquals(
    headerNames("X-Team: a\r\n  X-API-Key : k\n\nno-colon\rLast:x:y"),
    ["x-team", "x-api-key", "no-colon", "last"],
  );
  assertEquals(headerNames(" \n"), []);
});

Deno.test("isReservedHeader() keeps credentials, addresses and framing to the launch", () => {
  const reserved = [
    ...["authorization", "x-api-key", "x-redpanda-cloud-token"],
    ...["proxy-authorization", "proxy-connection", "cookie", "host"],
    ...["connection", "keep-alive", "te", "trailer", "upgrade"],
    ...["transfer-encoding", "content-length", "forwarded"],
    ...["x-forwarded-host", "x-forwarded-for"],
    // No header name at all: the request would break.
    ...["", "x a", "\u0430uthorization", "x-a\u200b", "host\u00a0x"],
  ];
  assertEquals(reserved.filter((name) => !isReservedHeader(name)), []);
  assertEquals(
    ["x-team", "x-forward", "hostname", "cookies"].filter(isReservedHeader),
    [],
  );
});

Deno.test("headerNames() sees through blanks, folding and capitals", () => {
  for (
    const text of [
      "authorization : x",
      "\tAuthorization: x",
      "X-A: 1\r\n AUTHORIZATION: x",
      "X-A: 1\rAuthorization: x",
      "\ufeffauthorization: x",
      "\u00a0authorization\u2003: x",
    ]
  ) {
    assertEquals(
      headerNames(text).some((name) => name === "authorization"),
      true,
      JSON.stringify(text),
    );
  }
});

Deno.test("mergeHeaders() keeps the user's lines in order", () => {
  assertEquals(mergeHeaders("X-B: 2\nX-A: 1", undefined), {
    text: "X-B: 2\nX-A: 1",
    dropped: [],
  });
});

Deno.test("mergeHeaders() drops credentials however they are written", () => {
  assertEquals(
    mergeHeaders(
      "AUTHORIZATION: Bearer x\nX-A: 1\r\n x-Api-Key :k\rX-REDPANDA-CLOUD-TOKEN:t",
      undefined,
    ),
    {
      text: "X-A: 1",
      dropped: ["authorization", "x-api-key", "x-redpanda-cloud-token"],
    },
  );
});

Deno.test("mergeHeaders() adds the gateway's header last, once", () => {
  assertEquals(mergeHeaders("X-Redpanda-Cloud-Token: old\nX-A: 1", "new"), {
    text: "X-A: 1\nX-Redpanda-Cloud-Token: new",
    dropped: ["x-redpanda-cloud-token"],
  });
  assertEquals(mergeHeaders(undefined, "tok"), {
    text: "X-Redpanda-Cloud-Token: tok",
    dropped: [],
  });
});

Deno.test("mergeHeaders() of nothing is empty", () => {
  assertEquals(mergeHeaders(undefined, undefined), { text: "", dropped: [] });
  assertEquals(mergeHeaders("\n \n", undefined), { text: "", dropped: [] });
});

Deno.test("passesRelay() holds credentials back, but for the user's own login in passthrough", () => {
  const names = ["authorization", "x-api-key", "x-redpanda-cloud-token", "x-a"];
  const passing = (mode: Mode) =>
    names.filter((name) => passesRelay(name, mode));
  assertEquals(passing("managed"), ["x-a"]);
  assertEquals(passing("bedrock"), ["x-a"]);
  assertEquals(passing("passthrough"), ["authorization", "x-api-key", "x-a"]);
});
