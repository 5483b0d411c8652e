/**
 * The drawing of a first run, made anew.
 *
 * @module
 */

import { assertEquals, assertFalse } from "@std/assert";
import { DRAWING, record } from "../../tools/record.ts";
import { terminalTest } from "../support/terminal.ts";

terminalTest(
  "tools/record.ts draws what docs/first-run.svg shows",
  async () => {
    const drawn = await record();
    // When this fails for a good reason: deno run -A tools/record.ts
    assertEquals(drawn, await Deno.readTextFile(DRAWING));
    for (const own of ["127.0.0.1", "ai-claude-test-"]) {
      assertFalse(drawn.includes(own), own);
    }
  },
);
