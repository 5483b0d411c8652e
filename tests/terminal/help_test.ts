import { assertFalse, assertStringIncludes } from "@std/assert";
import { MAIN, makeWorld } from "../support/program.ts";
import { Terminal, terminalTest } from "../support/terminal.ts";

const BOLD = "\x1b[1mUsage:";

terminalTest(
  "help is in colour on a terminal only, and not with NO_COLOR or --no-color",
  async () => {
    await using world = await makeWorld();
    await using terminal = new Terminal(world, {});
    await terminal.open(world.project);
    await terminal.run(`H='${Deno.execPath()} run -A ${MAIN} version --help'`);
    const screen = async (command: string) => {
      await terminal.run(`${command}; echo do''ne`);
      await terminal.shows("done");
      return await terminal.tmux("capture-pane", "-p", "-e");
    };
    assertStringIncludes(await screen("$H"), BOLD);
    for (const command of ["$H --no-color", "NO_COLOR=1 $H", "$H | cat"]) {
      const shown = await screen(command);
      assertStringIncludes(shown, "Usage: ai-claude version");
      assertFalse(shown.includes(BOLD), command);
    }
  },
);
