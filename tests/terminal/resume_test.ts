/**
 * The end of a session at a real terminal.
 *
 * @module
 */

import { assertFalse } from "@std/assert";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import { MAIN, makeWorld } from "../support/program.ts";
import { Terminal, terminalTest } from "../support/terminal.ts";

terminalTest(
  "a session ends with how to resume it, a prompt does not",
  async () => {
    await using gateway = startLoopbackGateway({
      providers: [{ name: "a", type: "anthropic" }],
    });
    await using world = await makeWorld();
    await world.fakeClaude("echo claude-$((40 + 2))-ran");
    await using terminal = new Terminal(world, {
      RPAI_TOKEN: "token-of-a-test",
    });
    await terminal.open(world.project, 160);
    const launch = `${Deno.execPath()} run -A ${MAIN} -s ${gateway.url} -L a`;
    await terminal.run(launch);
    await terminal.shows(
      "claude-42-ran",
      `resume through the gateway: ai-claude -s ${gateway.url} -L a -- --continue`,
    );
    await terminal.run(`${launch} -- -p hi; echo do''ne`);
    assertFalse((await terminal.shows("done")).includes("resume"));
  },
);
