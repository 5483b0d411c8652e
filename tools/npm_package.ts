/**
 * Packages that only tests and the demo run: fetched from the npm registry by
 * Deno itself, kept outside the repository.
 *
 * @module
 */

/**
 * The folder that keeps what was fetched, or `undefined` when the environment
 * names no place for it.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const env = { HOME: "/home/me" };
 * assertEquals(cacheFolder("linux", env), "/home/me/.cache/ai-claude");
 * ```
 */
export function cacheFolder(
  os: string,
  env: Record<string, string | undefined>,
): string | undefined {
  if (env.AI_CLAUDE_TEST_CACHE) return env.AI_CLAUDE_TEST_CACHE;
  const home = env.HOME && `${env.HOME}/.cache`;
  const caches = os === "windows"
    ? env.LOCALAPPDATA
    : env.XDG_CACHE_HOME || home;
  return caches && `${caches}/ai-claude`;
}

/** A package that is wanted, without what it depends on. */
export interface WantedPackage {
  /** Its name in the registry. */
  name: string;
  /** Its number. */
  version: string;
  /** The name of its folder in the cache. */
  folder: string;
  /** What is said to be fetched. */
  what: string;
  /** More flags of `deno install`. */
  flags?: readonly string[];
  /** What is done to the fetched folder before others see it. */
  prepare?: (folder: string) => Promise<void>;
}

/**
 * The absolute path of the package's folder, fetched first when it is not there.
 * Throws an `Error` that says what went wrong, with what `deno install` said.
 */
export async function ensurePackage(wanted: WantedPackage): Promise<string> {
  const cache = cacheFolder(Deno.build.os, Deno.env.toObject());
  if (!cache) {
    throw new Error(`No place for ${wanted.what}: set AI_CLAUDE_TEST_CACHE`);
  }
  const folder = `${cache}/${wanted.folder}`;
  if (!await exists(folder)) await fetchPackage(wanted, cache, folder);
  return folder;
}

/** The number that a tag such as `latest` stands for. */
export async function taggedVersion(
  name: string,
  tag: string,
): Promise<string> {
  const work = await Deno.makeTempDir();
  try {
    await install(name, tag, work, ["--lockfile-only"]);
    const lock = JSON.parse(await Deno.readTextFile(`${work}/deno.lock`));
    return String(lock.specifiers[`npm:${name}@${tag}`]);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Puts the package in the folder, whole or not at all. */
async function fetchPackage(
  { name, version, what, flags = [], prepare }: WantedPackage,
  cache: string,
  folder: string,
): Promise<void> {
  await progress(`fetching ${what} ...`);
  await Deno.mkdir(cache, { recursive: true });
  const work = await Deno.makeTempDir({ dir: cache, prefix: "fetching-" });
  try {
    await install(name, version, work, [
      ...["--no-lock", "--node-modules-dir=auto"],
      ...flags,
    ]);
    // Deno links node_modules/NAME to the real folder. Moving that one makes
    // the download appear at once, and a link would not survive the move.
    const fetched = await Deno.realPath(`${work}/node_modules/${name}`);
    await prepare?.(fetched);
    await Deno.rename(fetched, folder).catch(async (error) => {
      // Somebody else was faster: theirs is as good.
      if (!await exists(folder)) throw error;
    });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Runs `deno install` in the folder; registry settings are inherited. */
async function install(
  name: string,
  version: string,
  folder: string,
  flags: string[],
): Promise<void> {
  // A package.json shuts out a deno.json further up.
  const manifest = { private: true, dependencies: { [name]: version } };
  await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify(manifest));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", ...flags],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const reason = new TextDecoder().decode(stderr).trim();
  throw new Error(
    `Cannot fetch ${name}@${version}: deno install failed\n${reason}`,
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Says on stderr what is being done. */
export async function progress(line: string): Promise<void> {
  await Deno.stderr.write(new TextEncoder().encode(`${line}\n`));
}
