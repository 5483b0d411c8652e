/**
 * `deno task bench relay`: requests through the relay of a real launch beside the
 * same ones to the embedded gateway itself. Both alternate, so that a noisy
 * machine disturbs them alike; the figures are medians.
 *
 * @module
 */

import { renderTable } from "../lib/base/render.ts";
import { gatewayHandler } from "../lib/loopback/gateway.ts";
import { serveLoopback } from "../lib/loopback/server.ts";
import { denoDir, median, residentMiB } from "./measure.ts";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const TOKEN = "bench-token";
const MIB = 1024 * 1024;

/** Measured pairs; one more comes first and is thrown away. */
const RUNS = { stream: 7, small: 400, large: 9 };

/** About the pace of a model: 80 events a second, 12 characters each. */
const PACE_MS = 12;
const STREAMED = "twelve chars".repeat(150);
const LARGE = "x".repeat(100 * MIB);

/** What is asked for. */
type Kind = keyof typeof RUNS;

const REPLIES: Record<Kind, string> = {
  stream: STREAMED,
  small: "ok",
  large: LARGE,
};

const { handle } = gatewayHandler({
  reply: ({ model }) => REPLIES[model as Kind] ?? "ok",
  providers: [{ name: "main", type: "anthropic", passthrough: true }],
});
await using gateway = serveLoopback(async (request) => {
  const response = await handle(request);
  return response.headers.get("content-type")?.startsWith("text/event-stream")
    ? new Response(ReadableStream.from(paced(response.body!)), response)
    : response;
});
const dir = await Deno.makeTempDir({ prefix: "ai-claude-bench-" });
try {
  const relay = await startLauncher();
  const direct = `${gateway.url}/llm/v1/providers/main`;
  const both = [relay.url, direct] as const;
  const small = await compare(both, "small");
  const stream = await compare(both, "stream");
  const large = await compare(both, "large");
  const memory = await relay.memory(async () => {
    await ask(relay.url, "large");
  });
  await relay.stop();

  const row = (
    what: string,
    [through, plain]: [number, number],
    digits: number,
    bound = "",
  ) => [
    what,
    `${through.toFixed(digits)} ms`,
    `${plain.toFixed(digits)} ms`,
    `${(through / plain).toFixed(2)}x`,
    bound,
  ];
  const rate = (ms: number) => `${Math.round(100 / (ms / 1000))} MiB/s`;
  await Deno.stdout.write(new TextEncoder().encode(
    renderTable(["MEASURED", "RELAY", "DIRECT", "RATIO", "BOUND"], [
      row("streamed reply, first byte", stream.first, 2),
      row("streamed reply, whole", stream.whole, 0, "1.15x"),
      row("small request, keep-alive", small.whole, 2),
      row("100 MiB reply, whole", large.whole, 0),
      [
        "100 MiB reply, throughput",
        rate(large.whole[0]),
        rate(large.whole[1]),
        `${(large.whole[1] / large.whole[0]).toFixed(2)}x`,
        "",
      ],
      [
        "launcher's memory above idle",
        `${(memory.peak - memory.idle).toFixed(1)} MiB`,
        `(idle ${memory.idle.toFixed(1)} MiB)`,
        "",
        "30 MiB",
      ],
    ]) +
      `added to a small request: ${
        (small.whole[0] - small.whole[1]).toFixed(2)
      } ms; medians of ${RUNS.stream}, ${RUNS.small} and ${RUNS.large} ` +
      "alternating runs\n",
  ));
} finally {
  await Deno.remove(dir, { recursive: true });
}

async function* paced(
  events: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const event of events) {
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    yield event;
  }
}

/** Starts `ai-claude --relay` with a stub that tells the relay's URL. */
async function startLauncher() {
  const stub = `${dir}/claude`;
  await Deno.writeTextFile(
    stub,
    '#!/bin/sh\necho "$ANTHROPIC_BASE_URL"\nread -r _\nexit 0\n',
  );
  await Deno.chmod(stub, 0o755);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--allow-all", MAIN],
      ...["-s", gateway.url, "-L", "main", "--relay"],
    ],
    env: {
      ...Deno.env.toObject(),
      HOME: dir,
      DENO_DIR: await denoDir(),
      AI_CLAUDE_BIN: stub,
      RPAI_TOKEN: TOKEN,
    },
    cwd: dir,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const resident = () => residentMiB(child.pid);
  // Before anything has passed.
  const idle = await resident();
  return {
    url: new TextDecoder().decode(value).trim(),
    memory: async (work: () => Promise<void>) => {
      let peak = 0;
      let done = false;
      const watch = (async () => {
        while (!done) peak = Math.max(peak, await resident());
      })();
      await work();
      done = true;
      await watch;
      return { idle, peak };
    },
    stop: async () => {
      await child.stdin.close();
      await reader.cancel();
      await child.status;
    },
  };
}

/** Medians for two base URLs, measured in turn. */
async function compare(urls: readonly [string, string], kind: Kind) {
  const runs: [Timing, Timing][] = [];
  for (let run = 0; run <= RUNS[kind]; run++) {
    const pair: [Timing, Timing] = [
      await ask(urls[0], kind),
      await ask(urls[1], kind),
    ];
    if (run > 0) runs.push(pair);
  }
  const medians = (of: (timing: Timing) => number): [number, number] => [
    median(runs.map(([through]) => of(through))),
    median(runs.map(([, plain]) => of(plain))),
  ];
  return {
    first: medians(({ first }) => first),
    whole: medians(({ whole }) => whole),
  };
}

/** Milliseconds from the start of a request. */
interface Timing {
  /** To the first byte of the body. */
  first: number;
  /** To the last one. */
  whole: number;
}

async function ask(baseUrl: string, kind: Kind): Promise<Timing> {
  const begin = performance.now();
  const response = await fetch(`${baseUrl}/v1/messages`, {
    method: "POST",
    headers: {
      authorization: "Bearer mine",
      "x-redpanda-cloud-token": TOKEN,
    },
    body: JSON.stringify({
      model: kind,
      stream: kind === "stream",
      messages: [],
    }),
  });
  if (!response.ok || response.body === null) {
    throw new Error(`a measured request got ${response.status}`);
  }
  let first = 0;
  for await (const _ of response.body) {
    if (first === 0) first = performance.now() - begin;
  }
  return { first, whole: performance.now() - begin };
}
