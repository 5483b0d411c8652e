/**
 * Runs `auth token` and sends itself a signal while the new credentials are being
 * stored: the first replacement is the trial before the request, the second the
 * one that matters. Without a signal's name it ends without mercy.
 *
 * @module
 */

import { denoSys } from "../../lib/system/deno_sys.ts";
import { runOn } from "../../main.ts";

const sys = denoSys(new URL("../../main.ts", import.meta.url).href);
let replacements = 0;
await runOn(["auth", "token"], {
  ...sys,
  replaceTextFile: async (path, text, options) => {
    if (++replacements < 2) {
      return await sys.replaceTextFile(path, text, options);
    }
    const [moment] = Deno.args;
    if (moment.startsWith("SIG")) {
      const signal = moment as Deno.Signal;
      const arrived = Promise.withResolvers<void>();
      Deno.addSignalListener(signal, arrived.resolve);
      Deno.kill(Deno.pid, signal);
      await arrived.promise;
      // With a listener left the signal would not end this process.
      Deno.removeSignalListener(signal, arrived.resolve);
      return await sys.replaceTextFile(path, text, options);
    }
    const next = options.temporary!;
    if (moment === "half-written") {
      await Deno.writeTextFile(next, text.slice(0, text.length / 2));
    } else if (moment === "before-rename") {
      await Deno.writeTextFile(next, text, { mode: 0o600 });
    }
    Deno.kill(Deno.pid, "SIGKILL");
    await new Promise(() => setInterval(() => {}, 1000));
  },
});
// The signal was sent again once the work was done; it ends this process when it
// arrives, which may take a busy machine a while.
await new Promise((resolve) => setTimeout(resolve, 5 * 60_000));
