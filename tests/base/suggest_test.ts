import { assertEquals } from "@std/assert";
import { suggestions } from "../../lib/base/suggest.ts";

const FLAGS = ["--model", "--format", "--token", "--passthrough", "--bedrock"];

Deno.test("suggestions() shows at most one likely slip of the fingers", () => {
  const likely = (word: string) =>
    suggestions({ word, among: FLAGS, show: "likely" });
  assertEquals(likely("--modle"), ["--model"]);
  assertEquals(likely("--formt"), ["--format"]);
  assertEquals(likely("--passthru"), ["--passthrough"]);
  assertEquals(likely("--permission-mode"), []);
  assertEquals(likely("-x"), []);
});

Deno.test("suggestions() shows the three closest in any case", () => {
  const among = [
    "claude-opus-4-1",
    "claude-sonnet-4-5",
    "claude-sonnet-4-6",
    "claude-haiku-4-5",
  ];
  const closest = suggestions({
    word: "claude-sonnet-4-7",
    among,
    show: "closest",
  });
  assertEquals(closest.length, 3);
  assertEquals(closest.slice(0, 2).sort(), [
    "claude-sonnet-4-5",
    "claude-sonnet-4-6",
  ]);
});

Deno.test("suggestions() has nothing to show when nothing exists", () => {
  assertEquals(suggestions({ word: "a", among: [], show: "likely" }), []);
  assertEquals(suggestions({ word: "a", among: [], show: "closest" }), []);
});

Deno.test("suggestions() leaves the candidates in their order", () => {
  const among = ["zz", "model"];
  suggestions({ word: "modle", among, show: "closest" });
  assertEquals(among, ["zz", "model"]);
});
