/**
 * The name of the package and the one version number.
 *
 * @module
 */

import manifest from "../../deno.json" with { type: "json" };

/** Name of this program's package. */
export const NAME: string = manifest.name;

/** Version of this program, as in `deno.json`. */
export const VERSION: string = manifest.version;
