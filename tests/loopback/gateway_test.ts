import { assert, assertEquals } from "@std/assert";
import { eventStreamCodec } from "../../lib/loopback/event_stream.ts";
import {
  type LoopbackGateway,
  type LoopbackProvider,
  startLoopbackGateway,
} from "../../lib/loopback/gateway.ts";

const BEARER = { authorization: "Bearer tok" };
const MODEL = "claude-sonnet-4-6";
const QUESTION = {
  model: MODEL,
  max_tokens: 16,
  messages: [{ role: "user", content: "hi" }],
};
const ANTHROPIC: LoopbackProvider = { name: "anthropic", type: "anthropic" };
const BEDROCK: LoopbackProvider = { name: "bedrock", type: "bedrock" };
const accepts = (token: string) => token === "tok";

function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = BEARER,
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** Asks for provider metadata. */
async function metadata(
  { url }: LoopbackGateway,
  procedure: "GetLLMProvider" | "ListLLMProviders",
  body: unknown,
  headers?: Record<string, string>,
) {
  const service = "redpanda.api.adp.v1alpha1.LLMProviderService";
  const response = await post(`${url}/${service}/${procedure}`, body, headers);
  return { status: response.status, json: await response.json() };
}

/** Posts below `/llm/v1/providers/`. */
function proxied(
  { url }: LoopbackGateway,
  path: string,
  body: unknown = QUESTION,
  headers?: Record<string, string>,
): Promise<Response> {
  return post(`${url}/llm/v1/providers/${path}`, body, headers);
}

/** What a refusal of the proxy says, in one line. */
async function refusal(response: Response): Promise<string> {
  const { type, error } = await response.json();
  assertEquals(type, "error");
  return `${response.status} ${error.type}: ${error.message}`;
}

