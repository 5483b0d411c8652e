/**
 * Sessions of the real Agent SDK, which start Claude Code through a shim.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Mode } from "../../lib/gateway/mode.ts";
import { ensureAgentSdk } from "../../tools/agent_sdk.ts";
import { type Arena, launchEnv } from "./arena.ts";

/** What the tests read of a message of the SDK. */
export interface SdkMessage {
  type: string;
  subtype?: string;
  is_error?: boolean;
  result?: string;
}

/** A running query of the SDK. */
interface Query extends AsyncGenerator<SdkMessage, void> {
  interrupt(): Promise<unknown>;
  applyFlagSettings(settings: Record<string, unknown>): Promise<void>;
}

/** Options of the SDK. */
export interface SdkOptions {
  env?: Record<string, string>;
  [name: string]: unknown;
}

const { query }: {
  query(input: { prompt: unknown; options: SdkOptions }): Query;
} = await import(await ensureAgentSdk());

/** Writes a shim for a mode; returns its path. */
export async function writeShim(
  { world, gateway }: Arena,
  mode: Mode,
  ...flags: string[]
): Promise<string> {
  const path = `${world.home}/claude-${mode}`;
  const { code, stderr } = await world.run([
    ...["shim", path, "-s", gateway.url, "-L", mode],
    ...flags,
  ]);
  assertEquals(code, 0, stderr);
  return path;
}

/** What every session is given. */
function sdkOptions(
  { world }: Arena,
  shim: string,
  mode: Mode,
  { env, ...options }: SdkOptions,
): SdkOptions {
  return {
    pathToClaudeCodeExecutable: shim,
    cwd: world.project,
    env: { ...world.env, ...launchEnv(mode), ...env },
    ...options,
  };
}

/** Asks one prompt and resolves to the messages of the session. */
export async function askOnce(
  arena: Arena,
  shim: string,
  mode: Mode,
  options: SdkOptions = {},
): Promise<SdkMessage[]> {
  return await Array.fromAsync(
    query({ prompt: "hi", options: sdkOptions(arena, shim, mode, options) }),
  );
}

/** A session that is given prompts one after the other. */
export interface Chat {
  query: Query;
  /** Sends a prompt; resolves to its result. */
  say(prompt: string): Promise<SdkMessage>;
  /** Ends the input; resolves when Claude Code has ended well. */
  end(): Promise<void>;
}

/** Starts a session with streaming input. */
export function startChat(
  arena: Arena,
  shim: string,
  mode: Mode,
  options: SdkOptions,
): Chat {
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  const running = query({
    prompt: readable,
    options: sdkOptions(arena, shim, mode, options),
  });
  return {
    query: running,
    say: async (content) => {
      const message = { role: "user", content };
      const written = writer.write({
        ...{ type: "user", message },
        ...{ parent_tool_use_id: null, session_id: "" },
      });
      for (;;) {
        const { value, done } = await running.next();
        if (done) throw new Error(`the session ended before "${content}"`);
        if (value.type !== "result") continue;
        await written;
        return value;
      }
    },
    end: async () => {
      await writer.close();
      while (!(await running.next()).done);
    },
  };
}
