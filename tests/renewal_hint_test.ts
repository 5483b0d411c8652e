import { assertEquals, assertStringIncludes } from "@std/assert";
import { startLoopbackGateway } from "../lib/loopback_gateway/gateway.ts";
import { renewalHint } from "../lib/renewal_hint.ts";
import { SIGN_IN_HINT } from "../lib/token.ts";
import { inParallel } from "./in_parallel.ts";
import { makeWorld } from "./program.ts";
import { fakeRpk, recordingClaude } from "./stand_ins.ts";

Deno.test("renewalHint() is to sign in, for a stored login and for none", () => {
  assertEquals(renewalHint("stored login"), SIGN_IN_HINT);
  assertEquals(renewalHint(undefined), SIGN_IN_HINT);
});

Deno.test("a refused token's hint is one that helps, by where the token came from", async () => {
  await using gateway = startLoopbackGateway({
    accepts: () => false,
    providers: [{ name: "a", type: "anthropic" }],
  });
  const cases = [
    ["rpk", {}, "rpk ai auth login"],
    ["device", {}, "rpk ai auth login"],
    ["rpk", { RPAI_TOKEN: "t" }, "pass a fresh one"],
    ["none", {}, "set another auth_mode"],
  ] as const;
  await inParallel(cases, async ([authMode, env, hint]) => {
    await using world = await makeWorld();
    await fakeRpk(world, "echo rpk-token-1");
    await recordingClaude(world);
    await world.write(
      ".rpai/config",
      `current_profile: p
profiles:
  p: { ai_gateway_url: "${gateway.url}", auth_mode: ${authMode} }
`,
    );
    for (
      const args of [["-L", "a"], ["provider", "list"], [
        "provider",
        "get",
        "a",
      ]]
    ) {
      const { code, stderr } = await world.run(args, { env });
      assertEquals(code, 3, stderr);
      assertStringIncludes(stderr, `\nhint: `);
      assertStringIncludes(stderr.split("\nhint: ")[1], hint);
    }
    const { stdout } = await world.run(["doctor", "-L", "a"], { env });
    assertStringIncludes(stdout, hint);
  });
});
