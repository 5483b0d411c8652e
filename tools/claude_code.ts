/**
 * The real Claude Code, for the demo and the contract tests: fetched from the
 * npm registry by Deno itself, kept outside the repository.
 * `deno run -A tools/claude_code.ts [VERSION]` prints the binary's path.
 *
 * @module
 */

/** The version that the demo and the tests run unless told otherwise. */
export const PINNED_VERSION = "2.1.332";

/** Names another version to the contract tests, by its number. */
export const VERSION_VARIABLE = "AI_CLAUDE_TEST_CLAUDE";

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

/** The version that the contract tests run. */
export function testedVersion(): string {
  return Deno.env.get(VERSION_VARIABLE) || PINNED_VERSION;
}

/**
 * Takes `--claude VERSION` out of a command line.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(takeVersion(["--claude", "latest", "-q"]), {
 *   version: "latest",
 *   rest: ["-q"],
 * });
 * ```
 */
export function takeVersion(
  args: readonly string[],
): { version?: string; rest: string[] } {
  const at = args.findIndex((arg) => /^--claude(=|$)/.test(arg));
  if (at === -1) return { rest: [...args] };
  const joined = args[at].startsWith("--claude=");
  const version = joined ? args[at].slice("--claude=".length) : args[at + 1];
  if (!version) throw new Error("--claude needs a version, or latest");
  const rest = args.toSpliced(at, joined ? 1 : 2);
  return { version, rest };
}

/** The number of a version that may be `pinned`, or a tag such as `latest`. */
export async function versionNumber(version: string): Promise<string> {
  if (version === "pinned") return PINNED_VERSION;
  if (/^\d/.test(version)) return version;
  const name = packageOfThisMachine();
  const work = await Deno.makeTempDir();
  try {
    await install(name, version, work, ["--lockfile-only"]);
    const lock = JSON.parse(await Deno.readTextFile(`${work}/deno.lock`));
    return String(lock.specifiers[`npm:${name}@${version}`]);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/**
 * The absolute path of that version of `claude`, fetched first when it is not
 * there. Throws an `Error` that says what went wrong, with what `deno install`
 * said.
 */
export async function ensureClaudeCode(
  version = "pinned",
): Promise<string> {
  const name = packageOfThisMachine();
  const cache = cacheFolder(Deno.build.os, Deno.env.toObject());
  if (!cache) {
    throw new Error("No place for Claude Code: set AI_CLAUDE_TEST_CACHE");
  }
  const number = await versionNumber(version);
  const folder = `${cache}/claude-code-${number}`;
  if (!await exists(folder)) await fetchPackage(name, number, cache, folder);
  const binary = Deno.build.os === "windows" ? "claude.exe" : "claude";
  return await Deno.realPath(`${folder}/${binary}`);
}

function packageOfThisMachine(): string {
  const name = platformPackage(Deno.build);
  if (name) return name;
  throw new Error(`There is no Claude Code for ${Deno.build.target}`);
}

/** Puts the npm package in the folder, whole or not at all. */
async function fetchPackage(
  name: string,
  version: string,
  cache: string,
  folder: string,
): Promise<void> {
  await progress(`fetching Claude Code ${version} (about 380 MB) ...`);
  await Deno.mkdir(cache, { recursive: true });
  const work = await Deno.makeTempDir({ dir: cache, prefix: "fetching-" });
  try {
    await install(name, version, work, [
      "--no-lock",
      "--node-modules-dir=auto",
    ]);
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

async function progress(line: string): Promise<void> {
  await Deno.stderr.write(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) {
  try {
    const path = await ensureClaudeCode(Deno.args[0]);
    await Deno.stdout.write(new TextEncoder().encode(`${path}\n`));
  } catch (error) {
    await progress(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
