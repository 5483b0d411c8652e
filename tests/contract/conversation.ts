/**
 * Sessions of several prompts, with tokens that an issuer grants.
 *
 * @module
 */

import type { LoopbackGatewayOptions } from "../../lib/loopback/gateway_options.ts";
import {
  type LoopbackIssuerOptions,
  startLoopbackIssuer,
} from "../support/loopback_issuer.ts";
import type { Mode } from "../../lib/gateway/mode.ts";
import { type Arena, makeArena } from "./arena.ts";
import { writeProfile } from "./settings.ts";

/** A session and what surrounds it. */
export interface Conversation {
  /** How many prompts. */
  prompts: number;
  /** What happens before each but the first. */
  between: () => void | Promise<void>;
  /** Variables of the environment. */
  env: Record<string, string>;
  /** Flags of the launcher. */
  flags?: string[];
  /** More arguments for Claude Code. */
  claudeArgs?: string[];
}

/** An arena whose gateway accepts what an issuer granted. */
export interface IssuedArena extends AsyncDisposable {
  arena: Arena;
  /** The tokens that the gateway accepted, in order. */
  accepted: string[];
  /**
   * Ends the life of every token so far at the issuer and the gateway. Whoever
   * holds one reckons with a clock of its own from when it got it.
   */
  expire(): void;
}

/** An arena with an issuer, whose clock stands still unless tokens expire. */
export async function makeIssuedArena(
  authMode: string,
  mode: Mode,
  issuerOptions: LoopbackIssuerOptions & { accessTokenSeconds: number },
  gatewayOptions: Partial<LoopbackGatewayOptions> = {},
): Promise<IssuedArena> {
  await using stack = new AsyncDisposableStack();
  let now = Date.now();
  const issuer = stack.use(
    startLoopbackIssuer({ ...issuerOptions, now: () => now }),
  );
  const accepted: string[] = [];
  const arena = stack.use(
    await makeArena({}, {
      ...gatewayOptions,
      accepts: (token) => {
        const valid = issuer.isValid(token);
        if (valid) accepted.push(token);
        return valid;
      },
    }),
  );
  await writeProfile(arena.world, {
    ai_gateway_url: arena.gateway.url,
    auth_mode: authMode,
    llm_provider: mode,
    auth: { issuer: issuer.url },
  });
  const all = stack.move();
  return {
    ...{ arena, accepted },
    expire: () => {
      now += issuerOptions.accessTokenSeconds * 1000;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** One session that is given prompts, with what happens between them. */
export async function converse(
  { world }: Arena,
  { prompts, between, env, flags = [], claudeArgs = [] }: Conversation,
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
    if (prompt > 0) await between();
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
