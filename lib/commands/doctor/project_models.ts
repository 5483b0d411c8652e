/**
 * Agents, commands and skills of the project that ask for a model of their own:
 * Claude Code follows the file whatever a launch says, and retries a refused
 * model in silence.
 *
 * @module
 */

import { CliError } from "../../base/errors.ts";
import type { Facts } from "../../launch/facts.ts";
import { modelInput } from "../../launch/model_input.ts";
import { type ModelChoice, planModels } from "../../launch/models.ts";
import { joinPath } from "../../system/find_program.ts";
import type { Sys } from "../../system/sys.ts";
import { type Finding, skip, warn } from "./check.ts";

type ProjectReader = Pick<Sys, "platform" | "cwd" | "readDir" | "readTextFile">;

/** Bounds on what is read of a project. */
const MAX_DEPTH = 4;
const MAX_FILE_BYTES = 256 * 1024;

/** One finding for each file whose model the provider would refuse. */
export async function projectModels(
  facts: Facts,
  sys: ProjectReader,
): Promise<Finding[]> {
  const { record } = facts.provider;
  const choices = await modelsOfFiles(sys);
  return choices.flatMap((choice) => {
    if (record === undefined) {
      const message = `"${choice.id}" (${choice.from})`;
      return [skip(`${message}: the allow-list is not known`)];
    }
    try {
      // A launch judges a fallback model, and nothing else of this.
      const { provider, allowed, region } = modelInput(facts);
      planModels({
        ...{ provider, allowed, region },
        ...{ fallbacks: [choice], configured: [], userPins: {} },
      });
      return [];
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      return [warn(
        error.message,
        `change "model" in that file, or remove it; ${error.hint}`,
      )];
    }
  });
}

/** What the files ask for, from the working directory up to the repository. */
async function modelsOfFiles(sys: ProjectReader): Promise<ModelChoice[]> {
  const found: ModelChoice[] = [];
  for (let dir = sys.cwd();;) {
    for (const kind of ["agents", "commands", "skills"]) {
      const folder = joinPath(sys.platform, dir, ".claude", kind);
      for (const path of await markdownFiles(folder, sys)) {
        const text = await sys.readTextFile(path, MAX_FILE_BYTES)
          .catch(() => undefined);
        const id = modelOf(text ?? "");
        if (id !== undefined) found.push({ id, from: `"model" in ${path}` });
      }
    }
    const entries = await sys.readDir(dir).catch(() => undefined);
    const parent = dir.replace(/[\\/][^\\/]*$/, "");
    if (entries?.includes(".git") || parent === "" || parent === dir) {
      return found;
    }
    dir = parent;
  }
}

async function markdownFiles(
  dir: string,
  sys: ProjectReader,
  depth = 0,
): Promise<string[]> {
  const names = await sys.readDir(dir).catch(() => undefined) ?? [];
  const found: string[] = [];
  for (const name of names) {
    const path = joinPath(sys.platform, dir, name);
    if (name.endsWith(".md")) found.push(path);
    else if (depth < MAX_DEPTH) {
      found.push(...await markdownFiles(path, sys, depth + 1));
    }
  }
  return found;
}

/**
 * The model in a file's front matter, unless it is the session's own.
 *
 * @example
 * ```ts
 * import { modelOf } from "./project_models.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(modelOf("---\nname: a\nmodel: opus\n---\nHello"), "opus");
 * assertEquals(modelOf("---\nname: a\n---\nmodel: opus"), undefined);
 * ```
 */
export function modelOf(text: string): string | undefined {
  const matter = /^\uFEFF?---[ \t]*\r?\n(.*?)(?<=\n)---[ \t]*\r?(?:\n|$)/s.exec(
    text,
  )?.[1];
  const value = /^model:[ \t]*(["']?)([^\s#"']+)\1[ \t]*(?:#.*)?\r?$/m
    .exec(matter ?? "")?.[2];
  return value === "inherit" ? undefined : value;
}
