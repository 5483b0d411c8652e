/**
 * `deno task demo [--claude VERSION]`: with that version of Claude Code, else
 * the one of this machine, else the pinned one, fetched first.
 *
 * @module
 */

import { denoSys } from "../lib/system/deno_sys.ts";
import { findClaude } from "../lib/claude/find_claude.ts";
import { runOn } from "../main.ts";
import { ensureClaudeCode, takeVersion } from "./claude_code.ts";

const sys = denoSys(new URL("../main.ts", import.meta.url).href);
const { version, rest } = takeVersion(Deno.args);
const claude = version === undefined
  ? await findClaude(sys).catch(() => ensureClaudeCode())
  : await ensureClaudeCode(version);
const env = { ...sys.env, AI_CLAUDE_BIN: claude };
Deno.exit(await runOn(["demo", ...rest], { ...sys, env }));
