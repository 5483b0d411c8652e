/**
 * `deno publish --dry-run` of what would be published. It wants every module in
 * the package's folder published, the stand-ins of `links/` too, so this runs
 * it on a copy of the package that has them beside it.
 *
 * @module
 */

import { cp } from "node:fs/promises";

const root = new URL("../", import.meta.url);
const file = new URL("deno.json", root);
const config = JSON.parse(await Deno.readTextFile(file));
const links: string[] = config.links ?? [];

const work = await Deno.makeTempDir({ prefix: "ai-claude-publish-" });
const copy = (path: string, folder = "package/") =>
  cp(new URL(path, root), `${work}/${folder}${path}`, { recursive: true });
let code: number;
try {
  await Promise.all([
    ...config.publish.include.map((path: string) => copy(path)),
    ...links.map((path) => copy(path, "")),
  ]);
  config.links = links.map((path) => `../${path}`);
  await Deno.writeTextFile(
    `${work}/package/deno.json`,
    JSON.stringify(config),
  );
  const { status } = new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty"],
    cwd: `${work}/package`,
  }).spawn();
  ({ code } = await status);
} finally {
  await Deno.remove(work, { recursive: true });
}
Deno.exit(code);
