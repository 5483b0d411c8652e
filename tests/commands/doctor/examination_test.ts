import { assertEquals } from "@std/assert";
import { examine } from "../../../lib/commands/doctor/examination.ts";
import { CliError } from "../../../lib/base/errors.ts";
import { resolveOptions } from "../../../lib/profile/options.ts";
import { fakeSys } from "../../support/fake_sys.ts";

Deno.test("examine() refuses what a launch refuses: passthrough in clear text", async () => {
  const config = "/home/me/.rpai/config";
  const sys = fakeSys({
    env: { HOME: "/home/me" },
    files: {
      [config]: "current_profile: p\nprofiles: {p: {auth_mode: none}}",
    },
    fetch: () =>
      Promise.resolve(Response.json({
        llmProvider: {
          name: "sub",
          type: 2,
          enabled: true,
          anthropicConfig: { authorizationPassthrough: true },
        },
      })),
  });
  const flags = {
    llmprovider: "sub",
    "rpai-endpoint": "http://gw.internal:8080",
  };
  const { route } = examine(flags, resolveOptions(flags, sys), sys);
  const { error } = await route;
  assertEquals(error instanceof CliError && error.code, "usage");
});
