/**
 * `deno task demo`: fetches Claude Code first when this machine has none.
 *
 * @module
 */

import { denoSys } from "../lib/system/deno_sys.ts";
import { findClaude } from "../lib/claude/find_claude.ts";
import { run } from "../main.ts";
import { ensureClaudeCode } from "./claude_code.ts";

const sys = denoSys(new URL("../main.ts", import.meta.url).href);
const claude = await findClaude(sys).catch(ensureClaudeCode);
const env = { ...sys.env, AI_CLAUDE_BIN: claude };
Deno.exit(await run(["demo", ...Deno.args], { ...sys, env }));
