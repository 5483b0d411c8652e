/**
 * A real terminal for tests, and waiting for what it shows.
 *
 * @module
 */

import { eventually } from "./eventually.ts";
import type { World } from "./program.ts";

const PROMPT = "shell>";

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
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-S", this.#socket, "-f", "/dev/null", ...args],
      clearEnv: true,
      env: this.#env,
    }).output();
    const decoder = new TextDecoder();
    if (success) return decoder.decode(stdout);
    throw new Error(`tmux ${args.join(" ")}: ${decoder.decode(stderr)}`);
  }

  /** Opens the shell. */
  async open(cwd: string, columns = 100, rows = 30): Promise<void> {
    const size = ["-x", `${columns}`, "-y", `${rows}`];
    await this.tmux(
      ...["new-session", "-d", ...size, "-c", cwd],
      "bash --norc --noprofile",
    );
    await this.shows("bash-");
    await this.type(`PS1='${PROMPT.replace(">", "''>")} '`, "Enter");
  }

  /**
   * Runs a command once the shell is back at its prompt. The screen is empty
   * then, so that what it shows next is of this command.
   */
  async run(command: string): Promise<void> {
    await this.prompts();
    await this.tmux("send-keys", "-R");
    await this.type(command, "Enter");
  }

  /** Waits until the shell is at its prompt. */
  async prompts(prompt = PROMPT): Promise<void> {
    await this.#sees(
      "the prompt",
      (screen) => screen.trimEnd().split("\n").at(-1) === prompt,
    );
  }

  /** Types text, then presses keys by tmux's names. */
  async type(text: string, ...keys: string[]): Promise<void> {
    if (text !== "") await this.tmux("send-keys", "-l", text);
    for (const key of keys) await this.tmux("send-keys", key);
  }

  /** Waits until the screen shows these texts, which it must not yet do before. */
  async shows(...texts: string[]): Promise<string> {
    return await this.#sees(
      JSON.stringify(texts),
      (screen) => texts.every((text) => screen.includes(text)),
    );
  }

  async #sees(
    what: string,
    isThere: (screen: string) => boolean,
  ): Promise<string> {
    let screen = "";
    try {
      return await eventually(what, async () => {
        screen = await this.tmux("capture-pane", "-p");
        return isThere(screen) ? screen : undefined;
      });
    } catch (cause) {
      throw new Error(`the screen never showed ${what}:\n${screen}`, {
        cause,
      });
    }
  }

  /** Ends the terminal and all in it, unless it has ended by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.tmux("kill-server").catch(() => {});
  }
}

/** Whether this machine has the one tool that a clean one may lack. */
export async function hasTmux(): Promise<boolean> {
  const command = new Deno.Command("tmux", { args: ["-V"] });
  return await command.output().then(({ success }) => success, () => false);
}

const TMUX = await hasTmux();

/** Registers a test that takes `tmux`, and whatever else `needs` names. */
export function terminalTest(
  name: string,
  fn: () => Promise<void>,
  needs: string[] = [],
  ignore = false,
): void {
  const tools = new Intl.ListFormat("en").format(["tmux", ...needs]);
  Deno.test({ name: `${name} (needs ${tools})`, ignore: !TMUX || ignore, fn });
}
