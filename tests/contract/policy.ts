/**
 * Managed policy files of a test's own, put in place in a mount namespace, which
 * takes root on Linux.
 *
 * @module
 */

import { type Ended, runCommand, type World } from "../support/program.ts";

/** Runs a command line where the policy files are the given ones. */
export async function runUnderPolicy(
  world: World,
  files: Record<string, object | string>,
  command: string[],
  env: Record<string, string>,
): Promise<Ended> {
  // All of it is gone with the namespace; the real /etc stays as it is.
  const real = `${world.home}/etc`;
  const script = `set -e
mkdir -p "${real}"
mount --bind /etc "${real}"
mount -t tmpfs -o mode=755 tmpfs /etc
ln -s "${real}"/* /etc/
rm -rf /etc/claude-code
cp -a "${world.home}/policy" /etc/claude-code
exec "$@"`;
  await world.write("policy/.keep", "");
  for (const [name, content] of Object.entries(files)) {
    await world.write(`policy/${name}`, content);
  }
  return await runCommand(
    "unshare",
    ["-m", "sh", "-c", script, "sh", ...command],
    { cwd: world.project, env: { ...world.env, ...env } },
  );
}

/** Whether this machine lets the test have a mount namespace. */
export async function canUnshare(): Promise<boolean> {
  try {
    const args = ["-m", "mount", "--bind", "/etc", "/etc"];
    return (await new Deno.Command("unshare", { args }).output()).success;
  } catch {
    return false;
  }
}
