/**
 * `deno task bench`, or `deno task bench relay` for `bench_relay.ts`: what the
 * launcher costs beside a floor, a bare `deno run` that does one fetch and one
 * spawn. Floor and launcher alternate, so that a noisy machine disturbs both
 * alike; the figures are medians.
 *
 * @module
 */

import { renderTable } from "../lib/base/render.ts";
import { startLoopbackGateway } from "../lib/loopback/gateway.ts";
import { denoDir, FLOOR, median, residentMiB } from "./measure.ts";
import { fileURLToPath } from "node:url";

if (Deno.args[0] === "relay") {
  await import("./bench_relay.ts");
  Deno.exit();
}

/** Measured pairs; one more comes first and is thrown away. */
const RUNS = 25;

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const TOKEN = "bench-token";

/** What is timed: a Deno program and its arguments. */
interface Subject {
  args: string[];
  env: Record<string, string>;
}

await using gateway = startLoopbackGateway({
  providers: [{
    name: "anthropic",
    type: "anthropic",
    models: ["claude-sonnet-4-6", "claude-haiku-4-5"],
  }],
});
const dir = await Deno.makeTempDir({ prefix: "ai-claude-bench-" });
try {
  // The stub says when it was started, then waits for its input to end.
  const stub = `${dir}/claude`;
  await Deno.writeTextFile(stub, "#!/bin/sh\ndate +%s%N\nread -r _\n");
  await Deno.chmod(stub, 0o755);
  await Deno.writeTextFile(`${dir}/floor.ts`, FLOOR);
  await Deno.writeTextFile(`${dir}/empty.ts`, "");
  await Deno.mkdir(`${dir}/.rpai`);
  await Deno.writeTextFile(
    `${dir}/.rpai/config`,
    `current_profile: bench
profiles:
  bench:
    ai_gateway_url: ${gateway.url}
    llm_provider: anthropic
`,
  );
  await Deno.chmod(`${dir}/.rpai`, 0o700);
  await Deno.writeTextFile(
    `${dir}/.rpai/ai-claude.credentials.json`,
    JSON.stringify({
      issuers: {
        "https://auth.prd.cloud.redpanda.com": {
          current_organization: "bench",
          organizations: {
            bench: {
              access_token: TOKEN,
              expires_at: "2999-01-01T00:00:00.000Z",
              obtained_at: "2026-01-01T00:00:00.000Z",
            },
          },
        },
      },
    }),
    { mode: 0o600 },
  );
  const env = {
    ...Deno.env.toObject(),
    HOME: dir,
    DENO_DIR: await denoDir(),
    AI_CLAUDE_BIN: stub,
  };
  const self = ["run", "--quiet", "--allow-all", MAIN];
  const launcher: Subject = {
    args: [...self, "--", "-p", "hi"],
    env: { ...env, RPAI_TOKEN: TOKEN },
  };
  const floor: Subject = {
    args: [
      "run",
      "--quiet",
      "--allow-all",
      `${dir}/floor.ts`,
      gateway.url,
      stub,
    ],
    env,
  };
  const authToken: Subject = { args: [...self, "auth", "token"], env };
  const empty: Subject = { args: ["run", `${dir}/empty.ts`], env };

  const starts = await compare(launcher, floor, timeToStub);
  const memory = await compare(launcher, floor, residentMemory);
  const tokens = await compare(authToken, empty, wallTime);
  const row = (
    what: string,
    [value, base]: [number, number],
    unit: string,
    bound: number,
  ) => [
    what,
    `${value.toFixed(1)} ${unit}`,
    `${base.toFixed(1)} ${unit}`,
    `${(value / base).toFixed(2)}x`,
    `${bound.toFixed(1)}x`,
  ];
  await Deno.stdout.write(new TextEncoder().encode(
    renderTable(["MEASURED", "AI-CLAUDE", "FLOOR", "RATIO", "BOUND"], [
      row("start to claude (launch)", starts, "ms", 1.5),
      row("memory while claude runs", memory, "MiB", 1.3),
      row("auth token, stored login", tokens, "ms", 1.5),
    ]) + `medians of ${RUNS} alternating runs\n`,
  ));
} finally {
  await Deno.remove(dir, { recursive: true });
}

/** Medians of a subject and its floor, measured in turn. */
async function compare(
  subject: Subject,
  base: Subject,
  measure: (subject: Subject) => Promise<number>,
): Promise<[number, number]> {
  const pairs: [number, number][] = [];
  for (let run = 0; run <= RUNS; run++) {
    const pair: [number, number] = [
      await measure(subject),
      await measure(base),
    ];
    if (run > 0) pairs.push(pair);
  }
  return [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))];
}

/** Milliseconds from the start of the program to the start of its stub. */
async function timeToStub(subject: Subject): Promise<number> {
  const start = performance.timeOrigin + performance.now();
  const started = await withStub(subject, () => Promise.resolve());
  return started.at - start;
}

/** Resident memory in MiB while the stub runs. */
async function residentMemory(subject: Subject): Promise<number> {
  const { value } = await withStub(subject, async (pid) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return await residentMiB(pid);
  });
  return value;
}

/** Runs a subject, looks at it while its stub waits, and lets it end. */
async function withStub<T>(
  subject: Subject,
  look: (pid: number) => Promise<T>,
): Promise<{ at: number; value: T }> {
  const child = start(subject);
  const reader = child.stdout.getReader();
  const { value: line } = await reader.read();
  const value = await look(child.pid);
  await child.stdin.close();
  reader.releaseLock();
  await child.stdout.cancel();
  await succeeded(child);
  return { at: Number(new TextDecoder().decode(line)) / 1e6, value };
}

async function wallTime(subject: Subject): Promise<number> {
  const begin = performance.now();
  const child = start(subject);
  await child.stdin.close();
  await child.stdout.cancel();
  await succeeded(child);
  return performance.now() - begin;
}

function start({ args, env }: Subject): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args,
    env,
    cwd: dir,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

async function succeeded(child: Deno.ChildProcess): Promise<void> {
  const { code } = await child.status;
  // The stub's `read` ends with 1 at the end of its input.
  if (code > 1) throw new Error(`a measured program ended with ${code}`);
}
