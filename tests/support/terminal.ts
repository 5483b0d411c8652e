/**
 * A real terminal for tests, and waiting for what it shows.
 *
 * @module
 */

import type { World } from "./program.ts";

/** Waits for a condition, for at most half a minute. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  for (let tries = 0; tries < 300; tries++) {
    const value = await look();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`never happened: ${what}`);
}

/** A terminal with a shell in it, of `tmux`. */
export class Terminal implements AsyncDisposable {
  readonly #socket: string;
  readonly #env: Record<string, string>;

  /** A terminal in a world; `more` comes on top of its environment. */
  constructor({ env }: World, more: Record<string, string>) {
    this.#socket = `${env.TMPDIR}/tmux`;
    // tmux starts what it starts with the user's shell, which may be none.
    this.#env = { ...env, SHELL: "/bin/sh", ...more };
  }

  /** Runs a command of `tmux`. */
  async tmux(...args: string[]): Promise<string> {
    const { stdout } = await new Deno.Command("tmux", {
      args: ["-S", this.#socket, "-f", "/dev/null", ...args],
      clearEnv: true,
      env: this.#env,
    }).output();
    return new TextDecoder().decode(stdout);
  }

  /** Opens the shell. */
  async open(cwd: string, columns = 100, rows = 30): Promise<void> {
    const size = ["-x", `${columns}`, "-y", `${rows}`];
    await this.tmux(
      ...["new-session", "-d", ...size, "-c", cwd],
      "bash --norc --noprofile",
    );
    await this.shows("bash-");
    await this.type("PS1='shell''> '", "Enter");
    await this.shows("shell>");
  }

  /** Types text, then presses keys by tmux's names. */
  async type(text: string, ...keys: string[]): Promise<void> {
    if (text !== "") await this.tmux("send-keys", "-l", text);
    // A pause keeps the key from being taken for part of a paste.
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const key of keys) await this.tmux("send-keys", key);
  }

  /** Waits until the screen shows a text. */
  async shows(text: string): Promise<string> {
    let screen = "";
    try {
      return await eventually(text, async () => {
        screen = await this.tmux("capture-pane", "-p");
        return screen.includes(text) ? screen : undefined;
      });
    } catch (cause) {
      throw new Error(`the screen never showed "${text}":\n${screen}`, {
        cause,
      });
    }
  }

  /** Ends the terminal and all in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.tmux("kill-server");
  }
}

/** Whether this machine has the one tool that a clean one may lack. */
export async function hasTmux(): Promise<boolean> {
  try {
    return (await new Deno.Command("tmux", { args: ["-V"] }).output()).success;
  } catch {
    return false;
  }
}
