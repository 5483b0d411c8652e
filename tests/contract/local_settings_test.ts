/**
 * Contract with the real Claude Code: the local settings of a repository's root,
 * which it reads from anywhere below, and from linked worktrees.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { World } from "../support/program.ts";
import {
  GATEWAY_TOKEN,
  inParallel,
  makeArena,
  providerUrl,
  QUIET,
} from "./arena.ts";
import { fact } from "./fact.ts";
import { plainClaude } from "./plain_claude.ts";
import { sessionEnv, SHOW_ENV } from "./session_env.ts";

/** Where a session runs in a repository, and whose local settings it then reads. */
interface Layout {
  name: string;
  /** The working directory, below the home. */
  cwd: string;
  /** Folders, below the home, whose local settings count. */
  counts: string[];
  /** What `.git` of the folder `link` holds, if that is of any matter. */
  git?: (home: string) => string;
}

const LAYOUTS: readonly Layout[] = [
  { name: "below the root", cwd: "repo/below", counts: ["repo", "repo/below"] },
  { name: "in a worktree", cwd: "tree", counts: ["repo", "tree"] },
  {
    name: "below a worktree",
    cwd: "tree/below",
    counts: ["repo", "tree/below"],
  },
  {
    name: "through a symbolic link",
    cwd: "shortcut",
    counts: ["repo", "repo/below"],
  },
  // What git would not write, but an archive can hold.
  {
    name: "below a link to nowhere",
    cwd: "link/below",
    counts: ["link", "link/below"],
    git: (home) => `gitdir: ${home}/nowhere/.git/worktrees/x\n`,
  },
  {
    name: "below a link that is not mutual",
    cwd: "link/below",
    counts: ["link", "link/below"],
    git: (home) => `gitdir: ${home}/repo/.git/worktrees/tree\n`,
  },
  {
    name: "below an odd link",
    cwd: "link/below",
    counts: ["link/main", "link/below"],
    git: () => "gitdir:main/.git/y/../worktrees/x ",
  },
];

/** Folders with local settings. */
const FOLDERS = [
  ...["repo", "repo/below", "tree", "tree/below"],
  ...["link", "link/below", "link/main"],
];

async function layOut(world: World, { git }: Layout): Promise<void> {
  const { home } = world;
  const run = async (...args: string[]) => {
    const { success } = await new Deno.Command("git", {
      args: ["-c", "user.name=x", "-c", "user.email=x@y", ...args],
      cwd: `${home}/repo`,
      env: world.env,
      clearEnv: true,
    }).output();
    assertEquals(success, true, `git ${args}`);
  };
  await Deno.mkdir(`${home}/repo`);
  await run("init", "-q");
  await run("commit", "-q", "--allow-empty", "-m", "x");
  await run("worktree", "add", "-q", `${home}/tree`);
  await Deno.mkdir(`${home}/repo/below`);
  await Deno.symlink(`${home}/repo/below`, `${home}/shortcut`);
  const behind = "link/main/.git/worktrees/x";
  await world.write(`${behind}/commondir`, "../..\n");
  await world.write(`${behind}/gitdir`, `${home}/link/.git\n`);
  if (git !== undefined) await world.write("link/.git", git(home));
}

Deno.test("local settings of a repository's root count where Claude Code reads them, and none of them is missed", async () => {
  await inParallel(LAYOUTS, async (layout) => {
    await using arena = await makeArena();
    const { world, gateway } = arena;
    const { home } = world;
    const cwd = `${home}/${layout.cwd}`;
    await layOut(world, layout);
    const write = (env: (folder: string) => object) =>
      Promise.all(
        FOLDERS.map((folder) =>
          world.write(`${folder}/.claude/settings.local.json`, {
            env: env(folder),
          })
        ),
      );
    const variable = (folder: string) => `FROM_${folder.replace("/", "_")}`;
    await write((folder) => ({ [variable(folder)]: "1" }));
    await plainClaude({ ...world, project: cwd }, {
      ...QUIET,
      ANTHROPIC_AUTH_TOKEN: GATEWAY_TOKEN,
      ANTHROPIC_BASE_URL: providerUrl(gateway, "managed"),
    }, ["--settings", JSON.stringify(SHOW_ENV), "-p", "hi"]);
    const session = await sessionEnv(world);
    fact(
      `whose local settings count ${layout.name}`,
      layout.counts.toSorted(),
      FOLDERS.filter((folder) => session.has(variable(folder))).sort(),
    );
    // Each of them alone stops a launch.
    for (const culprit of layout.counts) {
      await write((folder) =>
        folder === culprit ? { ANTHROPIC_CUSTOM_HEADERS: "Host: x" } : {}
      );
      const { code, stderr } = await arena.prompt("managed", { cwd });
      assertEquals(code, 1, `${layout.name}: ${culprit}`);
      assertStringIncludes(
        stderr,
        `${home}/${culprit}/.claude/settings.local.json`,
      );
    }
    assertEquals(
      gateway.requests.filter(({ kind }) => kind === "messages").length,
      1,
    );
  });
});
