/**
 * Sessions of several prompts, with tokens that an issuer grants.
 *
 * @module
 */

import type { LoopbackGatewayOptions } from "../../lib/loopback/gateway_options.ts";
import type { LoopbackIssuer } from "../support/loopback_issuer.ts";
import type { Mode } from "../../lib/gateway/mode.ts";
import { type Arena, makeArena } from "./arena.ts";

/** A session and what surrounds it. */
export interface Conversation {
  /** How many prompts. */
  prompts: number;
  /** The pause before each but the first, in milliseconds. */
  pauseMs: number;
  /** Variables of the environment. */
  env: Record<string, string>;
  /** Flags of the launcher. */
  flags?: string[];
  /** More arguments for Claude Code. */
  claudeArgs?: string[];
}

/** An arena whose gateway accepts what an issuer granted and has not expired. */
export async function makeIssuedArena(
  issuer: LoopbackIssuer,
  authMode: string,
  mode: Mode = "managed",
  options: Partial<LoopbackGatewayOptions> = {},
): Promise<{ arena: Arena; accepted: string[] }> {
  const accepted: string[] = [];
  const arena = await makeArena({}, {
    ...options,
    accepts: (token) => {
      const valid = issuer.isValid(token);
      if (valid) accepted.push(token);
      return valid;
    },
  });
  await arena.world.write(
    ".rpai/config",
    `current_profile: p
profiles:
  p:
    ai_gateway_url: ${arena.gateway.url}
    auth_mode: ${authMode}
    llm_provider: ${mode}
    auth:
      issuer: ${issuer.url}
`,
  );
  return { arena, accepted };
}

/** One session that is given prompts with pauses between them. */
export async function converse(
  { world }: Arena,
  { prompts, pauseMs, env, flags = [], claudeArgs = [] }: Conversation,
): Promise<{ code: number; answers: string[] }> {
  const child = world.start([
    ...flags,
    "--",
    ...["-p", "--input-format", "stream-json"],
    ...["--output-format", "stream-json", "--verbose"],
    ...claudeArgs,
  ], { env });
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const writer = child.stdin.getWriter();
  const answers: string[] = [];
  let text = "";
  const nextAnswer = async () => {
    for (;;) {
      const end = text.indexOf("\n");
      if (end === -1) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the session ended after ${answers.length}`);
        text += value;
        continue;
      }
      const event = JSON.parse(text.slice(0, end));
      text = text.slice(end + 1);
      if (event.type === "result") return String(event.result);
    }
  };
  for (let prompt = 0; prompt < prompts; prompt++) {
    if (prompt > 0) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    const message = { role: "user", content: `prompt ${prompt}` };
    await writer.write(
      new TextEncoder().encode(
        JSON.stringify({ type: "user", message }) + "\n",
      ),
    );
    answers.push(await nextAnswer());
  }
  await writer.close();
  while (!(await reader.read()).done);
  await child.stderr.cancel();
  return { code: (await child.status).code, answers };
}
