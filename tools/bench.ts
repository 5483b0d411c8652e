/**
 * `deno task bench [GROUP...]`: what the program costs beside a floor, as people
 * get it and from the checkout.
 *
 * @module
 */

import { renderTable } from "../lib/base/render.ts";
import type { Mode } from "../lib/gateway/mode.ts";
import {
  ask,
  type Kind,
  LARGE_MIB,
  startBenchGateway,
} from "./bench_gateway.ts";
import { makePrograms, type Program } from "./bench_programs.ts";
import { medians } from "./measure.ts";

/** What is measured; from the same point in time all rows take turns. */
interface Row {
  group: "start" | "helper" | "memory" | "client" | "relay";
  what: string;
  unit: "ms" | "MiB";
  /** How many times the floor it may be. */
  bound?: number;
  /** 21 by default. */
  runs?: number;
  /** Measures what it is compared with. */
  floor: () => Promise<number>;
  /** Measures this program, started with some words. */
  ours: (program: string[]) => Promise<number>;
}

await using gateway = startBenchGateway();
await using programs = await makePrograms(gateway);
const { floor, empty, start, standIn, client, timeToEnd, timeToModel } =
  programs;
const relay = ["--relay"];

/** Calls a function once for each argument. */
function once<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key)!;
  };
}

await using relays = new AsyncDisposableStack();
const relayOf = once(async (program: string[]) =>
  relays.use(await start(standIn(program, "passthrough", relay)))
);
const helperOf = once(programs.helper);
const bareClientOf = once(programs.bareClient);
const direct = `${gateway.url}/llm/v1/providers/passthrough`;

async function timeToStart(program: Program): Promise<number> {
  const begin = performance.now();
  await using waiting = await start(program);
  return waiting.startedAt - begin;
}

async function waitingMemory(program: Program): Promise<number> {
  await using waiting = await start(program);
  await new Promise((done) => setTimeout(done, 100));
  return await waiting.memory();
}

/** The most memory of a relay while a large reply passes. */
async function mostMemory(program: string[]): Promise<number> {
  const { baseUrl, memory } = await relayOf(program);
  let most = 0;
  let done = false;
  const passing = ask(baseUrl, "large").finally(() => done = true);
  while (!done) most = Math.max(most, await memory());
  await passing;
  return most;
}

function throughRelay(
  kind: Kind,
  until?: "first byte",
): Pick<Row, "floor" | "ours"> {
  return {
    floor: () => ask(direct, kind, until),
    ours: async (program) => ask((await relayOf(program)).baseUrl, kind, until),
  };
}

function clientRow(mode: Mode, flags: string[], bound: number): Row {
  return {
    group: "client",
    what: ["Enter to the first model request", mode, ...flags].join(", "),
    unit: "ms",
    bound,
    floor: async () => await timeToModel(await bareClientOf(mode)),
    ours: (program) => timeToModel(client(program, mode, flags)),
  };
}

const ROWS: Row[] = [
  {
    group: "start",
    what: "start to Claude Code, stand-in client",
    unit: "ms",
    bound: 1.5,
    floor: () => timeToStart(floor),
    ours: (program) => timeToStart(standIn(program, "managed", [])),
  },
  {
    group: "helper",
    what: "the helper, with a stored login",
    unit: "ms",
    bound: 1.5,
    floor: () => timeToEnd(empty),
    ours: async (program) => timeToEnd(await helperOf(program)),
  },
  {
    group: "memory",
    what: "memory of the waiting launcher",
    unit: "MiB",
    bound: 1.4,
    floor: () => waitingMemory(floor),
    ours: (program) => waitingMemory(standIn(program, "managed", [])),
  },
  {
    group: "memory",
    what: "memory of the waiting relay",
    unit: "MiB",
    bound: 1.8,
    floor: () => waitingMemory(floor),
    ours: (program) => waitingMemory(standIn(program, "managed", relay)),
  },
  ...(["managed", "passthrough", "bedrock"] as const).flatMap((mode) => [
    clientRow(mode, [], 1.1),
    clientRow(mode, relay, 1.15),
  ]),
  {
    group: "relay",
    what: "relay: a streamed reply, first byte",
    unit: "ms",
    bound: 1.05,
    ...throughRelay("stream", "first byte"),
  },
  {
    group: "relay",
    what: "relay: a streamed reply, whole",
    unit: "ms",
    bound: 1.02,
    ...throughRelay("stream"),
  },
  {
    group: "relay",
    what: "relay: a small request",
    unit: "ms",
    runs: 400,
    ...throughRelay("small"),
  },
  {
    group: "relay",
    what: `relay: ${LARGE_MIB} MiB`,
    unit: "ms",
    bound: 1.6,
    ...throughRelay("large"),
  },
  {
    group: "relay",
    what: `memory of the relay while ${LARGE_MIB} MiB pass, at most`,
    unit: "MiB",
    floor: () => waitingMemory(floor),
    ours: mostMemory,
  },
];

const groups: string[] = [...new Set(ROWS.map(({ group }) => group))];
const unknown = Deno.args.find((arg) => !groups.includes(arg));
if (unknown !== undefined) {
  throw new Error(`no group "${unknown}"; there are ${groups.join(", ")}`);
}
const lines: string[][] = [];
for (const { group, what, unit, bound, runs = 21, floor, ours } of ROWS) {
  if (Deno.args.length > 0 && !Deno.args.includes(group)) continue;
  await Deno.stderr.write(new TextEncoder().encode(`measuring ${what}\n`));
  const [base, published, checkout] = await medians(runs, [
    floor,
    () => ours(programs.published),
    () => ours(programs.checkout),
  ]);
  const fetched = programs.fetched();
  if (fetched.length > 0) {
    throw new Error(`measured a download: ${fetched.join(", ")}`);
  }
  const ratio = (value: number) => `${(value / base).toFixed(2)}x`;
  const missed = bound !== undefined && published / base > bound;
  lines.push([
    what,
    ...[published, base].map((value) => `${value.toFixed(1)} ${unit}`),
    ratio(published),
    bound === undefined ? "" : `${bound.toFixed(2)}x`,
    missed ? "missed" : "",
    ratio(checkout),
  ]);
}
const header = [
  ...["MEASURED", "PUBLISHED", "FLOOR", "RATIO", "BOUND", ""],
  "CHECKOUT",
];
await Deno.stdout.write(new TextEncoder().encode(renderTable(header, lines)));
