/**
 * Modules that are fetched when they are used.
 *
 * @module
 */

import { CliError } from "./errors.ts";

/**
 * Imports what only rare commands need, and with it the npm packages that it
 * imports.
 *
 * From a registry Deno fetches whatever an `import("...")` names before a program
 * starts, whether it gets there or not; but it does not see a path that is no
 * literal. Neither does `deno compile`, so `compile.include` of deno.json names
 * each of these modules; `deno publish` warns of the one `import` here.
 *
 * @param path of the module, relative to its importer
 * @param importer `import.meta.url` of the caller
 * @throws {CliError} unavailable
 *
 * @example
 * ```ts
 * import { loadOnUse } from "./load_on_use.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { oneLine } = await loadOnUse<typeof import("./printable.ts")>(
 *   "./printable.ts",
 *   import.meta.url,
 * );
 * assertEquals(oneLine("a\nb"), "a?b");
 * ```
 */
export async function loadOnUse<Module>(
  path: string,
  importer: string,
): Promise<Module> {
  try {
    return await import(new URL(path, importer).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const [what] = reason.split("\n");
    throw new CliError(
      "unavailable",
      `cannot load a part of ai-claude, "${path}": ${what}`,
      {
        hint: "it is fetched when it is first used: try again with a network",
        cause,
      },
    );
  }
}
