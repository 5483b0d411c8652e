/**
 * Stand-ins for the programs that `ai-claude` runs, which write down how they
 * were run.
 *
 * @module
 */

import type { World } from "./program.ts";

/** How Claude Code was started. */
export interface Recording {
  /** Arguments, without the program. */
  argv: string[];
  /** Environment, without what the shell itself puts there. */
  env: Record<string, string>;
  /** Working directory. */
  cwd: string;
}

/**
 * The start of a stand-in's script: how Claude Code answers whether it accepts
 * the caller's settings. It does unless they hold `notAKey`.
 */
export const ANSWER_PROBE = `case "$*" in
  *notAKey*" auth status") echo '{"authMethod": "none"}'; exit 1 ;;
  *"auth status") echo '{"authMethod": "api_key_helper"}'; exit 0 ;;
  doctor) echo "- $CLAUDE_CONFIG_DIR/settings.json › notAKey: not a key"; exit ;;
esac`;

/**
 * Makes the world's `claude` one that writes down its arguments, environment
 * and working directory, then runs the rest of the script.
 *
 * @returns how it was started; throws when it was not
 */
export async function recordingClaude(
  world: World,
  rest = "exit 0",
): Promise<() => Promise<Recording>> {
  const path = await world.fakeClaude(`${ANSWER_PROBE}
dir="\${0%/*}"
: > "$dir/argv"
for arg in "$@"; do printf '%s\\0' "$arg" >> "$dir/argv"; done
/usr/bin/env -0 > "$dir/environ"
pwd > "$dir/cwd"
${rest}`);
  const dir = path.slice(0, path.lastIndexOf("/"));
  const words = async (name: string) =>
    (await Deno.readTextFile(`${dir}/${name}`)).split("\0").slice(0, -1);
  return async () => {
    const env = Object.fromEntries(
      (await words("environ")).map((entry) => {
        const end = entry.indexOf("=");
        return [entry.slice(0, end), entry.slice(end + 1)];
      }),
    );
    for (const name of ["PWD", "OLDPWD", "SHLVL", "_"]) {
      delete env[name];
    }
    return {
      argv: await words("argv"),
      env,
      cwd: (await Deno.readTextFile(`${dir}/cwd`)).trimEnd(),
    };
  };
}

/** Puts a stand-in for `rpk` on the world's PATH, which runs a shell script. */
export async function fakeRpk(world: World, script: string): Promise<string> {
  world.env.PATH = `${world.home}/rpk-bin:/usr/bin:/bin`;
  return await world.write("rpk-bin/rpk", `#!/bin/sh\n${script}\n`, 0o755);
}

/** An unsigned JWT that expires so many seconds from now. */
export function jwt(secondsLeft: number): string {
  const encode = (value: unknown) =>
    btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_")
      .replaceAll("=", "");
  const exp = Math.floor(Date.now() / 1000) + secondsLeft;
  return `${encode({ alg: "none" })}.${encode({ sub: "someone", exp })}.sig`;
}
