/**
 * The environment of a session, written down by a hook: which of the values that
 * a variable has in several places counts.
 *
 * @module
 */

import type { ToolCall } from "../../lib/loopback/messages.ts";
import type { RecordedRequest } from "../../lib/loopback/recorded_request.ts";
import type { World } from "../support/program.ts";
import { hook } from "./settings.ts";

/** Settings that make a session write down its environment. */
export const SHOW_ENV = hook("SessionStart", 'env -0 > "$HOME/session-env"');

/**
 * Claude Code takes these from no settings file or keeps them from the programs
 * that it starts: no hook sees them, so whose value counts does not show.
 */
export const UNSEEN = [
  "CLAUDE_CODE_OAUTH_TOKEN",
  "ANTHROPIC_UNIX_SOCKET",
  "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
  "CLAUDE_CODE_GATEWAY_TOKEN_FILE_DESCRIPTOR",
  "CLAUDE_CODE_HOST_AUTH_ENV_VAR",
  "CLAUDE_CODE_HOST_CREDS_FILE",
  "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
  "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST",
];

/** The environment that the hook of {@linkcode SHOW_ENV} saw. */
export async function sessionEnv(
  { home }: World,
): Promise<Map<string, string>> {
  const text = await Deno.readTextFile(`${home}/session-env`);
  return new Map(
    text.split("\0").filter((entry) => entry.includes("=")).map((entry) => {
      const end = entry.indexOf("=");
      return [entry.slice(0, end), entry.slice(end + 1)];
    }),
  );
}

/** Lets a session use the tool that {@linkcode toolShowsEnv} asks for. */
export const WITH_TOOLS = ["--allowedTools", "Bash"];

/** Answers a session's first request with a tool that writes its environment. */
export function toolShowsEnv(request: RecordedRequest): string | ToolCall {
  const text = JSON.stringify(request.body);
  return text.includes('"tool_result"') || !text.includes('"name":"Bash"')
    ? `Hello from the embedded gateway (${request.mode}).`
    : { tool: "Bash", input: { command: 'env > "$HOME/tool-env"' } };
}

/** What the tool of {@linkcode toolShowsEnv} had in its environment. */
export async function toolEnv({ home }: World): Promise<string> {
  return await Deno.readTextFile(`${home}/tool-env`);
}
