/**
 * What the benchmark runs, and what it sees of it: this program as it was
 * installed from a registry, as the checkout has it, and the floors.
 *
 * @module
 */

import { dirname } from "node:path";
import type { Mode } from "../lib/gateway/mode.ts";
import { makePublished } from "../tests/published/published.ts";
import { storeToken } from "../tests/support/issued.ts";
import { MAIN, makeWorld } from "../tests/support/program.ts";
import { type BenchGateway, TOKEN } from "./bench_gateway.ts";
import { ensureClaudeCode } from "./claude_code.ts";
import { FLOOR, residentMiB } from "./measure.ts";

/** A command line and what it adds to the environment. */
export interface Program {
  words: string[];
  env?: Record<string, string>;
}

/** A launch that waits for its stand-in. */
export interface Waiting extends AsyncDisposable {
  /** When the stand-in started, by `performance.now()`. */
  readonly startedAt: number;
  /** The base URL that it was given. */
  readonly baseUrl: string;
  /** The launcher's resident memory, in MiB. */
  memory(): Promise<number>;
}

/** All that is measured. */
export interface Programs extends AsyncDisposable {
  /** The program, as installed and from the checkout; without arguments. */
  readonly published: string[];
  readonly checkout: string[];
  /** One fetch and one spawn of the stand-in. */
  readonly floor: Program;
  /** A program of no code. */
  readonly empty: Program;
  /** A launch with the stand-in for Claude Code. */
  standIn(program: string[], mode: Mode, flags: string[]): Program;
  /** A launch of the real one, with a prompt. */
  client(program: string[], mode: Mode, flags: string[]): Program;
  /** The real one alone, with what a launch in the mode would export. */
  bareClient(mode: Mode): Promise<Program>;
  /** The helper, as Claude Code runs it. */
  helper(program: string[]): Promise<Program>;
  /** Starts a launch with the stand-in, and waits until that has started. */
  start(program: Program): Promise<Waiting>;
  /** Milliseconds to the first request to a model. */
  timeToModel(program: Program): Promise<number>;
  /** Milliseconds to its end. */
  timeToEnd(program: Program): Promise<number>;
  /** What was fetched from the registry after the installation. */
  fetched(): string[];
}

/** The stand-in tells when and with what it was started, and waits. */
const STAND_IN = `date +"%s%N $ANTHROPIC_BASE_URL"
read -r _
exit 0`;

/** All traffic stays on this machine. */
const QUIET = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" };

/** Makes everything ready in a throwaway home, signed in. */
export async function makePrograms(gateway: BenchGateway): Promise<Programs> {
  await using stack = new AsyncDisposableStack();
  const installation = stack.use(await makePublished());
  const installed = await installation.install();
  if (installed.code !== 0) throw new Error(installed.stderr);
  const { asked } = installation.registry;
  const before = asked.length;
  const world = stack.use(await makeWorld());
  await storeToken(world, TOKEN);
  const standIn = await world.fakeClaude(STAND_IN);
  const claude = await ensureClaudeCode();
  const deno = Deno.execPath();
  const base = {
    ...world.env,
    // One cache for all: that of the installed program.
    DENO_DIR: `${installation.root}/deno`,
    JSR_URL: installation.registry.url,
    PATH: `${dirname(deno)}:${world.env.PATH}`,
  };
  const allowed = [deno, "run", "--quiet", "--allow-all"];
  const floor = await world.write("floor.ts", FLOOR);
  const empty = await world.write("empty.ts", "");

  const spawn = (
    { words: [path, ...args], env }: Program,
    stdin: "null" | "piped",
  ) =>
    new Deno.Command(path, {
      ...{ args, stdin, cwd: world.project, clearEnv: true },
      env: { ...base, ...env },
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
  const output = async (program: Program): Promise<string> => {
    const child = spawn(program, "null");
    const text = await new Response(child.stdout).text();
    const { code } = await child.status;
    if (code === 0) return text;
    throw new Error(`${program.words[0]} ended with ${code}: ${text}`);
  };
  const launch = (
    program: string[],
    mode: Mode,
    flags: string[],
    claudeArgs: string[] = [],
  ) => [
    ...program,
    "-s",
    gateway.url,
    "-L",
    mode,
    ...flags,
    "--",
    ...claudeArgs,
  ];
  const planned = async (program: string[], mode: Mode) =>
    JSON.parse(
      await output({
        words: launch(program, mode, ["--print-settings", "-o", "json"]),
        env: userEnv(mode),
      }),
    );
  const checkout = [...allowed, "--no-prompt", MAIN];
  const all = stack.move();
  return {
    published: [`${installation.root}/installed/bin/ai-claude`],
    checkout,
    floor: { words: [...allowed, floor, gateway.url, standIn] },
    empty: { words: [deno, "run", empty] },
    standIn: (program, mode, flags) => ({
      words: launch(program, mode, flags),
      env: userEnv(mode),
    }),
    client: (program, mode, flags) => ({
      words: launch(program, mode, flags, ["-p", "hi"]),
      env: { ...userEnv(mode), ...QUIET, AI_CLAUDE_BIN: claude },
    }),
    bareClient: async (mode) => {
      const { env, settings } = await planned(checkout, mode);
      return {
        words: [claude, "-p", "hi"],
        env: {
          ...{ ...settings.env, ...env, ...userEnv(mode), ...QUIET },
          // Where the launch has a helper, or what a plan does not show.
          ...mode === "passthrough"
            ? { ANTHROPIC_CUSTOM_HEADERS: `x-redpanda-cloud-token: ${TOKEN}` }
            : { ANTHROPIC_AUTH_TOKEN: TOKEN },
        },
      };
    },
    helper: async (program) => {
      const { settings } = await planned(program, "managed");
      return { words: ["/bin/sh", "-c", settings.apiKeyHelper] };
    },
    start: async (program) => {
      const child = spawn(program, "piped");
      const reader = child.stdout.getReader();
      const { value } = await reader.read();
      const [time, baseUrl] = new TextDecoder().decode(value).split(" ");
      return {
        startedAt: Number(time) / 1e6 - performance.timeOrigin,
        baseUrl: baseUrl.trim(),
        memory: () => residentMiB(child.pid),
        [Symbol.asyncDispose]: async () => {
          await child.stdin.close();
          await reader.cancel();
          await child.status;
        },
      };
    },
    timeToModel: async (program) => {
      const asked = gateway.nextModelRequest();
      const begin = performance.now();
      await output(program);
      return await asked - begin;
    },
    timeToEnd: async (program) => {
      const begin = performance.now();
      await output(program);
      return performance.now() - begin;
    },
    fetched: () => asked.slice(before),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** What the user has set: in passthrough a subscription login. */
function userEnv(mode: Mode): Record<string, string> {
  return mode === "passthrough"
    ? { CLAUDE_CODE_OAUTH_TOKEN: "sk-ant-oat01-bench" }
    : {};
}
