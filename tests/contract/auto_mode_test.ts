/**
 * Contract with the real Claude Code: interactive sessions start in auto mode,
 * whose check of each tool call is no request for a model that is not allowed.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Mode } from "../../lib/gateway/mode.ts";
import type { RecordedRequest } from "../../lib/loopback/recorded_request.ts";
import { eventually } from "../support/eventually.ts";
import { hasTmux, Terminal } from "../support/terminal.ts";
import { inParallel, launchEnv, LAUNCHER, makeArena } from "./arena.ts";
import { fact } from "./fact.ts";

const textOf = ({ body }: RecordedRequest) => JSON.stringify(body) ?? "";

const isCheck = (request: RecordedRequest) =>
  textOf(request).includes("security monitor");

/** Has the session's agent run a command that is not obviously harmless. */
function callBash(request: RecordedRequest) {
  const text = textOf(request);
  return text.includes('"type":"tool_result"') ||
      !text.includes('"name":"Bash"')
    ? "All done."
    : {
      tool: "Bash",
      input: { command: "curl -s http://127.0.0.1:9/", description: "x" },
    };
}

/** What an interactive session asks the gateway, until its tool call is checked. */
async function checked(
  mode: Mode,
  models: string[],
): Promise<RecordedRequest[]> {
  await using arena = await makeArena({ models }, { reply: callBash });
  const { world, gateway } = arena;
  await world.write(".claude.json", {
    hasCompletedOnboarding: true,
    theme: "dark",
    projects: { [world.project]: { hasTrustDialogAccepted: true } },
  });
  await using terminal = new Terminal(world, launchEnv(mode));
  await terminal.open(world.project);
  const command = [...LAUNCHER, "-s", gateway.url, "-L", mode].join(" ");
  await terminal.type(command, "Enter");
  await terminal.shows("auto mode on");
  await terminal.type("a prompt", "Enter");
  if (mode === "managed") {
    await terminal.shows("Auto mode can't check actions in this session");
  } else {
    await terminal.shows("Auto mode works for now");
    await eventually("the check was answered", async () => {
      const answered = gateway.requests.some((request) =>
        request.status === 200 && isCheck(request)
      );
      // A key that comes too soon after the question counts for nothing.
      if (!answered) await terminal.type("", "Enter");
      return answered ? true : undefined;
    });
  }
  return [...gateway.requests];
}

Deno.test({
  name:
    "auto mode checks a tool call with models that are allowed, in Bedrock mode after one that is not (needs tmux)",
  ignore: !await hasTmux(),
  fn: async () => {
    await inParallel(["managed", "bedrock"] as const, async (mode) => {
      const prefix = mode === "bedrock" ? "us.anthropic." : "";
      const models = ["claude-opus-5-5", "claude-haiku-4-5"]
        .map((id) => prefix + id);
      const requests = await checked(mode, models);
      const answered = requests.filter(({ status, model }) =>
        status === 200 && model !== undefined
      );
      assert(answered.length > 0);
      assertEquals(
        answered.filter(({ model = "" }) => !models.includes(model)),
        [],
      );
      fact(
        `which models auto mode's check asks for (${mode})`,
        mode === "managed"
          ? []
          : ["403 us.anthropic.claude-sonnet-5", `200 ${models[0]}`],
        [
          ...new Set(
            requests.filter(isCheck).map(({ status, model }) =>
              `${status} ${model}`
            ),
          ),
        ],
      );
    });
  },
});
