/**
 * Contract with the real Claude Code: the commands of the workflows in
 * `docs/ci.md`, as a runner runs them. What is installed is here already.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "yaml";
import { startLoopbackGateway } from "../../lib/loopback/gateway.ts";
import { ensureClaudeCode, testedVersion } from "../../tools/claude_code.ts";
import { makeIssued } from "../support/issued.ts";
import {
  type Ended,
  MAIN,
  runCommand,
  type World,
} from "../support/program.ts";
import { QUIET } from "./arena.ts";

const SECRET = "hunter2secret";

/** What a test reads of a workflow's step. */
interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, string>;
  env?: Record<string, string>;
}

/** The steps of the page's workflows by their names. */
async function workflows(): Promise<Record<string, Step[]>> {
  const page = await Deno.readTextFile(
    new URL("../../docs/ci.md", import.meta.url),
  );
  const found = page.matchAll(/^```yaml\n(.*?)^```$/gms).map(([, text]) => {
    const { name, jobs } = parse(text);
    return [name, jobs[name].steps] as const;
  });
  return Object.fromEntries(found);
}

/** A runner of GitHub's in small. */
class Runner {
  readonly #world: World;
  /** What `${{ }}` stands for. */
  readonly #values: Record<string, string>;
  readonly temp: string;

  constructor(world: World, values: Record<string, string>) {
    this.#world = world;
    this.temp = `${world.home}/runner-temp`;
    this.#values = { "runner.temp": this.temp, ...values };
  }

  /** The value of an expression; one that is not known is a mistake. */
  expand(text: string): string {
    return text.replace(/\$\{\{ *(.*?) *\}\}/g, (_, name) => {
      assert(name in this.#values, name);
      return this.#values[name];
    });
  }

  /** Runs a step's commands. */
  async run({ run = "", env = {} }: Step): Promise<Ended> {
    const { home, project, env: own } = this.#world;
    const given = Object.entries(env).map(([name, value]) =>
      [name, this.expand(value)] as const
    );
    return await runCommand("bash", ["-e", "-c", run], {
      cwd: project,
      env: {
        ...own,
        ...QUIET,
        PATH: `${home}/bin:${own.PATH}`,
        GITHUB_BASE_REF: "main",
        GITHUB_STEP_SUMMARY: `${home}/summary`,
        RUNNER_TEMP: this.temp,
        ...Object.fromEntries(given),
      },
    });
  }
}

/** A home with what a runner has: a checkout, and stand-ins for the installs. */
async function prepare(world: World): Promise<void> {
  const installs = (program: string, args: string, effect: string) =>
    world.write(
      `bin/${program}`,
      `#!/bin/sh\n[ "$*" = "${args}" ] || exit 64\n${effect}\n`,
      0o755,
    );
  const claude = await ensureClaudeCode(testedVersion());
  await installs(
    "npm",
    "install -g @anthropic-ai/claude-code",
    `ln -sf '${claude}' "$HOME/bin/claude"`,
  );
  await world.write(
    "ai-claude",
    `#!/bin/sh\nexec '${Deno.execPath()}' run -A '${MAIN}' "$@"\n`,
    0o755,
  );
  await installs(
    "deno",
    "install -g -A jsr:@rp/ai-claude",
    'cp "$HOME/ai-claude" "$HOME/bin"',
  );
  const commit = [
    ...["-c", "user.name=t", "-c", "user.email=t@example.com"],
    ...["commit", "-q", "--allow-empty", "-m", "change"],
  ];
  const base = ["update-ref", "refs/remotes/origin/main", "HEAD"];
  for (const args of [["init", "-q"], commit, base, commit]) {
    const { success } = await new Deno.Command("git", {
      args,
      cwd: world.project,
      clearEnv: true,
      env: world.env,
    }).output();
    assert(success, args.join(" "));
  }
}

Deno.test("the commands of docs/ci.md install, sign in and ask through the gateway", async () => {
  await using place = await makeIssued({ clients: { ci: SECRET } });
  const { world, issuer } = place;
  const seen: string[] = [];
  await using gateway = startLoopbackGateway({
    accepts: (token) => issuer.isValid(token),
    providers: [{ name: "anthropic", type: "anthropic" }],
    reply: ({ body }) => {
      seen.push(JSON.stringify(body));
      return "No bugs.";
    },
  });
  await prepare(world);
  const { review, claude } = await workflows();
  const values = {
    "vars.AI_GATEWAY_URL": gateway.url,
    "secrets.RPAI_CLIENT_ID": "ci",
    "secrets.RPAI_CLIENT_SECRET": SECRET,
  };
  const runner = new Runner(world, values);

  for (const step of review.filter(({ run }) => run !== undefined)) {
    const ended = await runner.run(step);
    assertEquals(ended, { code: 0, stdout: "", stderr: "" }, step.run);
  }
  assertEquals(await Deno.readTextFile(`${world.home}/summary`), "No bugs.\n");
  assert(seen.some((body) => body.includes("Review this diff")));
  assert(issuer.count("client_credentials") > 0);

  const fork = new Runner(world, {
    ...values,
    "secrets.RPAI_CLIENT_ID": "",
    "secrets.RPAI_CLIENT_SECRET": "",
  });
  const refused = await fork.run(review.at(-1)!);
  assertEquals(refused.code, 3);
  assertStringIncludes(refused.stderr, "RPAI_CLIENT_ID");

  const [install] = claude.filter(({ run }) => run !== undefined);
  const installed = await runner.run(install);
  assertEquals(installed.code, 0, installed.stdout + installed.stderr);
  assertStringIncludes(installed.stdout, "through the gateway");
  const action = claude.find(({ uses }) =>
    uses?.includes("claude-code-action")
  );
  const shim = runner.expand(
    action?.with?.path_to_claude_code_executable ?? "",
  );
  // As the action does: the shim's folder comes first.
  const run = `PATH='${shim.replace(/\/claude$/, "")}':"$PATH" '${shim}' -p hi`;
  const asked = await runner.run({ ...action, run });
  assertEquals([asked.code, asked.stdout], [0, "No bugs.\n"], asked.stderr);
});