Deno.test("GetLLMProvider answers a record without unset fields", async () => {
  await using gateway = startLoopbackGateway({
    providers: [
      { ...ANTHROPIC, models: [] },
      { name: "off", type: "anthropic", enabled: false, passthrough: true },
      { ...BEDROCK, models: ["us.a"], region: "us-east-1" },
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
    type: "LLM_PROVIDER_TYPE_BEDROCK",
    providerModels: [{ name: "us.a" }],
    enabled: true,
    url: `${gateway.url}/llm/v1/providers/bedrock`,
    bedrockConfig: { region: "us-east-1" },
  });
});

Deno.test("GetLLMProvider answers Connect errors", async () => {
  await using gateway = startLoopbackGateway({
    providers: [ANTHROPIC],
    accepts,
  });
  const cases = [
    ["anthropic", {}, 401, "unauthenticated"],
    ["anthropic", { authorization: "Bearer old" }, 401, "unauthenticated"],
    ["nope", BEARER, 404, "not_found"],
  ] as const;
  for (const [name, headers, status, code] of cases) {
    const answer = await metadata(gateway, "GetLLMProvider", { name }, headers);
    assertEquals([answer.status, answer.json.code], [status, code]);
    assert(answer.json.message);
  }
});

Deno.test("ListLLMProviders answers in pages", async () => {
  await using gateway = startLoopbackGateway({
    providers: ["a", "b", "c"].map((name) => ({ name, type: "google" })),
  });
  const list = async (body: unknown) => {
    const { json } = await metadata(gateway, "ListLLMProviders", body);
    const names = json.llmProviders.map((each: { name: string }) => each.name);
    return [names.join(), json.nextPageToken];
  };
  assertEquals(await list({}), ["a,b,c", undefined]);
  const [names, pageToken] = await list({ pageSize: 2 });
  assertEquals(names, "a,b");
  assertEquals(await list({ pageSize: 2, pageToken }), ["c", undefined]);
});

Deno.test("v1/messages answers a whole message, and a tool call", async () => {
  const call = { tool: "Bash", input: { command: "ls" } };
  await using gateway = startLoopbackGateway({
    providers: [ANTHROPIC],
    reply: ({ path, mode }) => path.endsWith("tool") ? call : `${mode}`,
  });
  const text = await proxied(gateway, "anthropic/v1/messages");
  const { id, usage, ...message } = await text.json();
  assert(id.startsWith("msg_"));
  assert(usage.input_tokens > 0 && usage.output_tokens > 0);
  assertEquals(message, {
    type: "message",
    role: "assistant",
    model: MODEL,
    content: [{ type: "text", text: "managed" }],
    stop_reason: "end_turn",
    stop_sequence: null,
  });
  const tool = await proxied(gateway, "anthropic/v1/messages?tool");
  const { content: [block], stop_reason: reason } = await tool.json();
  assertEquals([block.type, block.name, block.input, reason], [
    "tool_use",
    "Bash",
    { command: "ls" },
    "tool_use",
  ]);
});

// deno-lint-ignore no-explicit-any -- events are compared, not used
function checkEvents(events: any[], model: string, text: string): void {
  const deltas = events.filter(({ type }) => type === "content_block_delta");
  assert(deltas.length > 1);
  assertEquals(deltas.map(({ delta }) => delta.text).join(""), text);
  assertEquals(events[0].message.model, model);
  assertEquals(
    events.map(({ type }) => type).filter((type) => type !== "ping"),
    [
      "message_start",
      "content_block_start",
      ...deltas.map(() => "content_block_delta"),
      "content_block_stop",
      "message_delta",
      "message_stop",
    ],
  );
}

Deno.test("v1/messages streams server-sent events", async () => {
  const reply = "First line,\nsecond línea 🐼🐼🐼 and the end.";
  await using gateway = startLoopbackGateway({
    providers: [ANTHROPIC],
    reply: () => reply,
  });
  const response = await proxied(gateway, "anthropic/v1/messages", {
    ...QUESTION,
    stream: true,
  });
  assertEquals(
    response.headers.get("content-type"),
    "text/event-stream; charset=utf-8",
  );
  const frames = (await response.text()).split("\n\n").filter(Boolean);
  const events = frames.map((frame) => {
    const [event, data] = frame.split("\n");
    const parsed = JSON.parse(data.slice("data: ".length));
    assertEquals(event, `event: ${parsed.type}`);
    return parsed;
  });
  checkEvents(events, MODEL, reply);
});

Deno.test("invoke-with-response-stream answers event-stream frames", async () => {
  await using gateway = startLoopbackGateway({ providers: [BEDROCK] });
  const model = "arn:aws:bedrock:us-east-1:1:inference-profile/x";
  const path = `bedrock/model/${encodeURIComponent(model)}`;
  const response = await proxied(
    gateway,
    `${path}/invoke-with-response-stream`,
  );
  assertEquals(
    response.headers.get("content-type"),
    "application/vnd.amazon.eventstream",
  );
  const codec = eventStreamCodec();
  const decoder = new TextDecoder();
  const events = [];
  for (let rest = await response.bytes(); rest.length > 0;) {
    // A frame begins with its own length; the codec checks both checksums.
    const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0);
    const frame = codec.decode(rest.subarray(0, length));
    rest = rest.subarray(length);
    assertEquals(frame.headers[":event-type"].value, "chunk");
    assertEquals(frame.headers[":message-type"].value, "event");
    const { bytes } = JSON.parse(decoder.decode(frame.body));
    events.push(JSON.parse(decoder.decode(Uint8Array.fromBase64(bytes))));
  }
  const text = "Hello from the embedded gateway (bedrock).";
  checkEvents(events, model, text);
  const whole = await (await proxied(gateway, `${path}/invoke`)).json();
  assertEquals([whole.model, whole.content[0].text], [model, text]);
});

Deno.test("the other endpoints of both upstreams answer", async () => {
  await using gateway = startLoopbackGateway({
    providers: [{ ...ANTHROPIC, models: [MODEL] }, BEDROCK],
  });
  const count = await proxied(gateway, "anthropic/v1/messages/count_tokens");
  assert((await count.json()).input_tokens > 0);
  const base = `${gateway.url}/llm/v1/providers`;
  const models = await fetch(`${base}/anthropic/v1/models`, {
    headers: BEARER,
  });
  assertEquals((await models.json()).data[0].id, MODEL);
  // The real client sends no credential with this one.
  const profiles = await fetch(`${base}/bedrock/inference-profiles?type=X`);
  assertEquals(await profiles.json(), { inferenceProfileSummaries: [] });
});

