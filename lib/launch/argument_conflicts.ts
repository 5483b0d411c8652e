/**
 * Ways of running a session that a launch cannot keep on the gateway.
 *
 * @module
 */

import { carrierOf } from "./carrier.ts";
import { findSwitch, subcommand } from "../claude/claude_args.ts";
import type { Conflict } from "./conflict.ts";
import type { Facts } from "./facts.ts";

const BACKGROUND_SWITCHES = ["--bg", "--background"];
const BACKGROUND_COMMANDS = ["agents", "daemon"];

/** What runs the session in the vendor's cloud, off the gateway. */
const CLOUD_SWITCHES = ["--cloud", "--teleport", "--environment"];
const CLOUD_COMMANDS = ["ultrareview"];

/** Values that leave `CLAUDE_CODE_SIMPLE` off (2.1.330). */
const OFF = ["", "0", "false", "no"];

/** Finds the caller's arguments that do not go with the launch. */
export function argumentConflicts(
  { route, relay, token, user, machine }: Facts,
): Conflict[] {
  const { mode } = route;
  const { claudeArgs } = user;
  const { env } = machine;
  const word = subcommand(claudeArgs) ?? "";
  const find = (switches: string[], commands: string[]) =>
    findSwitch(claudeArgs, switches) ??
      commands.find((command) => command === word);
  const background = find(BACKGROUND_SWITCHES, BACKGROUND_COMMANDS);
  if (token.held && mode !== "passthrough") {
    const [what, reason] = background !== undefined
      ? [background, "the session would outlive it"]
      : ["--no-relay", "Claude Code's environment is no place for it"];
    const given = token.request.static;
    const held = given ? `a token from ${given.source}` : "a client's secret";
    return background === undefined && relay ? [] : [{
      refused: true,
      message:
        `${what} does not go with ${held}, which only this launch has: ` +
        reason,
      hint: `leave out ${what}, or sign in: ai-claude auth login`,
    }];
  }
  if (carrierOf(route) === "relay" && background !== undefined) {
    return [{
      refused: true,
      message:
        `${background} does not work with the relay: the session outlives this ` +
        "launch, and the relay ends with it",
      hint: `leave out ${background}${
        mode === "passthrough" ? "" : ", or launch with --no-relay"
      }`,
    }];
  }
  if (mode !== "passthrough") return [];
  const cloud = find(CLOUD_SWITCHES, CLOUD_COMMANDS);
  const bare = findSwitch(claudeArgs, ["--bare"]) ??
    (OFF.includes(env.CLAUDE_CODE_SIMPLE ?? "")
      ? undefined
      : "CLAUDE_CODE_SIMPLE");
  const reasons: [string | undefined, string][] = [
    [background, "a background session does not carry the gateway header"],
    [cloud, "the session would run in the vendor's cloud, off the gateway"],
    [bare, "it never reads the subscription login"],
  ];
  return reasons.filter(([what]) => what !== undefined).map((
    [what, reason],
  ) => ({
    refused: true,
    message: `${what} does not work in passthrough: ${reason}`,
    hint: `${
      what === "CLAUDE_CODE_SIMPLE" ? "unset" : "leave out"
    } ${what}, or use a managed provider`,
  }));
}
