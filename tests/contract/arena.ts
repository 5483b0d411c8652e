/**
 * The real Claude Code, launched by the whole program in a throwaway home,
 * between the embedded gateway and a rival host that must receive nothing.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  type LoopbackGateway,
  startLoopbackGateway,
} from "../../lib/loopback/gateway.ts";
import type {
  LoopbackGatewayOptions,
  LoopbackProvider,
} from "../../lib/loopback/gateway_options.ts";
import type { RecordedRequest } from "../../lib/loopback/recorded_request.ts";
import type { Mode } from "../../lib/gateway/mode.ts";
import { ensureClaudeCode, testedVersion } from "../../tools/claude_code.ts";
import { storeToken } from "../support/issued.ts";
import { inParallel as runInParallel } from "../support/in_parallel.ts";
import { type Ended, MAIN, makeWorld, type World } from "../support/program.ts";

/** All modes. */
export const MODES: readonly Mode[] = ["managed", "passthrough", "bedrock"];

/** The Redpanda token that the gateway accepts. */
export const GATEWAY_TOKEN = "rp-gateway-token-under-test";

/** The user's subscription login. */
export const SUBSCRIPTION = "sk-ant-oat01-subscription-under-test";

/** A credential that must never be used. */
export const RIVAL = "sk-ant-api03-rival-under-test";

const claude = await ensureClaudeCode(testedVersion());

/** All traffic stays on this machine. */
export const QUIET = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1" };

/** The launcher's command line, without its arguments. */
export const LAUNCHER: readonly string[] = [
  Deno.execPath(),
  ...["run", "--quiet", "--no-prompt", "--allow-all", MAIN],
];

/** What a launch in a mode is given, beside the stored login. */
export function launchEnv(mode: Mode): Record<string, string> {
  // In passthrough it is the launcher's own doing that it is quiet.
  return mode === "passthrough"
    ? { CLAUDE_CODE_OAUTH_TOKEN: SUBSCRIPTION }
    : { ...QUIET };
}

/** The base URL of a provider. */
export function providerUrl(
  server: { readonly url: string },
  name: string,
): string {
  return `${server.url}/llm/v1/providers/${name}`;
}

/** A throwaway home, signed in, with a gateway and a rival. */
export interface Arena extends AsyncDisposable {
  /** The home. */
  world: World;
  /** The gateway, with a provider of each mode's name. */
  gateway: LoopbackGateway;
  /** The host that must receive nothing. */
  rival: LoopbackGateway;
  /** Runs `ai-claude` in a mode with a prompt. */
  prompt(mode: Mode, options?: PromptOptions): Promise<Session>;
}

/** How a prompt differs from the plain one. */
export interface PromptOptions {
  /** Flags of the launcher. */
  flags?: readonly string[];
  /** Arguments for Claude Code; `-p hi` by default. */
  claudeArgs?: string[];
  /** Variables of the environment. */
  env?: Record<string, string>;
  /** The working directory. */
  cwd?: string;
}

/** How a prompt went. */
export interface Session extends Ended {
  /** The requests for an answer that the gateway received. */
  calls: RecordedRequest[];
}

/** Makes an arena; dispose of it with `await using`. */
export async function makeArena(
  provider: Partial<LoopbackProvider> = {},
  options: Partial<LoopbackGatewayOptions> = {},
): Promise<Arena> {
  const world = await makeWorld();
  world.env.AI_CLAUDE_BIN = claude;
  await storeToken(world, GATEWAY_TOKEN);
  const gateway = startLoopbackGateway({
    accepts: (token) => token === GATEWAY_TOKEN,
    ...options,
    providers: [
      { name: "managed", type: "anthropic", ...provider },
      {
        name: "passthrough",
        type: "anthropic",
        passthrough: true,
        ...provider,
      },
      { name: "bedrock", type: "bedrock", region: "us-east-1", ...provider },
    ],
  });
  const rival = startLoopbackGateway({
    providers: [{ name: "rival", type: "anthropic" }],
  });
  return {
    world,
    gateway,
    rival,
    prompt: async (mode, options = {}) => {
      const { flags = [], claudeArgs = ["-p", "hi"], env = {} } = options;
      const before = gateway.requests.length;
      const ended = await world.run(
        ["-s", gateway.url, "-L", mode, ...flags, "--", ...claudeArgs],
        {
          cwd: options.cwd,
          env: { ...launchEnv(mode), ...env },
        },
      );
      const calls = gateway.requests.slice(before).filter(({ kind }) =>
        kind === "messages" || kind === "bedrock"
      );
      return { ...ended, calls };
    },
    [Symbol.asyncDispose]: async () => {
      await gateway.close();
      await rival.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

/**
 * Asserts that a prompt was answered in its mode with the right credentials.
 *
 * @param carrier what puts them on: Claude Code sends a helper's twice
 */
export function assertRouted(
  arena: Arena,
  mode: Mode,
  session: Session,
  carrier: "helper" | "relay" = "helper",
): void {
  const { code, stdout, stderr, calls } = session;
  assertEquals(
    { code, stdout: stdout.trim() },
    { code: 0, stdout: `Hello from the embedded gateway (${mode}).` },
    stderr,
  );
  assertEquals(calls.map(({ status }) => status), calls.map(() => 200));
  assertCredentials(mode, calls, carrier);
  assertUntouched(arena);
}

/** Asserts that there are requests, which carry the credentials of their mode. */
export function assertCredentials(
  mode: Mode,
  calls: readonly RecordedRequest[],
  carrier: "helper" | "relay",
): void {
  const passthrough = mode === "passthrough";
  assertEquals(calls.length > 0, true);
  assertEquals(
    calls.map(({ headers }) => ({
      authorization: headers.authorization,
      "x-api-key": headers["x-api-key"],
      "x-redpanda-cloud-token": headers["x-redpanda-cloud-token"],
    })),
    calls.map(() => ({
      authorization: `Bearer ${passthrough ? SUBSCRIPTION : GATEWAY_TOKEN}`,
      "x-api-key": mode === "managed" && carrier === "helper"
        ? GATEWAY_TOKEN
        : undefined,
      "x-redpanda-cloud-token": passthrough ? GATEWAY_TOKEN : undefined,
    })),
  );
}

/** Asserts that the rival received nothing and its key went nowhere. */
export function assertUntouched({ gateway, rival }: Arena): void {
  assertEquals(rival.requests.map(({ path }) => path), []);
  const carriers = gateway.requests.filter((request) =>
    JSON.stringify(request).includes(RIVAL)
  );
  assertEquals(carriers.map(({ path }) => path), []);
}

/** Runs tasks a few at a time: a session needs about one core. */
export function inParallel<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  return runInParallel(items, work, 2);
}
