/**
 * Signing in at a real terminal.
 *
 * @module
 */

import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import { makeIssued } from "../support/issued.ts";
import { MAIN } from "../support/program.ts";
import { Terminal, terminalTest } from "../support/terminal.ts";

terminalTest("a first launch at a terminal offers to sign in", async () => {
  await using place = await makeIssued();
  const { world, issuer } = place;
  await using gateway = startLoopbackGateway({
    accepts: (token) => issuer.isValid(token),
    providers: [{ name: "a", type: "anthropic" }],
  });
  await world.fakeClaude("echo claude-$((40 + 2))-ran");
  await using terminal = new Terminal(world, { BROWSER: "/bin/true" });
  await terminal.open(world.project);
  const launch = [
    Deno.execPath(),
    ...["run", "--quiet", "--allow-all", MAIN, "-s", gateway.url, "-L", "a"],
  ].join(" ");
  await terminal.run(launch);
  await terminal.shows("Sign in now? [Y/n]");
  await terminal.type("n", "Enter");
  await terminal.shows("error: not signed in");
  await terminal.run(launch);
  await terminal.shows("Sign in now? [Y/n]");
  await terminal.type("", "Enter");
  await terminal.shows("signed in as dev@example.com", "claude-42-ran");
});
