/**
 * What the user asked for, as data.
 *
 * @module
 */

import type { Flags } from "../profile/flags.ts";

/** What the user asked for. */
export type Command =
  | { kind: "launch"; flags: Flags; claudeArgs: string[] }
  | { kind: "demo"; flags: Flags }
  | { kind: "doctor"; flags: Flags; shim?: string }
  | { kind: "auth-login"; flags: Flags }
  | { kind: "auth-logout"; flags: Flags }
  | { kind: "auth-status"; flags: Flags }
  | { kind: "auth-token"; flags: Flags }
  | { kind: "profile"; flags: Flags; action: string; names: string[] }
  | { kind: "provider"; flags: Flags; action: string; names: string[] }
  | { kind: "completions"; flags: Flags; shell: string }
  | { kind: "shim"; flags: Flags; path: string }
  | { kind: "run-shim"; flags: Flags; claudeArgs: string[] }
  | { kind: "complete"; flags: Flags; shell: string; line: string[] }
  | { kind: "version"; flags: Flags; asFlag?: true }
  | { kind: "help"; flags: Flags; topic: readonly string[] };
