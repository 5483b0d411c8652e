/**
 * The program as people get it: from a registry, in the three ways there are,
 * with a cache of its own.
 *
 * @module
 */

import { dirname } from "node:path";
import { denoDir } from "../../tools/measure.ts";
import { type Registry, startRegistry } from "../../tools/registry.ts";
import { type Ended, runCommand } from "../support/program.ts";

/** The ways to run it. */
export const WAYS = ["run", "x", "install"] as const;

/** A key of {@linkcode WAYS}. */
export type Way = typeof WAYS[number];

/** What is given to `deno run` and the others. */
const PACKAGE = "jsr:@rp/ai-claude";

/** What lets npm packages be found and fetched as the tests themselves do. */
const INHERITED = ["DENO_TLS_CA_STORE", "NPM_CONFIG_REGISTRY"];

/** A registry and a machine that has nothing of it yet. */
export interface Published extends AsyncDisposable {
  /** The registry, which may be disposed of early. */
  readonly registry: Registry;
  /** A folder that no test looks at. */
  readonly root: string;
  /** Makes the installed command, with `deno install -g`. */
  install(main?: string): Promise<Ended>;
  /** Runs the program to its end, without input. */
  run(way: Way, args: string[], options: PublishedOptions): Promise<Ended>;
  /** Runs Deno itself in the same surroundings. */
  deno(args: string[], options: PublishedOptions): Promise<Ended>;
}

/** Where and how it runs. */
export interface PublishedOptions {
  /** The working directory. */
  cwd: string;
  /** Variables of the environment. */
  env?: Record<string, string>;
}

/** Makes the machine; dispose of it with `await using`. */
export async function makePublished(): Promise<Published> {
  await using stack = new AsyncDisposableStack();
  const registry = stack.use(await startRegistry());
  const root = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "ai-claude-published-" }),
  );
  stack.defer(() => Deno.remove(root, { recursive: true }));
  const cache = `${root}/deno`;
  for (const folder of [cache, `${root}/home`, `${root}/fake`]) {
    await Deno.mkdir(folder);
  }
  // npm packages are the same for everybody, and need not be fetched again.
  await Deno.symlink(`${await denoDir()}/npm`, `${cache}/npm`);
  await Deno.writeTextFile(
    `${root}/fake/deno`,
    `#!/bin/sh\necho TAKEN OVER\n`,
    { mode: 0o755 },
  );
  const inherited = INHERITED.map((name) => [name, Deno.env.get(name)])
    .filter(([, value]) => value !== undefined);
  const env: Record<string, string> = {
    ...Object.fromEntries(inherited),
    HOME: `${root}/home`,
    DENO_DIR: cache,
    DENO_INSTALL_ROOT: `${root}/installed`,
    JSR_URL: registry.url,
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
  const fakeFirst = `${root}/fake:/usr/bin:/bin`;
  const start = (
    path: string,
    args: string[],
    PATH: string,
    options: PublishedOptions,
  ): Promise<Ended> =>
    runCommand(path, args, {
      cwd: options.cwd,
      env: { ...env, PATH, ...options.env },
    });
  const deno: Published["deno"] = (args, options) =>
    start(Deno.execPath(), args, fakeFirst, options);
  const all = stack.move();
  return {
    ...{ registry, root, deno },
    install: (main = PACKAGE) =>
      deno(["install", "-g", "-A", "-f", "-n", "ai-claude", main], {
        cwd: `${root}/home`,
      }),
    run: (way, args, options) => {
      if (way !== "install") {
        // `deno x` takes the first `--` for itself, wherever it stands.
        const rest = way === "x" ? ["--", ...args] : args;
        return deno([way, "-A", "--no-config", PACKAGE, ...rest], options);
      }
      // The installed script runs whatever `deno` is first.
      const path = `${dirname(Deno.execPath())}:${fakeFirst}`;
      return start(`${root}/installed/bin/ai-claude`, args, path, options);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
