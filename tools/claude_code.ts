/**
 * The real Claude Code, for the demo and the contract tests: one pinned
 * version, fetched from the npm registry by Deno itself, kept outside the
 * repository. `deno run -A tools/claude_code.ts` prints the binary's path.
 *
 * @module
 */

/** The one version that the demo and the tests run. */
export const CLAUDE_CODE_VERSION = "2.1.330";

/** What {@link platformPackage} decides by. */
export interface Platform {
  /** As `Deno.build.os`. */
  os: string;
  /** As `Deno.build.arch`. */
  arch: string;
  /** As `Deno.build.target`. */
  target: string;
}

/**
 * The npm package that holds the binary, or `undefined` for a platform without.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const target = "aarch64-unknown-linux-musl";
 * const linux = { os: "linux", arch: "aarch64", target };
 * assertEquals(
 *   platformPackage(linux),
 *   "@anthropic-ai/claude-code-linux-arm64-musl",
 * );
 * assertEquals(platformPackage({ ...linux, os: "freebsd" }), undefined);
 * ```
 */
export function platformPackage(platform: Platform): string | undefined {
  const { os, arch, target } = platform;
  const system = { linux: "linux", darwin: "darwin", windows: "win32" }[os];
  const cpu = { x86_64: "x64", aarch64: "arm64" }[arch];
  if (!system || !cpu) return undefined;
  const libc = target.endsWith("-musl") ? "-musl" : "";
  return `@anthropic-ai/claude-code-${system}-${cpu}${libc}`;
}

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

/**
 * The absolute path of the pinned `claude`, fetched first when it is not there.
 * Throws an `Error` that says what went wrong, with what `deno install` said.
 */
export async function ensureClaudeCode(): Promise<string> {
  const name = platformPackage(Deno.build);
  if (!name) {
    throw new Error(`There is no Claude Code for ${Deno.build.target}`);
  }
  const cache = cacheFolder(Deno.build.os, Deno.env.toObject());
  if (!cache) {
    throw new Error("No place for Claude Code: set AI_CLAUDE_TEST_CACHE");
  }
  const folder = `${cache}/claude-code-${CLAUDE_CODE_VERSION}`;
  if (!await exists(folder)) await fetchPackage(name, cache, folder);
  const binary = Deno.build.os === "windows" ? "claude.exe" : "claude";
  return await Deno.realPath(`${folder}/${binary}`);
}

/** Puts the npm package in the folder, whole or not at all. */
async function fetchPackage(
  name: string,
  cache: string,
  folder: string,
): Promise<void> {
  await progress(
    `fetching Claude Code ${CLAUDE_CODE_VERSION} (about 380 MB) ...`,
  );
  await Deno.mkdir(cache, { recursive: true });
  const work = await Deno.makeTempDir({ dir: cache, prefix: "fetching-" });
  try {
    await install(name, work);
    // Deno links node_modules/NAME to the real folder. Moving that one makes
    // the download appear at once, and a link would not survive the move.
    const fetched = await Deno.realPath(`${work}/node_modules/${name}`);
    if (Deno.build.os !== "windows") {
      await Deno.chmod(`${fetched}/claude`, 0o755);
    }
    await Deno.rename(fetched, folder).catch(async (error) => {
      // Somebody else was faster: theirs is as good.
      if (!await exists(folder)) throw error;
    });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Runs `deno install` in the folder; registry settings are inherited. */
async function install(name: string, folder: string): Promise<void> {
  // A package.json shuts out a deno.json further up.
  const dependencies = { [name]: CLAUDE_CODE_VERSION };
  const manifest = JSON.stringify({ private: true, dependencies });
  await Deno.writeTextFile(`${folder}/package.json`, manifest);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", "--no-lock", "--node-modules-dir=auto"],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const reason = new TextDecoder().decode(stderr).trim();
  throw new Error(
    `Cannot fetch ${name}@${CLAUDE_CODE_VERSION}: deno install failed\n${reason}`,
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

async function progress(line: string): Promise<void> {
  await Deno.stderr.write(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) {
  try {
    const path = await ensureClaudeCode();
    await Deno.stdout.write(new TextEncoder().encode(`${path}\n`));
  } catch (error) {
    await progress(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
