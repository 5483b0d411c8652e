/**
 * `ai-claude` starts Claude Code with its model traffic routed through the
 * Redpanda AI gateway, and keeps it there.
 *
 * ```sh
 * deno run -A --no-config jsr:@rp/ai-claude -L anthropic -- -p "hi"
 * ```
 *
 * For daily use: `deno install -g -A jsr:@rp/ai-claude`. The README has the rest.
 * The other export, `./helper`, is what Claude Code runs for a token.
 *
 * @module
 */

import { CliError } from "./lib/base/errors.ts";
import type { Command } from "./lib/cli/command.ts";
import { toCommand } from "./lib/cli/parse.ts";
import { launch } from "./lib/commands/launch.ts";
import { checkDeno } from "./lib/system/check_deno.ts";
import { denoSys } from "./lib/system/deno_sys.ts";
import type { Sys } from "./lib/system/sys.ts";

/**
 * Runs the program on this machine.
 *
 * @param argv arguments, without the program
 * @returns the exit code
 */
export async function run(argv: string[]): Promise<number> {
  return await runOn(argv, denoSys(import.meta.url));
}

/**
 * Runs the program on a machine of which a test may have replaced parts.
 *
 * @internal
 */
export async function runOn(argv: string[], sys: Sys): Promise<number> {
  try {
    checkDeno(sys);
    // A package, which an install from a checkout lacks: that gets an answer.
    const { parseArgs } = await import("@std/cli/parse-args");
    return await dispatch(toCommand(argv, parseArgs), sys);
  } catch (thrown) {
    const [{ describeError, errorStyle }, { shownError }] = await Promise.all([
      import("./lib/system/reporter.ts"),
      import("./lib/commands/shown_error.ts"),
    ]);
    const error = await shownError(thrown, argv, sys);
    sys.err(await describeError(error, errorStyle(argv, sys)));
    return error instanceof CliError ? error.exitCode : 1;
  }
}

/** What a launch takes is there from the start; other commands are loaded. */
async function dispatch(command: Command, sys: Sys): Promise<number> {
  switch (command.kind) {
    case "launch": {
      const dryRun = command.flags["print-settings"] === true;
      return await launch({ ...command, dryRun }, sys);
    }
    case "demo": {
      const { demo } = await import("./lib/commands/demo/demo.ts");
      return await demo(command.flags, sys);
    }
    case "doctor": {
      const { doctor } = await import("./lib/commands/doctor/doctor.ts");
      return await doctor(command.flags, sys, command.shim);
    }
    case "auth-login": {
      const { authLogin } = await import("./lib/commands/auth_login.ts");
      return await authLogin(command.flags, sys);
    }
    case "auth-logout": {
      const { authLogout } = await import("./lib/commands/auth_logout.ts");
      return await authLogout(command.flags, sys);
    }
    case "auth-status": {
      const { authStatus } = await import("./lib/commands/auth_status.ts");
      return await authStatus(command.flags, sys);
    }
    case "auth-token": {
      const { authToken } = await import("./lib/commands/auth_token.ts");
      return await authToken(command.flags, sys);
    }
    case "profile": {
      const { profileCommand } = await import(
        "./lib/commands/profile/profile_command.ts"
      );
      return await profileCommand(command, sys);
    }
    case "provider": {
      const { providerCommand } = await import(
        "./lib/commands/provider_command.ts"
      );
      return await providerCommand(command, sys);
    }
    case "shim": {
      const { shim } = await import("./lib/commands/shim.ts");
      return await shim(command, sys);
    }
    case "run-shim": {
      const { runShim } = await import("./lib/commands/shim.ts");
      return await runShim(command, sys);
    }
    case "completions": {
      const { completions } = await import("./lib/commands/completions.ts");
      return completions(command, sys);
    }
    case "complete": {
      const { complete } = await import("./lib/commands/complete.ts");
      return await complete(command, sys);
    }
    case "version": {
      const { version } = await import("./lib/commands/version_command.ts");
      return await version(command, sys);
    }
    case "help": {
      const { help } = await import("./lib/commands/help_command.ts");
      return await help(command, sys);
    }
    default:
      return command satisfies never;
  }
}

if (import.meta.main) {
  Deno.exit(await run(Deno.args));
}
