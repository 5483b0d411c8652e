import { assertEquals, assertThrows } from "@std/assert";
import { eventStreamCodec } from "../../lib/loopback/gateway/bedrock.ts";
import {
  type LoopbackGateway,
  type LoopbackProvider,
  startLoopbackGateway,
} from "../../lib/loopback/gateway/gateway.ts";

const BEARER = { authorization: "Bearer tok" };
const MODEL = "claude-sonnet-4-6";
const QUESTION = {
  model: MODEL,
  max_tokens: 16,
  messages: [{ role: "user", content: "hi" }],
};
const ANTHROPIC: LoopbackProvider = { name: "anthropic", type: "anthropic" };
const PASSTHROUGH: LoopbackProvider = { ...ANTHROPIC, passthrough: true };
const BEDROCK: LoopbackProvider = { name: "bedrock", type: "bedrock" };

interface Answer {
  status: number;
  headers: Headers;
  bytes: Uint8Array;
  text: string;
  // deno-lint-ignore no-explicit-any -- answers are compared, not used
  json: any;
}

async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const bytes = await response.bytes();
  const text = new TextDecoder().decode(bytes);
  const isJson = headers.get("content-type") === "application/json";
  return { status, headers, bytes, text, json: isJson && JSON.parse(text) };
}

async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = BEARER,
): Promise<Answer> {
  return await answerOf(
    await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    }),
  );
}

function metadata(
  gateway: LoopbackGateway,
  procedure: "GetLLMProvider" | "ListLLMProviders",
  body: unknown,
  headers?: Record<string, string>,
): Promise<Answer> {
  const service = "redpanda.api.adp.v1alpha1.LLMProviderService";
  return post(`${gateway.url}/${service}/${procedure}`, body, headers);
}

function proxied(gateway: LoopbackGateway, path: string): string {
  return `${gateway.url}/llm/v1/providers/${path}`;
}

function anthropicError(type: string, message: string) {
  return { type: "error", error: { type, message } };
}

Deno.test("GetLLMProvider answers a record without unset fields", async () => {
  await using gateway = startLoopbackGateway({
    providers: [
      { name: "anthropic", type: "anthropic" },
      { name: "off", type: "anthropic", enabled: false, passthrough: true },
      {
        name: "bedrock",
        type: "bedrock",
        displayName: "Bedrock",
        models: ["us.anthropic.claude-sonnet-4-6"],
        deprecatedModels: ["us.anthropic.claude-haiku-4-5"],
        region: "us-east-1",
        url: "https://elsewhere.example/llm",
        numericType: true,
      },
      { name: "openai", type: "openai", models: [] },
    ],
  });
  const get = async (name: string) =>
    (await metadata(gateway, "GetLLMProvider", { name })).json.llmProvider;

  assertEquals(await get("anthropic"), {
    name: "anthropic",
    type: "LLM_PROVIDER_TYPE_ANTHROPIC",
    enabled: true,
    url: `${gateway.url}/llm/v1/providers/anthropic`,
    anthropicConfig: { apiKeyRef: "ANTHROPIC_API_KEY" },
  });
  assertEquals(await get("off"), {
    name: "off",
    type: "LLM_PROVIDER_TYPE_ANTHROPIC",
    url: `${gateway.url}/llm/v1/providers/off`,
    anthropicConfig: { authorizationPassthrough: true },
  });
  assertEquals(await get("bedrock"), {
    name: "bedrock",
    displayName: "Bedrock",
    type: 4,
    providerModels: [{ name: "us.anthropic.claude-sonnet-4-6" }],
    models: ["us.anthropic.claude-haiku-4-5"],
    enabled: true,
    url: "https://elsewhere.example/llm",
    bedrockConfig: { region: "us-east-1" },
  });
  assertEquals(await get("openai"), {
    name: "openai",
    type: "LLM_PROVIDER_TYPE_OPENAI",
    enabled: true,
    url: `${gateway.url}/llm/v1/providers/openai`,
  });
  assertEquals(
    gateway.requests.map(({ kind, provider }) => `${kind} ${provider}`),
    ["anthropic", "off", "bedrock", "openai"].map((name) => `metadata ${name}`),
  );
});

