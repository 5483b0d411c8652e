/**
 * A whole first run at a real terminal, with Ctrl-C at each question.
 *
 * @module
 */

import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import { CREDENTIALS } from "../support/issued.ts";
import { startLoopbackIssuer } from "../support/loopback_issuer.ts";
import { MAIN, makeWorld } from "../support/program.ts";
import { Terminal, terminalTest } from "../support/terminal.ts";

/** Installs a stand-in for Claude Code that says where it is routed. */
const NPM = `#!/bin/sh
echo "npm got: $*"
echo "npm warn" >&2
echo '#!/bin/sh
echo "claude-at:$ANTHROPIC_BASE_URL:"' > "$HOME/bin/claude"
/bin/chmod +x "$HOME/bin/claude"
`;

terminalTest(
  "a first run at a terminal goes on from where Ctrl-C ended it",
  async () => {
    await using world = await makeWorld();
    await using issuer = startLoopbackIssuer({
      email: "dev@example.com",
      device: { interval: 0.05, outcome: "never" },
    });
    await using gateway = startLoopbackGateway({
      accepts: (token) => issuer.isValid(token),
      providers: [
        { name: "anthropic", type: "anthropic" },
        { name: "bedrock", type: "bedrock" },
      ],
    });
    await world.write("bin/npm", NPM, 0o755);
    const deno = [Deno.execPath(), "run", "--quiet", "--allow-all", MAIN];
    const rc = await world.write(
      "rc",
      `ai() { PATH=$HOME/bin ${deno.join(" ")} "$@"; }\n`,
    );
    await using terminal = new Terminal(world, {
      BROWSER: "/bin/true",
      RC: rc,
    });
    await terminal.open(world.project, 160);
    await terminal.run(". $RC");
    const begin = () => terminal.run("ai > out; echo code:$?:");
    const files = async () =>
      (await world.files()).filter((name) => /^(?:bin|\.rpai)\//.test(name));
    const cancel = async (error: string) => {
      await terminal.type("", "C-c");
      const screen = await terminal.shows("code:130:");
      assertStringIncludes(screen, `error: ${error}`);
      assertStringIncludes(screen, "hint: ");
    };

    await begin();
    await terminal.shows("Run `npm install -g @anthropic-ai/claude-code` now?");
    await cancel("installation cancelled; nothing was changed");
    assertEquals(await files(), ["bin/npm"]);

    await begin();
    await terminal.shows("[Y/n]");
    await terminal.type("", "Enter");
    // What npm prints is no result of this program.
    await terminal.shows(
      "npm got: install -g @anthropic-ai/claude-code",
      "npm warn",
      "URL of the gateway (Enter to skip):",
    );
    await terminal.type(gateway.url.replace("http://", ""), "Enter");
    await terminal.shows(`did you mean ${gateway.url}?`);
    await cancel("first run cancelled; nothing was changed");
    assertEquals(await files(), ["bin/claude", "bin/npm"]);

    await begin();
    await terminal.shows("URL of the gateway (Enter to skip):");
    await terminal.type(gateway.url, "Enter");
    await terminal.shows('Made profile "default"', "another server's URL]");
    await cancel("sign-in cancelled; nothing was changed");
    const config = `${world.home}/.rpai/config`;
    const made = `current_profile: default\nprofiles:\n  default:\n` +
      `    ai_gateway_url: ${gateway.url}\n`;
    assertEquals(await Deno.readTextFile(config), made);

    await begin();
    await terminal.shows("another server's URL]");
    await terminal.type(issuer.url, "Enter");
    await terminal.shows("waiting for you to agree");
    await cancel("sign-in cancelled; nothing was changed");
    assertEquals(await Deno.readTextFile(config), made);
    assertFalse((await files()).includes(CREDENTIALS));

    await begin();
    await terminal.shows("another server's URL]");
    await terminal.type(issuer.url, "Enter");
    const screen = await terminal.shows("waiting for you to agree");
    const page = /http:\S+user_code=\S+/.exec(screen)?.[0];
    await (await fetch(page!)).body?.cancel();
    await terminal.shows("signed in as dev@example.com", "type to filter");
    await cancel("no provider was chosen");
    assertEquals(
      await Deno.readTextFile(config),
      `${made}    auth:\n      issuer: ${issuer.url}\n`,
    );

    await begin();
    await terminal.shows("type to filter");
    await terminal.type("", "Enter");
    await terminal.shows("code:0:");
    assertEquals(
      await Deno.readTextFile(`${world.project}/out`),
      `claude-at:${gateway.url}/llm/v1/providers/anthropic:\n`,
    );
  },
);
