/**
 * `deno task test:contract [--claude VERSION]`: the contract tests with that
 * version of Claude Code, the pinned one by default. What else is given goes to
 * `deno test`.
 *
 * @module
 */

import { ensureAgentSdk } from "./agent_sdk.ts";
import {
  ensureClaudeCode,
  takeVersion,
  VERSION_VARIABLE,
  versionNumber,
} from "./claude_code.ts";

/** Where tests run Claude Code. */
const FOLDERS = ["tests/contract", "tests/published"];

const { version = "pinned", rest } = takeVersion(Deno.args);
const number = await versionNumber(version);
// Once, before test files side by side would each fetch it.
await ensureClaudeCode(number);
await ensureAgentSdk();
await Deno.stdout.write(
  new TextEncoder().encode(`Claude Code ${number}\n`),
);
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["test", "--allow-all", "--parallel", ...rest, ...FOLDERS],
  env: { [VERSION_VARIABLE]: number },
}).spawn().status;
Deno.exit(code);
