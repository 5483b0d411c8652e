/**
 * Runs `auth token` and ends itself without mercy while the new credentials are
 * being stored: the first replacement is the trial before the request, the
 * second the one that matters.
 *
 * @module
 */

import { denoSys } from "../../lib/deno_sys.ts";
import { run } from "../../main.ts";

const sys = denoSys(new URL("../../main.ts", import.meta.url).href);
let replacements = 0;
await run(["auth", "token"], {
  ...sys,
  replaceTextFile: async (path, text, options) => {
    if (++replacements < 2) {
      return await sys.replaceTextFile(path, text, options);
    }
    const next = options.temporary!;
    if (Deno.args[0] === "half-written") {
      await Deno.writeTextFile(next, text.slice(0, text.length / 2));
    } else if (Deno.args[0] === "before-rename") {
      await Deno.writeTextFile(next, text, { mode: 0o600 });
    }
    Deno.kill(Deno.pid, "SIGKILL");
    await new Promise(() => setInterval(() => {}, 1000));
  },
});
