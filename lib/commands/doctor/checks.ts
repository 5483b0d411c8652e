/**
 * The checks of the doctor, in the order in which to put things right.
 *
 * @module
 */

import type { CheckSpec } from "./check.ts";
import type { Examination } from "./examination.ts";
import { checkConfig } from "./config_check.ts";
import {
  checkGateway,
  checkModel,
  checkProvider,
  checkToken,
} from "./gateway_checks.ts";
import { checkLogin } from "./login_check.ts";
import { checkClaude, checkProgram, checkTerminal } from "./machine_checks.ts";
import { checkRelease } from "./release_check.ts";
import { checkSettings } from "./settings_check.ts";

/** Every check. */
export const CHECKS: readonly CheckSpec<Examination>[] = [
  { name: "program", run: checkProgram },
  { name: "release", run: checkRelease },
  { name: "claude", run: checkClaude },
  { name: "config", run: checkConfig },
  { name: "token", run: checkToken },
  { name: "gateway", run: checkGateway },
  { name: "provider", run: checkProvider },
  { name: "login", run: checkLogin },
  { name: "model", run: checkModel },
  { name: "settings", run: checkSettings },
  { name: "terminal", run: checkTerminal },
];
