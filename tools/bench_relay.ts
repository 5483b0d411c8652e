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
import { denoDir, FLOOR, median, residentMiB } from "./measure.ts";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const TOKEN = "bench-token";
const MIB = 1024 * 1024;

/** Measured pairs; one more comes first and is thrown away. */
const RUNS = { stream: 21, small: 400, large: 21 };

/** Pairs of processes whose memory is measured. */
const STARTS = 9;

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
  const stub = `${dir}/claude`;
  await Deno.writeTextFile(
    stub,
    '#!/bin/sh\necho "$ANTHROPIC_BASE_URL"\nread -r _\nexit 0\n',
  );
  await Deno.chmod(stub, 0o755);
  await Deno.writeTextFile(`${dir}/floor.ts`, FLOOR);
  const env = {
    ...Deno.env.toObject(),
    HOME: dir,
    DENO_DIR: await denoDir(),
    AI_CLAUDE_BIN: stub,
    RPAI_TOKEN: TOKEN,
  };
  const launcher = [MAIN, "-s", gateway.url, "-L", "main", "--relay"];
  const floor = [`${dir}/floor.ts`, gateway.url, stub];
  const waiting: [number, number] = await memoryOf(launcher, floor, env);

  const relay = await start(launcher, env);
  const direct = `${gateway.url}/llm/v1/providers/main`;
  const both = [relay.url, direct] as const;
  const small = await compare(both, "small");
  const stream = await compare(both, "stream");
  const large = await compare(both, "large");
  const peak = await relay.peak(async () => {
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
      row("streamed reply, first byte", stream.first, 2, "1.05x"),
      row("streamed reply, whole", stream.whole, 0, "1.02x"),
      row("small request, keep-alive", small.whole, 2),
      row("100 MiB reply, whole", large.whole, 0, "1.60x"),
      [
        "100 MiB reply, throughput",
        rate(large.whole[0]),
        rate(large.whole[1]),
        `${(large.whole[1] / large.whole[0]).toFixed(2)}x`,
        "",
      ],
      [
        "memory of the waiting relay",
        `${waiting[0].toFixed(1)} MiB`,
        `${waiting[1].toFixed(1)} MiB`,
        `${(waiting[0] / waiting[1]).toFixed(2)}x`,
        "1.80x",
      ],
      ["most memory while 100 MiB pass", `${peak.toFixed(1)} MiB`, "", "", ""],
    ]) +
      `added to a small request: ${
        (small.whole[0] - small.whole[1]).toFixed(2)
      } ms; medians of ${RUNS.small} small requests, ` +
      `${RUNS.large} others and ${STARTS} starts, alternating; the memory is ` +
      "beside that of a program that fetches and spawns\n",
  ));
} finally {
  await Deno.remove(dir, { recursive: true });
}

/** Starts a program that starts the stub, which tells the relay's URL. */
async function start(args: string[], env: Record<string, string>) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", ...args],
    env,
    cwd: dir,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const resident = () => residentMiB(child.pid);
  return {
    url: new TextDecoder().decode(value).trim(),
    resident,
    peak: async (work: () => Promise<void>) => {
      let peak = 0;
      let done = false;
      const watch = (async () => {
        while (!done) peak = Math.max(peak, await resident());
      })();
      await work();
      done = true;
      await watch;
      return peak;
    },
    stop: async () => {
      await child.stdin.close();
      await reader.cancel();
      await child.status;
    },
  };
}

/** Medians of two programs' memory while the stub waits, measured in turn. */
async function memoryOf(
  launcher: string[],
  floor: string[],
  env: Record<string, string>,
): Promise<[number, number]> {
  const values: [number[], number[]] = [[], []];
  for (let run = 0; run < STARTS; run++) {
    for (const [at, args] of [launcher, floor].entries()) {
      const { resident, stop } = await start(args, env);
      values[at].push(await resident());
      await stop();
    }
  }
  return [median(values[0]), median(values[1])];
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

async function* paced(
  events: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const event of events) {
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    yield event;
  }
}
