/**
 * The real Claude Code, for the demo and the contract tests.
 * `deno run -A tools/claude_code.ts [VERSION]` prints the binary's path.
 *
 * @module
 */

import { ensurePackage, progress, taggedVersion } from "./npm_package.ts";

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
  return await taggedVersion(packageOfThisMachine(), version);
}

/**
 * The absolute path of that version of `claude`, fetched first when it is not
 * there. Throws an `Error` that says what went wrong, with what `deno install`
 * said.
 */
export async function ensureClaudeCode(
  version = "pinned",
): Promise<string> {
  const number = await versionNumber(version);
  const binary = Deno.build.os === "windows" ? "claude.exe" : "claude";
  const folder = await ensurePackage({
    name: packageOfThisMachine(),
    version: number,
    folder: `claude-code-${number}`,
    what: `Claude Code ${number} (about 380 MB)`,
    prepare: async (fetched) => {
      if (Deno.build.os !== "windows") {
        await Deno.chmod(`${fetched}/${binary}`, 0o755);
      }
    },
  });
  return await Deno.realPath(`${folder}/${binary}`);
}

function packageOfThisMachine(): string {
  const name = platformPackage(Deno.build);
  if (name) return name;
  throw new Error(`There is no Claude Code for ${Deno.build.target}`);
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
