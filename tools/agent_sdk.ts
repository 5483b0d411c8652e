/**
 * The real Agent SDK, for the contract tests.
 *
 * @module
 */

import { ensurePackage } from "./npm_package.ts";

/** The version that the tests run. */
export const PINNED_SDK_VERSION = "0.3.332";

/** The absolute path of the SDK's module, fetched first when it is not there. */
export async function ensureAgentSdk(): Promise<string> {
  const folder = await ensurePackage({
    name: "@anthropic-ai/claude-agent-sdk",
    version: PINNED_SDK_VERSION,
    folder: `claude-agent-sdk-${PINNED_SDK_VERSION}`,
    what: `the Agent SDK ${PINNED_SDK_VERSION}`,
    // A system for which there is no Claude Code to come along: the tests have
    // one, and its module needs no other package.
    flags: ["--os", "aix"],
  });
  return await Deno.realPath(`${folder}/sdk.mjs`);
}
