/**
 * Records a first run as `docs/first-run.svg`: this program and the real Claude
 * Code in a real terminal, from an empty home, with a gateway and a sign-in
 * server on loopback. `deno run -A tools/record.ts`
 *
 * @module
 */

import { startLoopbackGateway } from "../lib/loopback/gateway.ts";
import { startLoopbackIssuer } from "../tests/support/loopback_issuer.ts";
import { MAIN, makeWorld, type World } from "../tests/support/program.ts";
import { Terminal } from "../tests/support/terminal.ts";
import { ensureClaudeCode } from "./claude_code.ts";
import { terminalSvg } from "./terminal_svg.ts";

/** Where the drawing is. */
export const DRAWING = new URL("../docs/first-run.svg", import.meta.url);

const GATEWAY = "https://aigw.example.com";

/** What is typed, and what is then waited for: nothing of it is there before. */
interface Step {
  types: string;
  shows: string;
  /** What happens then, unseen. */
  then?: (place: { world: World; issuer: string }) => Promise<void>;
}

const SCENE: readonly Step[] = [
  {
    types: `ai-claude profile add prod --ai-gateway-url ${GATEWAY} ` +
      "--llm-provider anthropic",
    shows: "now the current one",
    then: async ({ world, issuer }) => {
      const path = `${world.home}/.rpai/config`;
      const config = await Deno.readTextFile(path);
      const auth = `    auth:\n      issuer: ${issuer}\n`;
      await Deno.writeTextFile(path, config.trimEnd() + `\n${auth}`);
    },
  },
  { types: "ai-claude auth login", shows: "signed in as" },
  {
    types: 'ai-claude -- -p "Say hello"',
    shows: "Hello through the Redpanda AI gateway.",
  },
];

/** Plays the scene and draws it. */
export async function record(): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const world = stack.use(await makeWorld());
  const issuer = stack.use(startLoopbackIssuer({
    email: "you@example.com",
    device: { interval: 0.05 },
  }));
  const gateway = stack.use(startLoopbackGateway({
    accepts: (token) => issuer.isValid(token),
    providers: [{ name: "anthropic", type: "anthropic" }],
    reply: () => "Hello through the Redpanda AI gateway.",
  }));
  world.env.AI_CLAUDE_BIN = await ensureClaudeCode();
  await world.write(
    "bin/ai-claude",
    `#!/bin/sh\nexec '${Deno.execPath()}' run -A --quiet '${MAIN}' "$@"\n`,
    0o755,
  );
  const terminal = stack.use(
    new Terminal(world, { PATH: `${world.home}/bin:${world.env.PATH}` }),
  );
  await terminal.open(world.project, 100, 40);
  await terminal.run("PS1='\\[\\e[32m\\]$\\[\\e[0m\\] '; clear");
  for (const { types, shows, then } of SCENE) {
    await terminal.prompts("$");
    await terminal.type(types.replaceAll(GATEWAY, gateway.url), "Enter");
    await terminal.shows(shows);
    await then?.({ world, issuer: issuer.url });
  }
  await terminal.prompts("$");
  const screen = await terminal.tmux("capture-pane", "-p", "-e");
  const lines = screen.trimEnd().split("\n").slice(0, -1).map((line) =>
    // What is of this machine or of chance.
    line.replaceAll(gateway.url, GATEWAY)
      .replaceAll(issuer.url, "https://login.example.com")
      .replaceAll(world.home, "~")
      .replaceAll(/\b[B-Z]{4}-[B-Z]{4}\b/g, "WDJB-MJHT")
  );
  return terminalSvg(lines, "A first run of ai-claude");
}

if (import.meta.main) await Deno.writeTextFile(DRAWING, await record());