Deno.test("GetLLMProvider answers Connect errors", async () => {
  await using gateway = startLoopbackGateway({
    providers: [ANTHROPIC],
    accepts: (token) => token === "tok",
  });
  const get = async (body: unknown, headers: Record<string, string>) => {
    const answer = await metadata(gateway, "GetLLMProvider", body, headers);
    return [answer.status, answer.json];
  };
  const name = "anthropic";
  const unauthenticated = [401, {
    code: "unauthenticated",
    message: "missing or invalid bearer token",
  }];
  assertEquals(await get({ name }, {}), unauthenticated);
  assertEquals(
    await get({ name }, { authorization: "Bearer old" }),
    unauthenticated,
  );
  assertEquals(await get({ name: "nope" }, BEARER), [404, {
    code: "not_found",
    message: 'LLM provider "nope" not found',
  }]);
  assertEquals(await get({}, BEARER), [400, {
    code: "invalid_argument",
    message: "name: value is required",
  }]);
  assertEquals(await get("{", BEARER), [400, {
    code: "invalid_argument",
    message: "the body is not a JSON object",
  }]);
  assertEquals(
    await get({ name }, { ...BEARER, "connect-protocol-version": "2" }),
    [400, {
      code: "invalid_argument",
      message: "unsupported protocol version",
    }],
  );
  const text = await get({ name }, { ...BEARER, "content-type": "text/plain" });
  assertEquals(text, [415, false]);
});

Deno.test("GetLLMProvider refuses a GET", async () => {
  await using gateway = startLoopbackGateway({ providers: [ANTHROPIC] });
  const { status, headers } = await answerOf(
    await fetch(
      `${gateway.url}/redpanda.api.adp.v1alpha1.LLMProviderService/GetLLMProvider`,
    ),
  );
  assertEquals([status, headers.get("allow")], [405, "POST"]);
});

Deno.test("the metadata needs no Authorization with noAuth", async () => {
  await using gateway = startLoopbackGateway({
    providers: [ANTHROPIC],
    noAuth: true,
  });
  const get = await metadata(
    gateway,
    "GetLLMProvider",
    { name: "anthropic" },
    {},
  );
  assertEquals([get.status, get.json.llmProvider.name], [200, "anthropic"]);
  const invoked = await post(
    proxied(gateway, "anthropic/v1/messages"),
    QUESTION,
    {},
  );
  assertEquals(invoked.status, 401);
});

Deno.test("the metadata is refused to an invoke-only caller", async () => {
  await using gateway = startLoopbackGateway({
    providers: [ANTHROPIC],
    metadata: "permission_denied",
  });
  for (const procedure of ["GetLLMProvider", "ListLLMProviders"] as const) {
    const { status, json } = await metadata(gateway, procedure, {
      name: "anthropic",
    });
    assertEquals([status, json], [403, {
      code: "permission_denied",
      message: "missing permission dataplane_adp_llmprovider_get",
    }]);
  }
  const invoked = await post(
    proxied(gateway, "anthropic/v1/messages"),
    QUESTION,
  );
  assertEquals(invoked.status, 200);
});

Deno.test("ListLLMProviders answers in pages", async () => {
  const names = ["a", "b", "c", "d", "e"];
  await using gateway = startLoopbackGateway({
    providers: names.map((name) => ({ name, type: "google" })),
    pageSize: 3,
  });
  const list = async (body: unknown) => {
    const { json } = await metadata(gateway, "ListLLMProviders", body);
    return {
      names: json.llmProviders.map((each: { name: string }) => each.name),
      next: json.nextPageToken,
    };
  };
  const first = await list({ pageSize: 100 });
  assertEquals(first.names, ["a", "b", "c"]);
  const second = await list({ pageSize: 100, pageToken: first.next });
  assertEquals(second, { names: ["d", "e"], next: undefined });
  assertEquals((await list({ pageSize: 2 })).names, ["a", "b"]);
  assertEquals((await list({})).names, ["a", "b", "c"]);
});

Deno.test("ListLLMProviders answers an empty object when there are none", async () => {
  await using gateway = startLoopbackGateway({ providers: [] });
  const { json } = await metadata(gateway, "ListLLMProviders", {});
  assertEquals(json, {});
});

Deno.test("ListLLMProviders refuses a page token it did not give", async () => {
  await using gateway = startLoopbackGateway({ providers: [ANTHROPIC] });
  for (const body of [{ pageToken: "x" }, { pageSize: -1 }]) {
    const { status, json } = await metadata(gateway, "ListLLMProviders", body);
    assertEquals([status, json.code], [400, "invalid_argument"]);
  }
});

