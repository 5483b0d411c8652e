/**
 * Tells when Claude Code learns a name that somebody has to look at: one that
 * could route, authenticate, choose a model, name a program or a certificate,
 * and is neither in the routing table nor in `tests/contract/reviewed_names.json`.
 *
 * `deno task canary [--claude VERSION | --input FILE]`
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import reviews from "../tests/contract/reviewed_names.json" with {
  type: "json",
};
import { ensureClaudeCode } from "./claude_code.ts";
import { readNames, unreviewed } from "./client_names.ts";

/** Fewer names than this: the client spells them in another way now. */
const LEAST = { variables: 1000, settings: 100 };

async function main(): Promise<number> {
  const args = parseArgs(Deno.args, {
    string: ["claude", "input"],
    unknown: (argument) => {
      throw new Error(`Unknown argument "${argument}"`);
    },
  });
  const given = (name: string) => args[name] ? String(args[name]) : undefined;
  const path = given("input") ?? await ensureClaudeCode(given("claude"));
  const found = await readNames(path);
  const { variables, settings } = found;
  const counts = `${variables.size} variables, ${settings.size} settings keys`;
  if (
    variables.size < LEAST.variables || settings.size < LEAST.settings
  ) {
    await say(`error: Cannot take the names out of "${path}": only ${counts}`);
    return 1;
  }
  const fresh = unreviewed(found, reviews);
  for (const name of fresh) {
    await say(`error: Nobody has reviewed "${name}" of Claude Code yet`);
  }
  if (fresh.length > 0) {
    await say(
      "hint: add a row to lib/launch/routing.ts, or the name with its class to " +
        "tests/contract/reviewed_names.json",
    );
    return 1;
  }
  await say(`${counts}: those that look like routing are reviewed`);
  return 0;
}

async function say(line: string): Promise<void> {
  await Deno.stderr.write(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) Deno.exit(await main());
