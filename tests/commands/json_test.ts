/**
 * `-o json` of every command: what goes to stdout is one JSON document, or
 * nothing.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { commandName, COMMANDS } from "../../lib/cli/command_table.ts";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import { runInProcess } from "../support/in_process.ts";
import { makeIssued } from "../support/issued.ts";

/** What follows a command, by its words; `{}` stands for a new path. */
const ARGUMENTS: Readonly<Record<string, string[]>> = {
  "": ["--print-settings"],
  "run claude": ["--print-settings"],
  "auth login": ["--no-browser"],
  "profile use": ["p"],
  "profile add": ["new", "--ai-gateway-url", "https://gw.example.com"],
  "profile rename": ["p", "q"],
  "profile delete": ["p"],
  "profile set": ["p", "model=m"],
  "provider get": ["a"],
  "provider models": ["a"],
  "provider check": ["a"],
  shim: ["{}"],
  completions: ["bash"],
};

/** Commands that change something and have no result. */
const SILENT = [
  ...["auth login", "auth logout", "shim"],
  ...["use", "add", "delete", "rename", "set"].map((word) => `profile ${word}`),
];

for (const spec of COMMANDS) {
  const words = spec.words.join(" ");
  if (words === "help") continue; // a text for people

  Deno.test(`${commandName(spec)} -o json prints JSON`, async () => {
    await using place = await makeIssued();
    const { world, issuer } = place;
    await using gateway = startLoopbackGateway({
      providers: [{ name: "a", type: "anthropic", models: ["claude-x-1"] }],
    });
    await world.write(
      ".rpai/config",
      `profiles:\n  p:\n    ai_gateway_url: ${gateway.url}\n` +
        `    llm_provider: a\n    auth:\n      issuer: ${issuer.url}\n`,
    );
    await world.fakeClaude("exit 1");
    const args = (ARGUMENTS[words] ?? [])
      .map((arg) => arg.replace("{}", `${world.home}/shim`));
    const { code, stdout, stderr } = await runInProcess(
      [...spec.words, "-o", "json", ...args],
      { ...world.env, RPAI_TOKEN: "token-of-the-json-test" },
      { cwd: () => world.project },
    );
    if (SILENT.includes(words)) {
      assertEquals({ code, stdout }, { code: 0, stdout: "" }, stderr);
    } else assert(JSON.parse(stdout) !== null, stderr);
  });
}
