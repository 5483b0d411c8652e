/**
 * What a launch is asked for and planned from, as data.
 *
 * @module
 */

import type { UserSettings } from "../claude/user_settings.ts";
import type { Mode } from "../gateway/mode.ts";
import type { Provider } from "../gateway/provider.ts";
import type { Flags } from "../profile/flags.ts";
import type { Platform } from "../system/sys.ts";
import type { Token, TokenRequest } from "../auth/token.ts";
import type { ModelChoice } from "./models.ts";

/** What the command line asks for. */
export interface LaunchRequest {
  flags: Flags;
  /** The caller's arguments for Claude Code. */
  claudeArgs: readonly string[];
  /**
   * Only show the plan: without Claude Code, if need be without a token and a
   * gateway, and without spending a refresh token.
   */
  dryRun: boolean;
}

export interface Route {
  /** How the gateway is authenticated. */
  mode: Mode;
  /** The provider's proxy URL. */
  providerUrl: string;
  /** Where the relay listens; absent without one. */
  relay?: RelayAddress;
}

/** Where a session's requests find the relay. */
export interface RelayAddress {
  /** Claude Code's base URL. */
  url: string;
  /** The Unix socket that they go over; absent when it listens on a port. */
  socket?: string;
}

/** The provider of a launch. */
export interface ProviderFacts {
  name: string;
  /** Its record, when it could be read. */
  record?: Provider;
}

/** The gateway's credential. */
export interface TokenFacts {
  /** The token that the session begins with; a dry run may have none. */
  first?: Token;
  /** What the next ones are resolved from. */
  request: TokenRequest;
  /** The `apiKeyHelper` command line. */
  helper: string;
  /**
   * Whether only the launcher can get one: a token that it was given, or a
   * client's secret in its environment. Neither goes to Claude Code.
   */
  held: boolean;
}

export interface UserFacts extends UserSettings {
  /** `-m`, or the profile's model. */
  model?: ModelChoice;
  /** Whether to keep quiet about values that the launch overrides. */
  quiet: boolean;
}

/** The machine, as far as a plan depends on it. */
export interface MachineFacts {
  /** The environment as found. */
  env: Readonly<Record<string, string>>;
  platform: Platform;
}

/** Everything that a launch is planned from. */
export interface Facts {
  /** Where the requests go; a relay's address is not known yet. */
  route: Route;
  relay: boolean;
  provider: ProviderFacts;
  token: TokenFacts;
  user: UserFacts;
  machine: MachineFacts;
  /** What the user should know, one line each. */
  warnings: string[];
}
