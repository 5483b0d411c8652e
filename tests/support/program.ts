/**
 * The whole program in a throwaway home: a process of its own, a clean
 * environment, nothing signed in.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";

/** Path of the entry module. */
export const MAIN: string = fileURLToPath(
  new URL("../../main.ts", import.meta.url),
);

/** How a program ended. */
export interface Ended {
  /** Exit code. */
  code: number;
  /** Standard output. */
  stdout: string;
  /** Standard error. */
  stderr: string;
}

/**
 * Runs a program without input to its end, in that environment alone. One that
 * this process has written, such as a shim, may be held for a moment by a child
 * of another test, and cannot be run then (ETXTBSY).
 */
export async function runCommand(
  path: string,
  args: string[],
  options: { cwd?: string; env: Record<string, string> },
): Promise<Ended> {
  const command = new Deno.Command(path, {
    ...options,
    args,
    clearEnv: true,
    stdin: "null",
  });
  const { code, stdout, stderr } = await eventually(
    `${path} can be run`,
    async () => {
      try {
        return await command.output();
      } catch (error) {
        if (/\(os error 26\)$/.test((error as Error).message)) return undefined;
        throw error;
      }
    },
  );
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

/** What one run adds to the world. */
export interface RunOptions {
  /** Variables on top of the world's. */
  env?: Record<string, string>;
  /** Working directory; the world's project by default. */
  cwd?: string;
}

/** A throwaway home with a project in it. */
export interface World extends AsyncDisposable {
  /** The home directory. */
  readonly home: string;
  /** An empty project directory. */
  readonly project: string;
  /** The clean environment. */
  readonly env: Record<string, string>;
  /** Writes a file below the home directory, with its folders. */
  write(path: string, content: string | object, mode?: number): Promise<string>;
  /** A stand-in for `claude` that runs a shell script; returns its path. */
  fakeClaude(script: string): Promise<string>;
  /** Runs the program to its end, without input. */
  run(args: string[], options?: RunOptions): Promise<Ended>;
  /** Starts the program with its three streams piped. */
  start(args: string[], options?: RunOptions): Deno.ChildProcess;
  /** Names of all files below the home directory. */
  files(): Promise<string[]>;
}

/** Makes a world; dispose of it with `await using`. */
export async function makeWorld(): Promise<World> {
  const root = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "ai-claude-test-" }),
  );
  const home = `${root}/home`;
  const project = `${home}/project`;
  await Deno.mkdir(project, { recursive: true });
  const env: Record<string, string> = {
    PATH: "/usr/bin:/bin",
    HOME: home,
    TERM: "xterm-256color",
    TMPDIR: `${root}/tmp`,
    DENO_DIR: await denoDir(),
    // All traffic stays on this machine.
    DENO_NO_UPDATE_CHECK: "1",
  };
  await Deno.mkdir(env.TMPDIR);
  const write: World["write"] = async (path, content, mode) => {
    const full = `${home}/${path}`;
    await Deno.mkdir(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    const text = typeof content === "string"
      ? content
      : JSON.stringify(content);
    if (mode !== undefined && (mode & 0o111) !== 0) {
      await writeProgram(`${root}/${crypto.randomUUID()}`, full, text);
    } else await Deno.writeTextFile(full, text);
    if (mode !== undefined) await Deno.chmod(full, mode);
    return full;
  };
  const words = (args: string[]) => [
    ...["run", "--quiet", "--no-prompt", "--allow-all", MAIN],
    ...args,
  ];
  const placeOf = (options: RunOptions = {}) => ({
    cwd: options.cwd ?? project,
    env: { ...env, ...options.env },
  });
  return {
    home,
    project,
    env,
    write,
    fakeClaude: async (script) => {
      const path = await write("bin/claude", `#!/bin/sh\n${script}\n`, 0o755);
      env.AI_CLAUDE_BIN = path;
      return path;
    },
    run: (args, options) =>
      runCommand(Deno.execPath(), words(args), placeOf(options)),
    start: (args, options) =>
      new Deno.Command(Deno.execPath(), {
        ...placeOf(options),
        args: words(args),
        clearEnv: true,
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    files: () => listFiles(home),
    [Symbol.asyncDispose]: () => removeAll(root),
  };
}

/**
 * Writes a program by a process of its own. Where this one had it open, a child
 * that another test starts just then would have it open too, for a moment, and
 * nobody can run a file that somebody may write to (ETXTBSY).
 */
async function writeProgram(
  draft: string,
  path: string,
  text: string,
): Promise<void> {
  await Deno.writeTextFile(draft, text);
  const { success } = await new Deno.Command("cp", { args: [draft, path] })
    .output();
  if (!success) throw new Error(`cannot write ${path}`);
}

/** A program that is just ending may still write below the directory. */
async function removeAll(dir: string): Promise<void> {
  await eventually(
    `${dir} was removed`,
    () =>
      Deno.remove(dir, { recursive: true }).then(() => true, () => undefined),
  );
}

let knownDenoDir: string | undefined;

/** The cache of the Deno that runs the tests, so that nothing is fetched again. */
async function denoDir(): Promise<string> {
  if (knownDenoDir === undefined) {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json"],
    }).output();
    const info: { denoDir: string } = JSON.parse(
      new TextDecoder().decode(stdout),
    );
    knownDenoDir = info.denoDir;
  }
  return knownDenoDir;
}

/** Paths of all files below a folder, sorted. */
export async function listFiles(root: string, below = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(`${root}/${below}`)) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory) names.push(...await listFiles(root, path));
    else names.push(path);
  }
  return names.sort();
}