Deno.test("the proxy refuses a wrong, misplaced or missing Redpanda token", async () => {
  await using gateway = startLoopbackGateway({
    providers: [ANTHROPIC, BEDROCK],
    accepts,
  });
  const wrong: Record<string, string>[] = [
    {},
    { authorization: "Bearer old" },
    { authorization: "tok" },
    { "x-api-key": "tok" },
    { "x-redpanda-cloud-token": "tok" },
  ];
  for (const headers of wrong) {
    for (const path of ["anthropic/v1/messages", "bedrock/model/m/invoke"]) {
      assertEquals(
        await refusal(await proxied(gateway, path, QUESTION, headers)),
        "401 authentication_error: missing or invalid Redpanda token",
      );
    }
  }
});

Deno.test("a passthrough provider needs both logins", async () => {
  await using gateway = startLoopbackGateway({
    providers: [{ ...ANTHROPIC, passthrough: true }],
    accepts,
  });
  const ask = (headers: Record<string, string>) =>
    proxied(gateway, "anthropic/v1/messages", QUESTION, headers);
  const cloud = (token: string) => ({ "x-redpanda-cloud-token": token });
  const own = { authorization: "Bearer sk-ant-oat01-own" };
  assertEquals(
    await refusal(await ask(own)),
    "400 invalid_request_error: authorization passthrough requires gateway " +
      "authentication in X-Redpanda-Cloud-Token",
  );
  const invalid = await ask({ ...own, ...cloud("old") });
  assertEquals(invalid.headers.has("request-id"), false);
  assertEquals(
    await refusal(invalid),
    "401 authentication_error: invalid X-Redpanda-Cloud-Token",
  );
  const upstream = await ask(cloud("tok"));
  assert(upstream.headers.has("request-id"));
  assertEquals(
    await refusal(upstream),
    "401 authentication_error: upstream: no Authorization",
  );
  const answer = await (await ask({ ...own, ...cloud("tok") })).json();
  assertEquals(
    answer.content[0].text,
    "Hello from the embedded gateway (passthrough).",
  );
});

Deno.test("the proxy refuses what the provider does not offer", async () => {
  await using gateway = startLoopbackGateway({
    providers: [
      { ...ANTHROPIC, models: [MODEL] },
      { ...BEDROCK, models: ["us.a"] },
      { name: "off", type: "anthropic", enabled: false },
    ],
  });
  const model = "other";
  const cases: [string, unknown, string][] = [
    [
      "anthropic/v1/messages",
      { ...QUESTION, model },
      '403 model_not_allowed: model "other" is not allowed by provider "anthropic"',
    ],
    [
      "bedrock/model/other/invoke",
      QUESTION,
      '403 model_not_allowed: model "other" is not allowed by provider "bedrock"',
    ],
    [
      "anthropic/v1/messages",
      {},
      "400 invalid_request_error: model: field required",
    ],
    [
      "off/v1/messages",
      QUESTION,
      '403 permission_error: provider "off" is disabled',
    ],
    [
      "nope/v1/messages",
      QUESTION,
      '404 not_found_error: provider "nope" not found',
    ],
    [
      "bedrock/v1/messages",
      QUESTION,
      "404 not_found_error: no such endpoint: POST v1/messages",
    ],
  ];
  for (const [path, body, expected] of cases) {
    assertEquals(await refusal(await proxied(gateway, path, body)), expected);
  }
});

Deno.test("startLoopbackGateway() records what a request carried", async () => {
  await using gateway = startLoopbackGateway({
    providers: [{ ...ANTHROPIC, passthrough: true }],
  });
  const path = "anthropic/v1/messages?beta=true";
  await (await proxied(gateway, path, QUESTION, {
    Authorization: "Bearer own",
    "X-Redpanda-Cloud-Token": "tok",
  })).body?.cancel();
  const [{ headers, ...rest }] = gateway.requests;
  assertEquals(headers.authorization, "Bearer own");
  assertEquals(headers["x-redpanda-cloud-token"], "tok");
  assertEquals(rest, {
    method: "POST",
    path: `/llm/v1/providers/${path}`,
    kind: "messages",
    provider: "anthropic",
    mode: "passthrough",
    model: MODEL,
    status: 200,
    body: QUESTION,
  });
});
