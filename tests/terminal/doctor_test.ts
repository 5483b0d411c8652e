import { assertFalse, assertStringIncludes } from "@std/assert";
import { MAIN, makeWorld } from "../support/program.ts";
import { Terminal, terminalTest } from "../support/terminal.ts";

const GREEN = "\x1b[32mok";
const RED = "\x1b[31mfail";

terminalTest(
  "the doctor's statuses are in colour on a terminal only, and not with NO_COLOR, --no-color or in a document",
  async () => {
    await using world = await makeWorld();
    await using terminal = new Terminal(world, {});
    await terminal.open(world.project, 160, 150);
    await terminal.run(`D='${Deno.execPath()} run -A ${MAIN} doctor'`);
    const screen = async (command: string) => {
      await terminal.run(`${command}; echo do''ne`);
      await terminal.shows("done");
      return await terminal.tmux("capture-pane", "-p", "-e");
    };
    const coloured = await screen("$D");
    assertStringIncludes(coloured, GREEN);
    assertStringIncludes(coloured, RED);
    for (
      const command of [
        ...["$D --no-color", "NO_COLOR=1 $D", "$D | cat"],
        ...["$D -o json", "$D -o yaml", "$D -o markdown"],
      ]
    ) {
      const shown = await screen(command);
      assertStringIncludes(shown, "Claude Code is not installed");
      assertFalse(shown.includes("\x1b[3"), command);
    }
  },
);
