/**
 * Contract with the real Agent SDK and the real Claude Code: a program that
 * starts its sessions through a shim.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { ToolCall } from "../../lib/loopback/messages.ts";
import type { RecordedRequest } from "../../lib/loopback/recorded_request.ts";
import { eventually } from "../support/eventually.ts";
import {
  assertCredentials,
  assertUntouched,
  inParallel,
  makeArena,
  MODES,
  providerUrl,
  RIVAL,
} from "./arena.ts";
import { fact } from "./fact.ts";
import { askOnce, startChat, writeShim } from "./sdk_session.ts";
import { sessionEnv, SHOW_ENV } from "./session_env.ts";

const STARTED = "tool-started";

/** Answers a prompt by what it asks for. */
function reply({ body }: RecordedRequest): string | ToolCall {
  const messages = body?.messages;
  const content = Array.isArray(messages) ? messages.at(-1)?.content : "";
  // A prompt that comes after one without an answer is the end of the same.
  const last = JSON.stringify(
    Array.isArray(content) ? content.at(-1) : content,
  );
  if (last.includes("break down")) throw new Error("the gateway broke down");
  if (last.includes("use a tool") && !last.includes("tool_result")) {
    const command = `touch "$HOME/${STARTED}"; sleep 60`;
    return { tool: "Bash", input: { command } };
  }
  return last.includes("again") ? "Again." : "Hello.";
}

for (const mode of MODES) {
  Deno.test(`${mode}: the SDK's session goes through the gateway, with its settings, environment and permissions, after an interruption and an error`, async () => {
    await inParallel(["--no-relay", "--relay"], async (flag) => {
      await using arena = await makeArena({}, { reply });
      const { world, gateway, rival } = arena;
      const relay = flag === "--relay";
      const shim = await writeShim(arena, mode, flag);
      const elsewhere = {
        ANTHROPIC_BASE_URL: providerUrl(rival, "rival"),
        ANTHROPIC_BEDROCK_BASE_URL: providerUrl(rival, "rival"),
        ANTHROPIC_API_KEY: RIVAL,
      };
      const asked: string[] = [];
      const chat = startChat(arena, shim, mode, {
        env: {
          ...elsewhere,
          OF_THE_PROGRAM: "env",
          CLAUDE_CODE_MAX_RETRIES: "0",
        },
        settings: {
          ...SHOW_ENV,
          env: { ...elsewhere, OF_ITS_SETTINGS: "settings" },
        },
        permissionMode: "default",
        canUseTool: (tool: string, input: unknown) => {
          asked.push(tool);
          return Promise.resolve({ behavior: "allow", updatedInput: input });
        },
      });
      const answer = async (prompt: string) => {
        const { is_error, result } = await chat.say(prompt);
        return { is_error, result };
      };
      const hello = { is_error: false, result: "Hello." };
      const again = { is_error: false, result: "Again." };
      assertEquals(await answer("hi"), hello, flag);
      assertEquals(await answer("hi again"), again, flag);

      const interrupted = chat.say("use a tool");
      await eventually(
        "the tool runs",
        () => Deno.stat(`${world.home}/${STARTED}`).catch(() => undefined),
      );
      await chat.query.interrupt();
      assertEquals((await interrupted).subtype, "error_during_execution", flag);
      assertEquals(asked, ["Bash"], flag);

      const failed = await chat.say("break down");
      assertEquals(failed.is_error, true, flag);
      assertStringIncludes(failed.result ?? "", "500", flag);
      assertEquals(await answer("hi"), hello, flag);
      if (relay && mode === "managed") {
        // There is no way out of the relay's socket.
        await chat.query.applyFlagSettings({ env: elsewhere });
        assertEquals(await answer("hi again"), again, flag);
      }
      await chat.end();

      const env = await sessionEnv(world);
      assertEquals(
        [env.get("OF_THE_PROGRAM"), env.get("OF_ITS_SETTINGS")],
        ["env", "settings"],
        flag,
      );
      const calls = gateway.requests.filter(({ kind }) =>
        kind === "messages" || kind === "bedrock"
      );
      assert(calls.length >= 4, flag);
      assertCredentials(mode, calls, relay ? "relay" : "helper");
      assertUntouched(arena);
    });
  });
}

Deno.test("the SDK asks one prompt, with a settings file; a launch that cannot be made tells it why", async () => {
  await using arena = await makeArena({ models: ["claude-sonnet-4-6"] });
  const { world, gateway } = arena;
  const shim = await writeShim(arena, "managed");
  const settings = await world.write("settings.json", {
    ...SHOW_ENV,
    env: { OF_THE_FILE: "file" },
  });
  const messages = await askOnce(arena, shim, "managed", { settings });
  const last = messages.at(-1);
  assertEquals(
    [last?.type, last?.result],
    ["result", "Hello from the embedded gateway (managed)."],
  );
  assertEquals((await sessionEnv(world)).get("OF_THE_FILE"), "file");

  const before = gateway.requests.length;
  const refused = await assertRejects(
    () => askOnce(arena, shim, "managed", { model: "claude-opus-5-5" }),
    Error,
    "exited with code 2",
  );
  assertStringIncludes(refused.message, 'error: model "claude-opus-5-5"');
  assertEquals(
    gateway.requests.slice(before).filter(({ kind }) => kind === "messages"),
    [],
  );

  const unsupported = await askOnce(arena, shim, "managed", {
    settings: { env: {} },
    settingsDelivery: "initialize",
  }).catch((error: Error) => error);
  assert(unsupported instanceof Error);
  fact(
    "settings are taken from the command line or from the program, not both",
    true,
    unsupported.message.includes(
      "--initialize-fields=settings cannot be used with --settings",
    ),
  );
});
