/**
 * What measures.
 *
 * @module
 */

/** What a launch is compared with: a program that does one fetch and one spawn. */
export const FLOOR = `
await (await fetch(Deno.args[0])).text();
const child = new Deno.Command(Deno.args[1], { stdin: "inherit" }).spawn();
Deno.exit((await child.status).code);
`;

/**
 * The middle one of some values.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(median([9, 1, 2]), 2);
 * ```
 */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/**
 * The medians of what some measurements give. They take turns, so that a noisy
 * machine disturbs all alike; a first round is thrown away.
 */
export async function medians(
  runs: number,
  measurements: readonly (() => Promise<number>)[],
): Promise<number[]> {
  const values: number[][] = measurements.map(() => []);
  for (let run = 0; run <= runs; run++) {
    for (const [at, measure] of measurements.entries()) {
      const value = await measure();
      if (run > 0) values[at].push(value);
    }
  }
  return values.map(median);
}

/** Resident memory of a process, in MiB. */
export async function residentMiB(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "rss=", "-p", String(pid)],
  }).output();
  return Number(new TextDecoder().decode(stdout)) / 1024;
}

/** The cache of this Deno: the measured programs must not fetch anything. */
export async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}
