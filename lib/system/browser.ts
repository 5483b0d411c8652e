/**
 * Opening the user's browser, where there is one.
 *
 * @module
 */

import { findOnPath } from "./find_program.ts";
import type { Invocation, Sys } from "./sys.ts";

export type BrowserSys = Pick<
  Sys,
  "env" | "platform" | "isExecutable" | "isTerminal"
>;

/**
 * How to open a web address; `undefined` where nobody would see it: without a
 * terminal, in CI, over SSH, or without a display.
 */
export async function browserCommand(
  url: string,
  sys: BrowserSys,
): Promise<Invocation | undefined> {
  const { env, platform } = sys;
  const own = env.BROWSER;
  if (own) {
    const path = own.includes("/") || own.includes("\\")
      ? own
      : await findOnPath(own, sys);
    return path === undefined ? undefined : { path, args: [url], env };
  }
  const headless = !sys.isTerminal("stderr") || !!env.CI ||
    !!env.SSH_CONNECTION ||
    platform === "linux" && !env.DISPLAY && !env.WAYLAND_DISPLAY;
  if (headless) return undefined;
  const [name, ...args] = OPENERS[platform];
  const path = await findOnPath(name, sys);
  return path === undefined ? undefined : { path, args: [...args, url], env };
}

const OPENERS: Readonly<Record<Sys["platform"], readonly string[]>> = {
  linux: ["xdg-open"],
  darwin: ["open"],
  windows: ["rundll32", "url.dll,FileProtocolHandler"],
};