Deno.test("v1/messages answers a whole message", async () => {
  await using gateway = startLoopbackGateway({ providers: [ANTHROPIC] });
  const { status, json } = await post(
    proxied(gateway, "anthropic/v1/messages?beta=true"),
    QUESTION,
  );
  const { id, usage, ...rest } = json;
  assertEquals(status, 200);
  assertEquals(id.startsWith("msg_"), true);
  assertEquals(usage.input_tokens > 0 && usage.output_tokens > 0, true);
  assertEquals(rest, {
    type: "message",
    role: "assistant",
    model: MODEL,
    content: [{
      type: "text",
      text: "Hello from the embedded gateway (managed).",
    }],
    stop_reason: "end_turn",
    stop_sequence: null,
  });
});

Deno.test("v1/messages streams server-sent events", async () => {
  const reply = "First line,\nsecond línea 🐼🐼🐼 and the end.";
  await using gateway = startLoopbackGateway({
    providers: [ANTHROPIC],
    reply: ({ model }) => `${model}: ${reply}`,
  });
  const { status, headers, text } = await post(
    proxied(gateway, "anthropic/v1/messages"),
    { ...QUESTION, stream: true },
  );
  assertEquals(status, 200);
  assertEquals(headers.get("content-type"), "text/event-stream; charset=utf-8");
  const events = text.split("\n\n").filter(Boolean).map((frame) => {
    const [event, data] = frame.split("\n");
    const parsed = JSON.parse(data.slice("data: ".length));
    assertEquals(event, `event: ${parsed.type}`);
    return parsed;
  });
  const deltas = events.filter(({ type }) => type === "content_block_delta");
  assertEquals(deltas.length > 2, true);
  assertEquals(
    deltas.map(({ delta }) => delta.text).join(""),
    `${MODEL}: ${reply}`,
  );
  assertEquals(events.map(({ type }) => type), [
    "message_start",
    "content_block_start",
    "ping",
    ...deltas.map(() => "content_block_delta"),
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
  assertEquals(events[0].message.content, []);
  assertEquals(events[0].message.usage.input_tokens > 0, true);
  const end = events.at(-2);
  assertEquals(end.delta, { stop_reason: "end_turn", stop_sequence: null });
  assertEquals(end.usage.output_tokens > 0, true);
});

Deno.test("v1/messages/count_tokens counts", async () => {
  await using gateway = startLoopbackGateway({ providers: [ANTHROPIC] });
  const { json } = await post(
    proxied(gateway, "anthropic/v1/messages/count_tokens"),
    QUESTION,
  );
  assertEquals(Object.keys(json), ["input_tokens"]);
  assertEquals(json.input_tokens > 0, true);
  assertEquals(gateway.requests[0].kind, "count_tokens");
});

Deno.test("v1/models lists the allowed models", async () => {
  await using gateway = startLoopbackGateway({
    providers: [{ ...ANTHROPIC, models: ["a"], deprecatedModels: ["b"] }],
  });
  const { json } = await answerOf(
    await fetch(proxied(gateway, "anthropic/v1/models"), { headers: BEARER }),
  );
  assertEquals(json.data.map(({ id }: { id: string }) => id), ["a", "b"]);
  assertEquals([json.has_more, json.first_id, json.last_id], [false, "a", "b"]);
});

Deno.test("the proxy refuses a wrong or missing Redpanda token", async () => {
  await using gateway = startLoopbackGateway({
    providers: [ANTHROPIC, BEDROCK],
    accepts: (token) => token === "tok",
  });
  const body = anthropicError(
    "authentication_error",
    "missing or invalid Redpanda token",
  );
  const wrong: Record<string, string>[] = [
    {},
    { authorization: "Bearer old" },
    { authorization: "tok" },
    { "x-api-key": "tok" },
    { "x-redpanda-cloud-token": "tok" },
  ];
  const paths = ["anthropic/v1/messages", `bedrock/model/${MODEL}/invoke`];
  for (const headers of wrong) {
    for (const path of paths) {
      const { status, json } = await post(
        proxied(gateway, path),
        QUESTION,
        headers,
      );
      assertEquals([status, json], [401, body]);
    }
  }
});

Deno.test("the proxy never accepts an empty token", async () => {
  await using gateway = startLoopbackGateway({
    providers: [ANTHROPIC],
    accepts: () => true,
  });
  const { status } = await post(
    proxied(gateway, "anthropic/v1/messages"),
    QUESTION,
    { authorization: "Bearer " },
  );
  assertEquals(status, 401);
});

Deno.test("the proxy needs both logins of a passthrough provider", async () => {
  await using gateway = startLoopbackGateway({
    providers: [PASSTHROUGH],
    accepts: (token) => token === "tok",
  });
  const ask = async (headers: Record<string, string>) => {
    const answer = await post(
      proxied(gateway, "anthropic/v1/messages"),
      QUESTION,
      headers,
    );
    return [answer.status, answer.json.error ?? answer.json.content[0].text];
  };
  const subscription = { authorization: "Bearer sk-ant-oat01-own" };
  const noGateway = [401, {
    type: "authentication_error",
    message: "missing or invalid X-Redpanda-Cloud-Token",
  }];
  assertEquals(await ask(subscription), noGateway);
  assertEquals(await ask(BEARER), noGateway);
  assertEquals(
    await ask({ ...subscription, "x-redpanda-cloud-token": "old" }),
    noGateway,
  );
  assertEquals(await ask({ "x-redpanda-cloud-token": "tok" }), [401, {
    type: "authentication_error",
    message: "upstream: no Authorization",
  }]);
  assertEquals(
    await ask({ ...subscription, "x-redpanda-cloud-token": "tok" }),
    [200, "Hello from the embedded gateway (passthrough)."],
  );
});

Deno.test("the proxy refuses an unknown provider", async () => {
  await using gateway = startLoopbackGateway({ providers: [ANTHROPIC] });
  const url = proxied(gateway, "nope/v1/messages");
  for (const headers of [BEARER, { "x-redpanda-cloud-token": "tok" }]) {
    const { status, json } = await post(url, QUESTION, headers);
    assertEquals([status, json], [
      404,
      anthropicError("not_found_error", 'provider "nope" not found'),
    ]);
  }
  assertEquals((await post(url, QUESTION, {})).status, 401);
});

Deno.test("the proxy refuses a disabled provider", async () => {
  await using gateway = startLoopbackGateway({
    providers: [{ ...ANTHROPIC, enabled: false }],
  });
  const { status, json } = await post(
    proxied(gateway, "anthropic/v1/messages"),
    QUESTION,
  );
  assertEquals([status, json], [
    403,
    anthropicError("permission_error", 'provider "anthropic" is disabled'),
  ]);
});

Deno.test("the proxy refuses a model outside the provider's list", async () => {
  await using gateway = startLoopbackGateway({
    providers: [
      { ...ANTHROPIC, models: [MODEL] },
      { ...BEDROCK, deprecatedModels: ["us.anthropic.claude"] },
    ],
  });
  const refused = [
    ["anthropic/v1/messages", "anthropic"],
    ["anthropic/v1/messages/count_tokens", "anthropic"],
    ["bedrock/model/other/invoke", "bedrock"],
    ["bedrock/model/other/invoke-with-response-stream", "bedrock"],
  ];
  for (const [path, name] of refused) {
    const { status, json } = await post(proxied(gateway, path), {
      ...QUESTION,
      model: "other",
    });
    assertEquals([status, json], [
      403,
      anthropicError(
        "permission_error",
        `model "other" is not allowed by provider "${name}"`,
      ),
    ]);
  }
  const allowed = [
    "anthropic/v1/messages",
    "bedrock/model/us.anthropic.claude/invoke",
  ];
  for (const path of allowed) {
    assertEquals((await post(proxied(gateway, path), QUESTION)).status, 200);
  }
});

Deno.test("the proxy refuses a request without a model or messages", async () => {
  await using gateway = startLoopbackGateway({
    providers: [ANTHROPIC, BEDROCK],
  });
  const cases: [string, unknown, string][] = [
    ["anthropic/v1/messages", "not JSON", "model: field required"],
    ["anthropic/v1/messages", { messages: [] }, "model: field required"],
    ["anthropic/v1/messages", { model: MODEL }, "messages: field required"],
    ["bedrock/model/%E0%A4%A/invoke", QUESTION, "model: field required"],
    ["bedrock/model/m/invoke", "[]", "messages: field required"],
  ];
  for (const [path, body, message] of cases) {
    const { status, json } = await post(proxied(gateway, path), body);
    assertEquals([status, json], [
      400,
      anthropicError("invalid_request_error", message),
    ]);
  }
});

Deno.test("the proxy does not know other endpoints", async () => {
  await using gateway = startLoopbackGateway({
    providers: [ANTHROPIC, BEDROCK, { name: "openai", type: "openai" }],
  });
  const paths = [
    "anthropic",
    "anthropic/v1/files",
    "anthropic/inference-profiles",
    "bedrock/v1/messages",
    "openai/v1/messages",
  ];
  for (const path of paths) {
    const { status, json } = await post(proxied(gateway, path), QUESTION);
    assertEquals([status, json.error.type], [404, "not_found_error"]);
  }
  assertEquals(
    gateway.requests.map(({ path, status }) => `${path} ${status}`),
    paths.map((path) => `/llm/v1/providers/${path} 404`),
  );
});

Deno.test("bedrock invoke answers a whole message", async () => {
  await using gateway = startLoopbackGateway({ providers: [BEDROCK] });
  const { status, json } = await post(
    proxied(gateway, "bedrock/model/us.anthropic.claude%3A0/invoke"),
    { messages: [] },
  );
  assertEquals(status, 200);
  assertEquals(json.model, "us.anthropic.claude:0");
  assertEquals(
    json.content[0].text,
    "Hello from the embedded gateway (bedrock).",
  );
  assertEquals(gateway.requests[0].model, "us.anthropic.claude:0");
});

Deno.test("bedrock invoke-with-response-stream answers event-stream frames", async () => {
  await using gateway = startLoopbackGateway({ providers: [BEDROCK] });
  const model = "arn:aws:bedrock:us-east-1:1:inference-profile/x";
  const { status, headers, bytes } = await post(
    proxied(
      gateway,
      `bedrock/model/${encodeURIComponent(model)}/invoke-with-response-stream`,
    ),
    { messages: [] },
  );
  assertEquals(status, 200);
  assertEquals(
    headers.get("content-type"),
    "application/vnd.amazon.eventstream",
  );
  const codec = eventStreamCodec();
  const events = [];
  for (let rest = bytes; rest.length > 0;) {
    // A frame begins with its own length; the codec checks both checksums.
    const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0);
    const frame = codec.decode(rest.subarray(0, length));
    rest = rest.subarray(length);
    assertEquals(
      Object.entries(frame.headers).map(([name, { value }]) => [name, value]),
      [
        [":event-type", "chunk"],
        [":content-type", "application/json"],
        [":message-type", "event"],
      ],
    );
    const payload = JSON.parse(new TextDecoder().decode(frame.body));
    const event = Uint8Array.fromBase64(payload.bytes);
    events.push(JSON.parse(new TextDecoder().decode(event)));
  }
  const deltas = events.filter(({ type }) => type === "content_block_delta");
  assertEquals(
    deltas.map(({ delta }) => delta.text).join(""),
    "Hello from the embedded gateway (bedrock).",
  );
  assertEquals(events[0].message.model, model);
  assertEquals(events.map(({ type }) => type), [
    "message_start",
    "content_block_start",
    ...deltas.map(() => "content_block_delta"),
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
});

Deno.test("bedrock inference-profiles needs no credential", async () => {
  await using gateway = startLoopbackGateway({ providers: [BEDROCK] });
  const { status, json } = await answerOf(
    await fetch(
      proxied(gateway, "bedrock/inference-profiles?type=SYSTEM_DEFINED"),
    ),
  );
  assertEquals([status, json], [200, { inferenceProfileSummaries: [] }]);
  assertEquals(gateway.requests[0].kind, "bedrock_profiles");
});

Deno.test("startLoopbackGateway() records what a request carried", async () => {
  await using gateway = startLoopbackGateway({ providers: [PASSTHROUGH] });
  await post(proxied(gateway, "anthropic/v1/messages?beta=true"), QUESTION, {
    Authorization: "Bearer own",
    "X-Redpanda-Cloud-Token": "tok",
  });
  const [{ headers, ...rest }] = gateway.requests;
  assertEquals(headers.authorization, "Bearer own");
  assertEquals(headers["x-redpanda-cloud-token"], "tok");
  assertEquals(rest, {
    method: "POST",
    path: "/llm/v1/providers/anthropic/v1/messages?beta=true",
    kind: "messages",
    provider: "anthropic",
    mode: "passthrough",
    model: MODEL,
    status: 200,
    body: QUESTION,
  });
});

Deno.test("startLoopbackGateway() records a refused request's model", async () => {
  await using gateway = startLoopbackGateway({ providers: [] });
  await post(proxied(gateway, "nope/v1/messages"), QUESTION);
  const [{ kind, provider, mode, model, status }] = gateway.requests;
  assertEquals(
    { kind, provider, mode, model, status },
    {
      kind: "messages",
      provider: "nope",
      mode: undefined,
      model: MODEL,
      status: 404,
    },
  );
});

Deno.test("startLoopbackGateway() answers 404 off its paths and 500 when reply throws", async () => {
  await using gateway = startLoopbackGateway({
    providers: [ANTHROPIC],
    reply() {
      throw new Error("no answer");
    },
  });
  const off = await post(gateway.url, {});
  assertEquals([off.status, off.json.error.type], [404, "not_found_error"]);
  const { status, json } = await post(
    proxied(gateway, "anthropic/v1/messages"),
    QUESTION,
  );
  assertEquals([status, json], [
    500,
    anthropicError("api_error", "Error: no answer"),
  ]);
  assertEquals(gateway.requests.map(({ status }) => status), [404, 500]);
});

Deno.test("startLoopbackGateway() refuses a Host that is not loopback", async () => {
  await using gateway = startLoopbackGateway({
    providers: [BEDROCK],
  });
  const { port } = new URL(gateway.url);
  const statusFor = async (host: string) => {
    // By hand, because fetch() insists on the Host of its URL.
    using connection = await Deno.connect({
      hostname: "127.0.0.1",
      port: Number(port),
    });
    await connection.write(new TextEncoder().encode(
      `GET /llm/v1/providers/bedrock/inference-profiles HTTP/1.1\r\n` +
        `Host: ${host}\r\nConnection: close\r\n\r\n`,
    ));
    const answer = await new Response(connection.readable).text();
    return Number(answer.split(" ")[1]);
  };
  const hosts = ["localhost", `127.0.0.1:${port}`, "[::1]:80", "LOCALHOST:1"];
  for (const host of hosts) assertEquals(await statusFor(host), 200, host);
  const rebound = ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:80"];
  for (const host of rebound) assertEquals(await statusFor(host), 403, host);
  assertEquals(gateway.requests.length, hosts.length + rebound.length);
});

Deno.test("startLoopbackGateway() refuses to listen elsewhere", () => {
  assertThrows(
    () => startLoopbackGateway({ providers: [], hostname: "0.0.0.0" }),
    RangeError,
    'Cannot listen on "0.0.0.0": not loopback',
  );
});

Deno.test("startLoopbackGateway() takes a hostname and a port", async () => {
  const { port } = await (async () => {
    await using gateway = startLoopbackGateway({ providers: [] });
    return new URL(gateway.url);
  })();
  await using gateway = startLoopbackGateway({
    providers: [],
    hostname: "localhost",
    port: Number(port),
  });
  assertEquals(gateway.url, `http://localhost:${port}`);
  assertEquals((await post(gateway.url, {})).status, 404);
});

Deno.test({
  name: "LoopbackGateway.close() cuts off open streams and half-sent requests",
  sanitizeOps: true,
  sanitizeResources: true,
  async fn() {
    const gateway = startLoopbackGateway({
      providers: [ANTHROPIC],
      reply: () => "x".repeat(20_000_000),
    });
    const open = await fetch(proxied(gateway, "anthropic/v1/messages"), {
      method: "POST",
      headers: BEARER,
      body: JSON.stringify({ ...QUESTION, stream: true }),
    });
    using half = await Deno.connect({
      hostname: "127.0.0.1",
      port: Number(new URL(gateway.url).port),
    });
    await half.write(new TextEncoder().encode(
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
    ));
    // Twice, as when a test closes what `await using` closes again.
    await gateway.close();
    await gateway.close();
    const outcome = await open.text().then(() => "whole", () => "cut off");
    assertEquals(outcome, "cut off");
    assertEquals(gateway.requests.length, 1);
  },
});
