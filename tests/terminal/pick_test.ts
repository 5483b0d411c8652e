/**
 * Choosing a provider and a model at a real terminal.
 *
 * @module
 */

import {
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import type { LoopbackProvider } from "../../lib/loopback/gateway_options.ts";
import { storeToken } from "../support/issued.ts";
import { MAIN, makeWorld, type World } from "../support/program.ts";
import { Terminal, terminalTest } from "../support/terminal.ts";

const PROVIDERS: LoopbackProvider[] = [
  { name: "anthropic", type: "anthropic" },
  { name: "openai", type: "openai" },
  { name: "off", type: "anthropic", enabled: false },
  { name: "bedrock", type: "bedrock", region: "us-east-1" },
  { name: "subscription", type: "anthropic", passthrough: true },
];

/** A home, a gateway, a terminal with a shell in it, and a stub of `claude`. */
interface Place extends AsyncDisposable {
  world: World;
  terminal: Terminal;
  url: string;
}

async function makePlace(
  { providers = PROVIDERS, columns = 100, rows = 30 } = {},
): Promise<Place> {
  const world = await makeWorld();
  await storeToken(world, "tok");
  const gateway = startLoopbackGateway({ providers });
  // It says which provider it was given and reads its first line.
  await world.fakeClaude(
    'url="${ANTHROPIC_BEDROCK_BASE_URL:-$ANTHROPIC_BASE_URL}"\n' +
      'echo "claude:${url##*/}:"\n' +
      'read -r line; echo "heard:$line:"',
  );
  const launch = ["run", "--quiet", "--allow-all", MAIN, "-s", gateway.url];
  // A function, because a command line in full does not fit a narrow screen.
  const rc = await world.write(
    "rc",
    `ai() { '${Deno.execPath()}' ${launch.join(" ")} "$@"; }\n`,
  );
  const terminal = new Terminal(world, { RC: rc });
  await terminal.open(world.project, columns, rows);
  await terminal.run(". $RC");
  return {
    world,
    terminal,
    url: gateway.url,
    [Symbol.asyncDispose]: async () => {
      await terminal[Symbol.asyncDispose]();
      await gateway.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

const readState = async ({ world }: Place): Promise<unknown> =>
  JSON.parse(await Deno.readTextFile(`${world.home}/.rpai/ai-claude.state`));

/** The line below the list: the last to be drawn. */
const KEYS = "type to filter";

/** What is on the screen once the list is. */
const LIST = ["❯", KEYS];

/** The lines of the list, the active one with its pointer. */
const list = (screen: string) =>
  screen.split("\n").filter((line) => /^(?:❯| ) [a-z]/.test(line));

terminalTest(
  "a launch without a provider lets one choose, by arrows",
  async () => {
    await using place = await makePlace();
    const { terminal, url } = place;
    await terminal.run("ai; echo code:$?:");
    const first = await terminal.shows(...LIST);
    assertEquals(list(first), [
      "❯ anthropic     managed",
      "  bedrock       bedrock",
      "  subscription  passthrough",
    ]);
    await terminal.type("", "Down", "Down", "Up");
    await terminal.shows("❯ bedrock");
    await terminal.type("", "Enter");
    const chosen = await terminal.shows("claude:bedrock:");
    assertFalse(chosen.includes(KEYS), chosen);
    // Not a key of what comes next is lost to the list.
    await terminal.type("hello there", "Enter");
    await terminal.shows("heard:hello there:");
    await terminal.shows("code:0:");
    assertEquals(await readState(place), {
      last_provider: { [url]: "bedrock" },
    });
  },
);

terminalTest("typing filters the providers", async () => {
  await using place = await makePlace();
  const { terminal } = place;
  await terminal.run("ai");
  await terminal.shows(...LIST);
  await terminal.type("PASS");
  const filtered = await terminal.shows("❯ subscription", KEYS);
  assertEquals(list(filtered).length, 1, filtered);
  await terminal.type("x");
  await terminal.shows("No results found");
  // There is nothing to take yet.
  await terminal.type("", "Enter", "BSpace", "BSpace", "BSpace", "BSpace");
  await terminal.type("", "BSpace");
  await terminal.shows("❯ anthropic");
  // Tab completes what is active, and that still matches.
  await terminal.type("bed");
  await terminal.shows("❯ bedrock");
  await terminal.type("", "Tab");
  await terminal.shows("Provider: bedrock");
  await terminal.type("", "Enter");
  await terminal.shows("claude:bedrock:");
  await terminal.type("", "Enter");
  await terminal.shows("heard::");
});

for (const key of ["C-c", "Escape", "C-d"]) {
  terminalTest(
    `${key} leaves the choice with 130 and a sound terminal`,
    async () => {
      await using place = await makePlace();
      const { terminal, world } = place;
      const sound =
        "stty -a | grep -wo -e '-*icanon' -e '-*echo' | tr '\\n' '_'";
      await terminal.run(`ai; echo code:$?:; ${sound}; cat`);
      await terminal.shows(...LIST);
      await terminal.type("a", "Down", key);
      const screen = await terminal.shows("icanon_echo_");
      assertStringIncludes(screen, "error: no provider was chosen");
      assertStringIncludes(screen, "hint: name one with --llmprovider NAME");
      assertStringIncludes(screen, "code:130:");
      assertFalse(screen.includes("claude:"), screen);
      assertFalse(screen.includes(KEYS), screen);
      await terminal.type("typed", "Enter");
      // The terminal echoes it, and `cat` says it again.
      assertMatch(await terminal.shows("\ntyped"), /typed\s+typed/);
      assertFalse((await world.files()).includes(".rpai/ai-claude.state"));
    },
  );
}

terminalTest(
  "Ctrl-Z does not leave a terminal that takes no keys",
  async () => {
    await using place = await makePlace();
    const { terminal } = place;
    await terminal.run("ai");
    await terminal.shows(...LIST);
    await terminal.type("", "C-z", "Down");
    await terminal.shows("❯ bedrock");
    await terminal.type("", "Enter");
    await terminal.shows("claude:bedrock:");
  },
);

terminalTest("a list longer than a screen of 20 columns scrolls", async () => {
  const providers = Array.from({ length: 30 }, (_, index) => ({
    name: `a-provider-with-long-name-${index}`,
    type: "anthropic" as const,
  }));
  await using place = await makePlace({ providers, columns: 20, rows: 12 });
  const { terminal } = place;
  await terminal.run("ai");
  const first = await terminal.shows(...LIST);
  assertStringIncludes(first, "❯ a-provider-with-lo\nng-name-0\n");
  await terminal.type("", ...Array(12).fill("Down"));
  const later = await terminal.shows(
    "❯ a-provider-with-lo\nng-name-12\n",
    KEYS,
  );
  // Redrawn in place: the question is there once, and above the list.
  assertMatch(later, /^.*\n?\? Provider:\n/);
  assertEquals(later.split("Provider:").length, 2, later);
  await terminal.type("name-29");
  await terminal.shows("❯ a-provider-with-lo\nng-name-29\n");
  await terminal.type("", "Enter");
  await terminal.shows("claude:a-provider-wi\nth-long-name-29:");
});

terminalTest(
  "the last choice is offered first and not taken by itself",
  async () => {
    await using place = await makePlace();
    const { terminal, url } = place;
    await terminal.run("ai");
    await terminal.shows(...LIST);
    await terminal.type("sub");
    await terminal.shows("❯ subscription");
    await terminal.type("", "Enter");
    await terminal.shows("claude:subscription:");
    await terminal.type("", "Enter");
    await terminal.run("ai");
    const again = await terminal.shows(...LIST);
    assertEquals(list(again), [
      "❯ subscription  passthrough, chosen last time",
      "  anthropic     managed",
      "  bedrock       bedrock",
    ]);
    await terminal.type("", "Enter");
    await terminal.shows("claude:subscription:");
    await terminal.type("", "Enter");
    // Without a terminal it is not used.
    const ended = await place.world.run(["-s", url], {
      env: { RPAI_TOKEN: "tok" },
    });
    assertEquals([ended.code, ended.stdout], [2, ""]);
    assertStringIncludes(
      ended.stderr,
      "hint: providers Claude Code can use: anthropic, bedrock, subscription\n",
    );
    // Another profile has its own memory.
    await place.world.write(
      ".rpai/config",
      "profiles: {other: {auth_mode: device}}",
    );
    await terminal.run("ai -p other");
    assertMatch(await terminal.shows(...LIST), /❯ anthropic/);
    await terminal.type("bed");
    await terminal.shows("❯ bedrock");
    await terminal.type("", "Enter");
    await terminal.shows("claude:bedrock:");
    assertEquals(await readState(place), {
      last_provider: { [url]: "subscription", [`${url} other`]: "bedrock" },
    });
  },
);

terminalTest(
  "a state file that cannot be written or read is no error",
  async () => {
    await using place = await makePlace();
    const { terminal, world } = place;
    await Deno.mkdir(`${world.home}/.rpai/ai-claude.state`, {
      recursive: true,
    });
    await terminal.run("ai");
    await terminal.shows(...LIST);
    await terminal.type("", "Enter");
    const screen = await terminal.shows("claude:anthropic:");
    assertFalse(/error|warning|bug/.test(screen), screen);
  },
);

terminalTest(
  "--print-settings asks on stderr and keeps stdout clean",
  async () => {
    await using place = await makePlace();
    const { terminal, world } = place;
    await terminal.run(
      "ai --print-settings -o json > plan.json; echo code:$?:",
    );
    await terminal.shows(...LIST);
    await terminal.type("", "Down");
    await terminal.shows("❯ bedrock");
    await terminal.type("", "Enter");
    await terminal.shows("code:0:");
    const text = await Deno.readTextFile(`${world.project}/plan.json`);
    assertEquals(JSON.parse(text).provider, "bedrock");
  },
);

terminalTest(
  "nobody is asked when stdin or stderr is no terminal",
  async () => {
    await using place = await makePlace();
    const { terminal } = place;
    for (const command of ["ai < /dev/null", "ai 2> errors", "TERM=dumb ai"]) {
      await terminal.run(`${command}; echo code:$?:`);
      const screen = await terminal.shows("code:2:");
      assertFalse(screen.includes("Provider:"), screen);
    }
  },
);

terminalTest("--model ? lets one choose from the allow-list", async () => {
  const models = ["claude-opus-4-1", "claude-sonnet-4-6", "claude-haiku-4-5"];
  const providers = [
    { name: "anthropic", type: "anthropic" as const, models },
    { name: "open", type: "anthropic" as const },
  ];
  await using place = await makePlace({ providers });
  const { terminal, world } = place;
  await terminal.run(
    "ai -L anthropic -m '?' --print-settings -o json > plan.json; echo code:$?:",
  );
  assertEquals(
    list(await terminal.shows(...LIST)),
    ["❯ claude-opus-4-1", "  claude-sonnet-4-6", "  claude-haiku-4-5"],
  );
  await terminal.type("sonnet");
  await terminal.shows("❯ claude-sonnet-4-6");
  await terminal.type("", "Enter");
  assertStringIncludes(
    await terminal.shows("code:0:"),
    "model: claude-sonnet-4-6",
  );
  const text = await Deno.readTextFile(`${world.project}/plan.json`);
  assertEquals(JSON.parse(text).model, "claude-sonnet-4-6");
  await terminal.run("ai -L open -m '?'; echo code:$?:");
  assertStringIncludes(
    await terminal.shows("code:2:"),
    'error: provider "open" lists no models to choose from',
  );
  await terminal.run("ai -L anthropic -m '?'; echo code:$?:");
  await terminal.shows(...LIST);
  await terminal.type("", "C-c");
  assertStringIncludes(
    await terminal.shows("code:130:"),
    "error: no model was chosen",
  );
});

for (const flag of ["", "--no-color"]) {
  terminalTest(
    `the list is drawn ${flag === "" ? "in" : "without"} colours`,
    async () => {
      await using place = await makePlace();
      const { terminal } = place;
      await terminal.run(`ai ${flag}`);
      await terminal.shows(...LIST);
      const screen = await terminal.tmux("capture-pane", "-p", "-e");
      // deno-lint-ignore no-control-regex
      assertEquals(/\u001b\[/.test(screen), flag === "", screen);
    },
  );
}
