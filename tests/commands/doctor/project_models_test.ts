import { assertEquals } from "@std/assert";
import { modelOf } from "../../../lib/commands/doctor/project_models.ts";
import { examine, findings, machine, startGateway } from "./machine.ts";

const agent = (model: string) => `---\nname: a\nmodel: ${model}\n---\nHello`;

async function rows(files: Record<string, string | Error>, flags = {}) {
  await using gateway = startGateway();
  const { checks } = await examine(
    machine(gateway.url, { files, cwd: "/repo/below" }),
    flags,
  );
  return findings(checks);
}

Deno.test("projectModels() names files that ask for a model that is not allowed", async () => {
  const found = await rows({
    "/repo/.git/config": "",
    "/repo/.claude/agents/deep/one.md": agent("claude-opus-9"),
    "/repo/below/.claude/commands/two.md": agent("opus"),
    "/repo/below/.claude/skills/three/SKILL.md": agent("haiku # cheap"),
    "/repo/below/.claude/agents/fine.md": agent("sonnet"),
    "/repo/below/.claude/agents/same.md": agent("inherit"),
    "/repo/below/.claude/agents/odd.md": new Error("Permission denied"),
    "/repo/below/.claude/agents/notes.txt": agent("claude-opus-9"),
    // Not of this project.
    "/.claude/agents/other.md": agent("claude-opus-9"),
  });
  const remedy = '-> change "model" in that file, or remove it; allowed: ' +
    "claude-sonnet-4-6";
  const below = "/repo/below/.claude";
  assertEquals(found, [
    `model warn model "opus" ("model" in ${below}/commands/two.md): provider ` +
    `"main" allows no opus model ${remedy}`,
    `model warn model "haiku" ("model" in ${below}/skills/three/SKILL.md): ` +
    `provider "main" allows no haiku model ${remedy}`,
    'model warn model "claude-opus-9" ("model" in ' +
    "/repo/.claude/agents/deep/one.md) is not in the allow-list of provider " +
    `"main" ${remedy}`,
  ]);
});

Deno.test("projectModels() has nothing to say where every model is allowed", async () => {
  const files = {
    "/repo/below/.claude/agents/one.md": agent("claude-opus-9"),
  };
  assertEquals(await rows(files, { llmprovider: "bedrock" }), []);
});

Deno.test("modelOf() reads front matter as it comes", () => {
  assertEquals(modelOf('\uFEFF---\r\nmodel: "opus"\r\n---\r\n'), "opus");
  assertEquals(modelOf("---\n---\nmodel: opus\n---\n"), undefined);
  assertEquals(modelOf("---\nmodel: opus\n"), undefined);
  assertEquals(modelOf("---\nmodel:\n---\n"), undefined);
  assertEquals(modelOf("---\n  model: opus\n---\n"), undefined);
  assertEquals(modelOf("a\n---\nmodel: opus\n---\n"), undefined);
});
