/**
 * Takes the stand-ins of `links/` out of `deno.json`, in place, and their lock
 * file away: for a checkout that the workflows run with the real packages, and
 * publish from. The next command that needs a lock file makes one of those.
 *
 * @module
 */

const path = new URL("../deno.json", import.meta.url);
const { links: _, ...config } = JSON.parse(await Deno.readTextFile(path));
await Deno.writeTextFile(path, JSON.stringify(config, null, 2) + "\n");
await Deno.remove(new URL("../deno.lock", import.meta.url));
const { success } = await new Deno.Command(Deno.execPath(), {
  args: ["fmt", "--quiet", "deno.json"],
  cwd: new URL("../", import.meta.url),
}).output();
if (!success) throw new Error("deno fmt failed");
