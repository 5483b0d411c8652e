/**
 * Records a first run as `docs/first-run.svg`: this program and the real Claude
 * Code in a real terminal, from an empty home, with a gateway and a sign-in
 * server on loopback. `deno run -A tools/record.ts`
 *
 * @module
 */

import { startLoopbackGateway } from "../lib/loopback/gateway.ts";
import { startLoopbackIssuer } from "../tests/support/loopback_issuer.ts";
import { MAIN, makeWorld } from "../tests/support/program.ts";
import { Terminal } from "../tests/support/terminal.ts";
import { ensureClaudeCode } from "./claude_code.ts";
import { terminalSvg } from "./terminal_svg.ts";

/** Where the drawing is. */
export const DRAWING = new URL("../docs/first-run.svg", import.meta.url);

/** What is drawn in the place of the servers here. */
const [GATEWAY, LOGIN] = [
  "https://aigw.example.com",
  "https://login.example.com",
];

const ANSWER = "Hello through the Redpanda AI gateway.";

/** Width of the terminal. */
const COLUMNS = 103;

/** What is typed, and what is then waited for: nothing of it is there before. */
interface Step {
  types: string;
  shows: string;
}

const SCENE: readonly Step[] = [
  {
    types: 'ai-claude -- -p "Say hello"',
    shows: "URL of the gateway (Enter to skip):",
  },
  { types: GATEWAY, shows: "Sign in now?" },
  { types: LOGIN, shows: "type to filter" },
  // Enter takes the first provider.
  { types: "", shows: ANSWER },
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
    providers: [
      { name: "anthropic", type: "anthropic" },
      { name: "bedrock", type: "bedrock" },
    ],
    reply: () => ANSWER,
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
  await terminal.open(world.project, COLUMNS, 40);
  await terminal.run("PS1='\\[\\e[32m\\]$\\[\\e[0m\\] '; clear");
  const here = { [GATEWAY]: gateway.url, [LOGIN]: issuer.url };
  await terminal.prompts("$");
  for (const { types, shows } of SCENE) {
    await terminal.type(here[types] ?? types, "Enter");
    await terminal.shows(shows);
  }
  await terminal.prompts("$");
  const screen = await terminal.tmux("capture-pane", "-p", "-e", "-J");
  const lines = screen.trimEnd().split("\n").slice(0, -1).flatMap((line) => {
    // What is of this machine or of chance.
    const shown = line.trimEnd().replaceAll(gateway.url, GATEWAY)
      .replaceAll(issuer.url, LOGIN)
      .replaceAll(world.home, "~")
      .replaceAll(/\b[B-Z]{4}-[B-Z]{4}\b/g, "WDJB-MJHT");
    // Only plain ones are that long.
    return shown.match(new RegExp(`.{1,${COLUMNS}}`, "g")) ?? [""];
  });
  return terminalSvg(lines, "A first run of ai-claude");
}

if (import.meta.main) await Deno.writeTextFile(DRAWING, await record());
