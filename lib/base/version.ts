/**
 * The name of the package, where it comes from, and the one version number.
 *
 * @module
 */

import manifest from "../../deno.json" with { type: "json" };

/** Name of this program's package. */
export const NAME: string = manifest.name;

/** Where JSR's packages come from unless told otherwise. */
export const JSR_URL = "https://jsr.io/";

/** Version of this program, as in `deno.json`. */
export const VERSION: string = manifest.version;
